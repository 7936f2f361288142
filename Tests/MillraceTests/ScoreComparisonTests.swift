import Foundation
import Testing

@testable import Millrace

@Suite struct ScoreComparisonTests {
  private static let count = 5000

  /// The scores that numpy and scipy were given for the figures below.
  private func pair(_ index: Int) -> (a: Double, b: Double, label: Bool) {
    let a = Double(index * 37 % 1000) / 1000
    return (a, min(1, a * a + Double(index % 13) / 100), Double(index * 7919 % 100) < a * 100)
  }

  private func comparison(_ indices: some Sequence<Int>) -> ScoreComparison {
    var comparison = ScoreComparison(threshold: 0.5, bins: 65_536)
    for index in indices {
      let (a, b, label) = pair(index)
      comparison.add(a, b, label: label)
    }
    return comparison
  }

  private func near(_ value: Double?, _ expected: Double, within tolerance: Double = 1e-9) -> Bool {
    value.map { abs($0 - expected) <= tolerance } ?? false
  }

  @Test func itsFiguresAreThoseOfNumpyAndScipy() {
    let all = comparison(0..<Self.count)
    #expect(all.count == 5000 && all.agreements == 4185 && all.flipsUp == 0 && all.flipsDown == 815)
    #expect(all.labelled == 5000 && all.positives == 2520)
    #expect(near(all.ksDistance, 0.19, within: 5e-4))
    #expect(near(all.psi, 0.185556, within: 1e-3))
    #expect(near(all.areaA, 0.833029313876, within: 1e-5))
    #expect(near(all.areaB, 0.825405465950, within: 1e-5))
    #expect(near(all.decisionsA.precision, 0.754) && near(all.decisionsA.recall, 0.748015873015873))
    #expect(near(all.decisionsB.precision, 0.8350148367952522) && near(all.decisionsB.recall, 0.5583333333333333))
    #expect(near(all.meanDifference, -0.107866291) && near(all.meanDistance, 0.1160452434))
    #expect(near(all.largestDifference, -0.249996))
    #expect(near(all.meanA, 0.4995) && near(all.meanB, 0.391633709))
  }

  @Test func theSumOfPartsIsTheWhole() {
    let all = comparison(0..<Self.count)
    var parts = comparison(stride(from: 0, to: Self.count, by: 2))
    parts.merge(comparison(stride(from: 1, to: Self.count, by: 2)))
    #expect(parts.count == all.count && parts.flipsDown == all.flipsDown && parts.equal == all.equal)
    #expect(parts.scores.series == all.scores.series)
    #expect(parts.psi == all.psi && parts.areaB == all.areaB)
  }

  @Test func modelsThatAgreeDifferInNothing() {
    var same = ScoreComparison(threshold: 0.5, bins: 1024)
    for index in 0..<100 { same.add(Double(index) / 100, Double(index) / 100, label: nil) }
    #expect(same.agreement == 1 && same.equal == 100)
    #expect(same.psi == 0 && same.ksDistance == 0 && same.meanDifference == 0)
    #expect(same.areaA == nil && same.decisionsA.precision == nil && same.labelled == 0)
  }

  @Test func aScoreAtTheThresholdIsPositive() {
    var one = ScoreComparison(threshold: 0.5, bins: 1024)
    let (flips, stays) = (one.add(0.4999999, 0.5, label: nil), one.add(0.5, 0.5, label: nil))
    #expect(flips && !stays)
    #expect(one.flipsUp == 1)
  }

  @Test func nothingComparedIsNoFault() {
    let none = ScoreComparison(threshold: 0.5, bins: 1024)
    #expect(none.agreement == 1 && none.psi == 0 && none.ksDistance == 0 && none.meanA == 0 && none.areaA == nil)
  }

  @Test func onlyOneScoreMakesOneBucketAndAnythingElseAnotherPopulation() {
    // All of the first model's scores are equal; half of the second's have moved.
    var moved = ScoreComparison(threshold: 0.5, bins: 1024)
    for index in 0..<100 { moved.add(0.2, index < 50 ? 0.2 : 0.9, label: nil) }
    // (0.5 - 1) ln(0.5 / 1) + (0.5 - 0.0001) ln(0.5 / 0.0001)
    #expect(near(moved.psi, 0.5 * log(2.0) + 0.4999 * log(5000), within: 1e-9))
    #expect(moved.ksDistance == 0.5)
  }

  @Test func tallyKeepsAThousandFlipsAndAHundredSegments() {
    func tally(_ range: Range<Int>) -> ComparisonTally {
      var tally = ComparisonTally(threshold: 0.5)
      for index in range {
        tally.add(0, 1, label: nil, segment: "s\(index % 150)") {
          ComparisonTally.Flip(topic: "t", partition: 0, offset: Int64(index), id: "", segment: nil, a: 0, b: 1)
        }
      }
      return tally
    }
    var sum = tally(5000..<7000)
    sum.merge(tally(0..<2000))
    #expect(sum.flips.count == 1000)
    #expect(sum.flips.map(\.offset) == Array(0..<1000))
    #expect(sum.segments.count <= 101)
    #expect(sum.segments.values.reduce(0) { $0 + $1.count } == 4000)
    #expect(sum.all.flipsUp == 4000)
  }
}

@Suite struct ScoreGridTests {
  @Test func theGridGrowsUntilItHoldsANumber() {
    var histogram = ScoreGrid(bins: 8, series: 1)
    histogram.add(1, to: 0)
    #expect(histogram.reach == 1 && histogram.series[0] == [0, 0, 0, 0, 0, 0, 0, 1])
    histogram.add(3.5, to: 0)
    #expect(histogram.reach == 4 && !histogram.isSigned)
    #expect(histogram.series[0] == [0, 1, 0, 0, 0, 0, 0, 1])
    histogram.add(-0.5, to: 0)
    #expect(histogram.isSigned && histogram.lower == -4)
    #expect(histogram.series[0] == [0, 0, 0, 1, 1, 0, 0, 1])
    histogram.add(-7, to: 0)
    #expect(histogram.reach == 8)
    #expect(histogram.series[0] == [1, 0, 0, 1, 1, 1, 0, 0])
  }

  @Test func gridsOfTwoThreadsAreBroughtTogether() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<50 {
      let scales: [Double] = [0.5, 3, 100, 1e9]
      let scale = scales.randomElement(using: &random) ?? 1
      let values = (0..<200).map { _ in Double.random(in: -scale...scale, using: &random) }
      let positive = values.map(abs)
      var (whole, first, second) = (
        ScoreGrid(bins: 64, series: 1), ScoreGrid(bins: 64, series: 1), ScoreGrid(bins: 64, series: 1)
      )
      for value in positive { first.add(value, to: 0) }
      for value in values { second.add(value, to: 0) }
      for value in positive + values { whole.add(value, to: 0) }
      first.merge(second)
      #expect(first.count(0) == 400 && whole.count(0) == 400)
      #expect(first.reach == whole.reach && first.isSigned == whole.isSigned)
    }
  }

  @Test func hugeNumbersEnd() {
    var histogram = ScoreGrid(bins: 64, series: 1)
    histogram.add(1e300, to: 0)
    histogram.add(-.greatestFiniteMagnitude, to: 0)
    #expect(histogram.count(0) == 2)
  }

  @Test func barsOfDifferencesHaveZeroInTheMiddle() {
    var histogram = ScoreGrid(bins: 4096, series: 1)
    for value in [-0.5, 0.0, 0.2] { histogram.add(value, to: 0) }
    let bars = histogram.bars([0], count: 64, isCentred: true)
    #expect(bars.from == -bars.to && bars.from <= -0.5)
    #expect(bars.counts[0].reduce(0, +) == 3)
  }

  @Test func membersAreTakenApart() {
    let text = #""id":"a\"b,c","by":{"x":[1,","]},"label":true"#
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { buffer in
      var members = MemberTexts(buffer)
      let texts = (0..<4).map { _ in members.next()?.text }
      #expect(texts == [#"a\"b,c"#, #"{"x":[1,","]}"#, "true", nil])
    }
    for broken in ["", "\"", "\"a\":", "\"a\":\"\\"] {
      Array(broken.utf8).withUnsafeBytes { buffer in
        var members = MemberTexts(buffer)
        _ = members.next()
        _ = members.next()
      }
    }
  }
}
