extension Configuration {
  /// The section `retry` of a lane: how a model's fault that may pass is tried again.
  package struct Retry: Sendable {
    package internal(set) var interval = Located(Duration.milliseconds(100))
    package internal(set) var factor = Located(2.0)
    package internal(set) var cap = Located(Duration.seconds(5))
    package internal(set) var jitter = Located(0.2)
    package internal(set) var maxAttempts = Located(3)

    init() {}

    package var policy: RetryPolicy {
      RetryPolicy(interval: interval.value, factor: factor.value, cap: cap.value, jitter: jitter.value, maxAttempts: maxAttempts.value)
    }
  }
}

extension Configuration.Retry {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "lanes.NAME.retry",
    summary: """
      How a fault of the model that may pass, such as memory that ran out, is tried again. Meanwhile the worker waits. A fault that would \
      come again is not retried: the batch is halved until the bad rows stand alone.
      """,
    example: """
      lanes:
        bulk: {model: fraud, retry: {interval: 100ms, max_attempts: 3}}
      """,
    make: { Self() },
    keys: [
      .defaulted(
        "interval", \.interval, .duration(.milliseconds(1) ... .seconds(60)), example: "100ms", "The pause before the second attempt."),
      .defaulted("factor", \.factor, .number(1...10), example: "2", "Each further pause is so many times the one before."),
      .defaulted("cap", \.cap, .duration(.milliseconds(1) ... .seconds(60)), example: "5s", "No pause is longer, jitter aside."),
      .defaulted("jitter", \.jitter, .number(0...1), example: "0.2", "A pause is longer by a random share of itself, at most this one."),
      .defaulted(
        "max_attempts", \.maxAttempts, .integer(1...20), example: "3",
        "Attempts in all. When the last has failed, the rows are dead letters with the reason, or the lane's `fallback` answers. All "
          + "pauses of a batch together take at most half of `max.poll.interval.ms`, and a worker that is told to stop ends them."),
    ])
}
