#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A reading of the machine's monotonic clock, in nanoseconds. Only differences mean anything.
///
/// The pure parts take the time as a parameter, so that a test can move it by hand.
package struct MonotonicTime: Comparable, Hashable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static var now: MonotonicTime { MonotonicTime(nanoseconds: read(CLOCK_MONOTONIC)) }

  /// The processor time that the calling thread has used: what other programs take of the machine doesn't count.
  static var ofThread: MonotonicTime { MonotonicTime(nanoseconds: read(CLOCK_THREAD_CPUTIME_ID)) }

  package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
  /// A time that comes so much later. Saturates: no delay, however long, is an overflow.
  package static func + (time: Self, duration: Duration) -> Self {
    let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.nanoseconds)
    return Self(nanoseconds: overflow ? (duration < .zero ? .min : .max) : sum)
  }
  package static func - (a: Self, b: Self) -> Duration { .nanoseconds(a.nanoseconds - b.nanoseconds) }

  /// The present time in milliseconds since 1970, the unit of Kafka's record timestamps.
  package static var wallClockMs: Int64 { read(CLOCK_REALTIME) / 1_000_000 }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

extension Duration {
  /// Whole nanoseconds; saturates beyond 292 years.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, sumOverflow) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflow || sumOverflow ? (seconds < 0 ? .min : .max) : sum
  }

  /// Whole milliseconds, rounded up, so that a wait for them is never too short.
  var millisecondsRoundedUp: Int64 {
    let nanoseconds = nanoseconds
    return nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 > 0 ? 1 : 0)
  }

  var seconds: Double { Double(nanoseconds) / 1e9 }
}
