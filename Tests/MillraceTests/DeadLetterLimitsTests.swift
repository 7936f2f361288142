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

  @Test func aShareIsOneOfAThousandRecords() {
    var limits = DeadLetterLimits(maxConsecutive: nil, maxRatio: 0.01)
    var stops = 0
    for record in 0..<5_000 {
      limits.took()
      if record % 100 == 0, limits.failed(.decode) != nil { stops += 1 }
    }
    #expect(stops == 0)
    for _ in 0..<11 {
      limits.took()
      if limits.failed(.decode) != nil { stops += 1 }
    }
    #expect(stops == 1)
  }

  @Test func withoutLimitsNothingStops() {
    var limits = DeadLetterLimits(maxConsecutive: nil, maxRatio: nil)
    #expect(!limits.isOn)
    for _ in 0..<10_000 {
      limits.took()
      #expect(limits.failed(.score) == nil)
    }
  }
}
