import Synchronization

/// Counts durations in buckets whose width grows with the value: 32 to each power of two, so that a percentile read from it
/// is at most 3% too high. The layout is the one HdrHistogram describes.
///
/// One thread records; any thread may read at any time and sees a recent state. Values are in microseconds.
package final class LatencyHistogram: Sendable {
  static let subBucketBits = 5
  /// 2^36 µs is 19 hours; what is longer counts as that.
  static let maxExponent = 36
  static let longest: Int64 = (1 << maxExponent) - 1
  static let bucketCount = (maxExponent - subBucketBits + 1) << subBucketBits

  private let counts: Slots
  private let maximum = Atomic<Int64>(0)
  private let total = Atomic<Int64>(0)

  package init() { counts = Slots(count: Self.bucketCount) }

  /// Only from the one thread that owns the histogram.
  package func record(microseconds: Int64, count: Int64 = 1) {
    let value = max(0, microseconds)
    counts.add(count, at: Self.bucket(of: value))
    // A record stamped 1970 is 50 years late: a few thousand of them would overflow the sum.
    let limited = min(value, Self.longest)
    total.store(total.load(ordering: .relaxed) &+ limited &* count, ordering: .relaxed)
    if value > maximum.load(ordering: .relaxed) { maximum.store(value, ordering: .relaxed) }
  }

  package func snapshot() -> LatencySnapshot {
    var copy = [Int64](repeating: 0, count: Self.bucketCount)
    for index in copy.indices { copy[index] = counts.load(index) }
    return LatencySnapshot(
      counts: copy, sumMicroseconds: total.load(ordering: .relaxed), maxMicroseconds: maximum.load(ordering: .relaxed))
  }

  static func bucket(of value: Int64) -> Int {
    let limited = min(value, longest)
    let exponent = max(0, 63 - (limited | 1).leadingZeroBitCount - subBucketBits)
    return (exponent << subBucketBits) + Int(limited >> Int64(exponent))
  }

  /// The largest value that counts in this bucket.
  static func upperBound(of bucket: Int) -> Int64 {
    if bucket < 2 << subBucketBits { return Int64(bucket) }
    let exponent = (bucket >> subBucketBits) - 1
    let mantissa = (bucket & ((1 << subBucketBits) - 1)) + (1 << subBucketBits)
    return (Int64(mantissa + 1) << Int64(exponent)) - 1
  }
}

/// What a histogram held at one moment. Snapshots of several workers add up.
public struct LatencySnapshot: Sendable {
  package private(set) var counts: [Int64]
  /// The sum of what was recorded, in microseconds.
  public private(set) var sumMicroseconds: Int64
  /// The longest time that was recorded, in microseconds.
  public private(set) var maxMicroseconds: Int64

  package init() { self.init(counts: [Int64](repeating: 0, count: LatencyHistogram.bucketCount), sumMicroseconds: 0, maxMicroseconds: 0) }

  init(counts: [Int64], sumMicroseconds: Int64, maxMicroseconds: Int64) {
    self.counts = counts
    self.sumMicroseconds = sumMicroseconds
    self.maxMicroseconds = maxMicroseconds
  }

  /// How many times were recorded.
  public var count: Int64 { counts.reduce(0, +) }

  /// The smallest value that at least this share of the records did not exceed, in microseconds; 0 where nothing was recorded.
  public func percentile(_ share: Double) -> Int64 {
    let count = count
    guard count > 0 else { return 0 }
    let rank = max(1, Int64((Double(count) * share).rounded(.up)))
    var seen: Int64 = 0
    for (bucket, bucketCount) in counts.enumerated() {
      seen += bucketCount
      if seen >= rank { return min(LatencyHistogram.upperBound(of: bucket), maxMicroseconds) }
    }
    return maxMicroseconds
  }

  /// How many records took at most each of these times, which ascend, and how many there are in all.
  package func counts(upTo bounds: [Int64]) -> [Int64] {
    var result: [Int64] = []
    var (bucket, seen): (Int, Int64) = (0, 0)
    for bound in bounds {
      while bucket < counts.count, LatencyHistogram.upperBound(of: bucket) <= bound {
        seen += counts[bucket]
        bucket += 1
      }
      result.append(seen)
    }
    return result + [counts[bucket...].reduce(seen, +)]
  }

  /// How many records took at most this long.
  public func count(upTo microseconds: Int64) -> Int64 {
    var seen: Int64 = 0
    for (bucket, bucketCount) in counts.enumerated() where LatencyHistogram.upperBound(of: bucket) <= microseconds { seen += bucketCount }
    return seen
  }

  package mutating func add(_ other: LatencySnapshot) {
    for index in counts.indices { counts[index] += other.counts[index] }
    sumMicroseconds += other.sumMicroseconds
    maxMicroseconds = max(maxMicroseconds, other.maxMicroseconds)
  }

  /// What was recorded since an earlier snapshot of the same histogram. Where the largest value is an earlier one, the bucket of the
  /// largest since then stands for it.
  package func since(_ earlier: LatencySnapshot) -> LatencySnapshot {
    var result = self
    for index in counts.indices { result.counts[index] -= earlier.counts[index] }
    result.sumMicroseconds -= earlier.sumMicroseconds
    let largest = result.counts.lastIndex { $0 > 0 }.map(LatencyHistogram.upperBound) ?? 0
    if LatencyHistogram.bucket(of: maxMicroseconds) > LatencyHistogram.bucket(of: largest) { result.maxMicroseconds = largest }
    return result
  }
}

/// A fixed array of counters with one writer and any number of readers.
///
/// @unchecked: the memory is written through relaxed atomics only, and freed with its one owner.
final class Slots: @unchecked Sendable {
  private let slots: UnsafeMutableBufferPointer<Atomic<Int64>>

  init(count: Int) {
    slots = .allocate(capacity: count)
    for index in 0..<count { (slots.baseAddress! + index).initialize(to: Atomic(0)) }
  }

  deinit {
    slots.baseAddress?.deinitialize(count: slots.count)
    slots.deallocate()
  }

  func load(_ index: Int) -> Int64 { slots[index].load(ordering: .relaxed) }

  /// Only from the one writer's thread: a plain load and store is enough, and cheaper than a locked addition.
  func add(_ amount: Int64, at index: Int) {
    slots[index].store(slots[index].load(ordering: .relaxed) &+ amount, ordering: .relaxed)
  }
}
