/// How a fault that may pass is tried again: the pause before the second attempt is `interval`, each further one `factor` times as long,
/// at most `cap`, and all are lengthened by a random share of at most `jitter` so that workers don't try in step. Pure.
package struct RetryPolicy: Sendable, Equatable {
  package let interval: Duration
  package let factor: Double
  package let cap: Duration
  /// 0 to 1.
  package let jitter: Double
  /// The first one included.
  package let maxAttempts: Int

  /// One attempt.
  static let none = RetryPolicy(interval: .zero, factor: 1, cap: .zero, jitter: 0, maxAttempts: 1)

  /// The pause behind an attempt, counted from 1.
  /// - Parameter chance: 0 to 1.
  func pause(after attempt: Int, chance: Double) -> Duration {
    var seconds = interval.seconds
    for _ in 1..<max(1, attempt) { seconds = min(seconds * factor, cap.seconds) }
    return .nanoseconds(Int64((min(seconds, cap.seconds) * (1 + jitter * chance) * 1e9).rounded()))
  }

  /// The longest that all pauses together can take.
  var longest: Duration { (1..<max(1, maxAttempts)).reduce(.zero) { $0 + pause(after: $1, chance: 1) } }
}
