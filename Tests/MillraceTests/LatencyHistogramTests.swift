import Testing

@testable import Millrace

/// What a histogram remembers of the values it was given.
@Suite struct LatencyHistogramTests {
  private let histogram = LatencyHistogram()

  @Test func anEmptyOneSaysZero() {
    let snapshot = histogram.snapshot()
    #expect(snapshot.count == 0)
    #expect(snapshot.percentile(0.5) == 0)
    #expect(snapshot.percentile(1) == 0)
    #expect(snapshot.maxMicroseconds == 0)
  }

  @Test func everyValueFallsIntoABucketAtMostOneThirtySecondWide() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<20_000 {
      let value = Int64.random(in: 0..<(1 << Int64.random(in: 1...36, using: &random)), using: &random)
      let bound = LatencyHistogram.upperBound(of: LatencyHistogram.bucket(of: value))
      #expect(bound >= value && (bound - value) * 32 <= value, "\(value) counts as \(bound)")
    }
  }

  @Test func bucketsFollowEachOtherWithoutHoles() {
    for bucket in 0..<(LatencyHistogram.bucketCount - 1) {
      let bound = LatencyHistogram.upperBound(of: bucket)
      #expect(LatencyHistogram.bucket(of: bound) == bucket)
      #expect(LatencyHistogram.bucket(of: bound + 1) == bucket + 1)
    }
  }

  @Test(arguments: UInt64(1)...5)
  func aPercentileIsAtMostOneThirtySecondTooHigh(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let values = (0..<2000).map { _ in Int64.random(in: 0..<(1 << Int64.random(in: 1...34, using: &random)), using: &random) }
    for value in values { histogram.record(microseconds: value) }
    let sorted = values.sorted()
    let snapshot = histogram.snapshot()
    for share in [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
      let exact = sorted[max(1, Int((2000 * share).rounded(.up))) - 1]
      let read = snapshot.percentile(share)
      #expect(read >= exact && (read - exact) * 32 <= exact, "seed \(seed), share \(share): \(read) for \(exact)")
    }
    #expect(snapshot.percentile(1) == sorted.last)
    #expect(snapshot.sumMicroseconds == values.reduce(0, +))
  }

  @Test func aNegativeValueCountsAsZero() {
    histogram.record(microseconds: -5)
    histogram.record(microseconds: .min)
    let snapshot = histogram.snapshot()
    #expect(snapshot.count == 2)
    #expect(snapshot.percentile(1) == 0)
    #expect(snapshot.sumMicroseconds == 0)
  }

  @Test func valuesBeyondTheRangeAreCountedAndNeverOverflowTheSum() {
    for _ in 0..<10_000 { histogram.record(microseconds: .max) }
    let snapshot = histogram.snapshot()
    #expect(snapshot.count == 10_000)
    #expect(snapshot.maxMicroseconds == .max)
    #expect(snapshot.sumMicroseconds == 10_000 * LatencyHistogram.longest)
    #expect(snapshot.percentile(0.5) == LatencyHistogram.longest)
  }

  @Test func aCountStandsForThatManyRecords() {
    histogram.record(microseconds: 10, count: 99)
    histogram.record(microseconds: 1000)
    let snapshot = histogram.snapshot()
    #expect(snapshot.count == 100)
    #expect(snapshot.sumMicroseconds == 1990)
    #expect(snapshot.percentile(0.99) == 10)
    #expect(snapshot.percentile(0.991) == 1000)
  }

  @Test func countsUpToALimitAreOfValuesWithinIt() {
    for value in [5, 10, 63, 64, 5000] as [Int64] { histogram.record(microseconds: value) }
    let snapshot = histogram.snapshot()
    #expect(snapshot.count(upTo: 4) == 0)
    #expect(snapshot.count(upTo: 5) == 1)
    #expect(snapshot.count(upTo: 63) == 3)
    #expect(snapshot.count(upTo: 100) == 4)
    #expect(snapshot.count(upTo: .max) == 5)
  }

  @Test func snapshotsOfSeveralWorkersAddUp() {
    let other = LatencyHistogram()
    histogram.record(microseconds: 10)
    other.record(microseconds: 30, count: 3)
    var sum = LatencySnapshot()
    sum.add(histogram.snapshot())
    sum.add(other.snapshot())
    #expect(sum.count == 4)
    #expect(sum.sumMicroseconds == 100)
    #expect(sum.maxMicroseconds == 30)
    #expect(sum.percentile(0.25) == 10)
    #expect(sum.percentile(0.26) == 30)
  }

  @Test func sinceLeavesOutWhatWasThereBefore() {
    histogram.record(microseconds: 10, count: 50)
    let earlier = histogram.snapshot()
    histogram.record(microseconds: 20)
    let since = histogram.snapshot().since(earlier)
    #expect(since.count == 1)
    #expect(since.sumMicroseconds == 20)
    #expect(since.percentile(0.01) == 20)
    #expect(earlier.since(earlier).percentile(0.5) == 0)
  }

  @Test func sinceForgetsALargestValueThatWasThereBefore() {
    let histogram = LatencyHistogram()
    histogram.record(microseconds: 5_000_000)
    let earlier = histogram.snapshot()
    histogram.record(microseconds: 20)
    #expect(histogram.snapshot().since(earlier).maxMicroseconds == 20)
    histogram.record(microseconds: 6_000_000)
    #expect(histogram.snapshot().since(earlier).maxMicroseconds == 6_000_000)
    #expect(earlier.since(earlier).maxMicroseconds == 0)
  }
}
