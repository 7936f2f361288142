import Testing

@testable import Millrace

@Suite struct ScoreHistogramTests {
  @Test(arguments: [
    (-0.1, 0), (0, 0), (0.0001, 1), (0.05, 1), (0.0501, 2), (0.15, 3), (0.3, 6), (0.7, 14), (0.95, 19), (0.999, 20), (1, 20), (1.0001, 21),
    (.infinity, 21), (-.infinity, 0), (1e300, 21),
  ])
  func aScoreCountsInItsBin(_ score: Double, _ bin: Int) {
    #expect(ScoreHistogram.bin(of: score) == bin)
    let histogram = ScoreHistogram()
    histogram.record(score)
    #expect(histogram.snapshot().counts.firstIndex(of: 1) == bin)
  }

  /// As `le` has it: a bin holds what is at most its bound and above the one before.
  @Test func everyScoreIsWithinTheBoundsOfItsBin() {
    for step in 0...10_000 {
      let score = Double(step) / 10_000
      let bin = ScoreHistogram.bin(of: score)
      #expect(score <= ScoreHistogram.bounds[bin])
      #expect(bin == 0 || score > ScoreHistogram.bounds[bin - 1])
    }
  }

  @Test func noNumberIsNoScore() {
    let histogram = ScoreHistogram()
    histogram.record(.nan)
    #expect(histogram.snapshot().counts.allSatisfy { $0 == 0 })
    #expect(histogram.snapshot().sum == 0)
  }
}
