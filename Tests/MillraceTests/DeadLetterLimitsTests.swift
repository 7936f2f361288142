import Testing

@testable import Millrace

@Suite struct DeadLetterLimitsTests {
  @Test func onlyDeadLettersInARowCount() {
    var limits = DeadLetterLimits(maxConsecutive: 3, maxRatio: nil)
    #expect(limits.failed(.decode) == nil)
    #expect(limits.failed(.decode) == nil)
    limits.passed(.decode)
    #expect(limits.failed(.decode) == nil)
    #expect(limits.failed(.decode) == nil)
    #expect(limits.failed(.decode) == "3 records in a row became dead letters (max_consecutive)")
  }

  @Test func stagesAreCountedApart() {
    var limits = DeadLetterLimits(maxConsecutive: 2, maxRatio: nil)
    #expect(limits.failed(.score) == nil)
    limits.passed(.decode)
    #expect(limits.failed(.decode) == nil)
    #expect(limits.failed(.score) != nil)
  }

  @Test func aShareIsThatOfTheLastThousandRecords() {
    var limits = DeadLetterLimits(maxConsecutive: nil, maxRatio: 0.011)
    var stops = 0
    for record in 0..<5_000 {
      if record % 100 == 0 {
        if limits.failed(.decode) != nil { stops += 1 }
      } else {
        limits.passed(.score)
      }
    }
    #expect(stops == 0)
    #expect(limits.failed(.score) == nil)
    #expect(limits.failed(.score) == "11 of the last 1000 records became dead letters (max_ratio 0.011)")
  }

  @Test func aShareOfAllIsReachedWhenAllAreDeadLetters() {
    var limits = DeadLetterLimits(maxConsecutive: nil, maxRatio: 1)
    limits.passed(.score)
    #expect((0..<999).allSatisfy { _ in limits.failed(.score) == nil })
    #expect(limits.failed(.score) == "1000 of the last 1000 records became dead letters (max_ratio 1.0)")
  }

  @Test func aBurstAcrossTwoWindowsCounts() {
    var limits = DeadLetterLimits(maxConsecutive: nil, maxRatio: 0.5)
    for _ in 0..<750 { limits.passed(.score) }
    #expect((0..<499).allSatisfy { _ in limits.failed(.score) == nil })
    #expect(limits.failed(.score) != nil)
  }

  @Test(arguments: UInt64(1)...20) func theRingIsTheLastThousand(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let ratio = Double.random(in: 0.01...0.3, using: &random)
    var limits = DeadLetterLimits(maxConsecutive: nil, maxRatio: ratio)
    var outcomes: [Bool] = []
    for _ in 0..<4_000 {
      let fails = Double.random(in: 0...1, using: &random) < ratio
      outcomes.append(fails)
      if !fails {
        limits.passed(.score)
        continue
      }
      let expected = Double(outcomes.suffix(1_000).count { $0 }) >= ratio * 1_000
      #expect((limits.failed(.score) != nil) == expected, "seed \(seed)")
    }
  }

  @Test func withoutLimitsNothingStops() {
    var limits = DeadLetterLimits(maxConsecutive: nil, maxRatio: nil)
    #expect(!limits.isOn)
    for _ in 0..<10_000 {
      #expect(limits.failed(.score) == nil)
    }
  }
}
