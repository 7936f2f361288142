extension Configuration {
  /// The section `breaker` of a lane: when its model counts as down, and what becomes of its records meanwhile.
  package struct Breaker: Sendable {
    package enum Policy: String, CaseIterable, Sendable {
      case fallback, pause
      case deadLetter = "dead_letter"
    }

    package internal(set) var failureThreshold = Located(5)
    package internal(set) var openFor = Located(Duration.seconds(10))
    /// What the file says becomes of records while the circuit is open; nil: see `Lane.whenOpen`.
    package internal(set) var onOpen: Located<Policy>?

    init() {}
  }
}

extension Configuration.Lane {
  /// What becomes of records while the circuit is open.
  package var whenOpen: Configuration.Breaker.Policy { breaker.onOpen?.value ?? (fallback == nil ? .pause : .fallback) }
}

extension Configuration {
  /// How long the pauses of one batch's retries may be together: a member that does not poll for `max.poll.interval.ms` is put out of its
  /// group.
  func patience(of lane: Lane) -> Duration { .milliseconds(maxPollIntervalMs(of: lane) / 2) }

  /// The lane's `max.poll.interval.ms`; librdkafka's default is five minutes.
  func maxPollIntervalMs(of lane: Lane) -> Int64 { kafkaSettings(of: lane)["max.poll.interval.ms"].flatMap { Int64($0) } ?? 300_000 }
}

extension Configuration.Breaker {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "lanes.NAME.breaker",
    summary: """
      When the lane stops trying its model. Attempts that fail for a fault that may pass are counted, each retry too; one that succeeds \
      begins the count anew, and rows that the model rejects don't count. After `open_for` the next batch is tried once: if that succeeds, \
      the lane goes on as before. Each worker has a breaker of its own.
      """,
    example: """
      lanes:
        bulk: {model: fraud, breaker: {failure_threshold: 5, open_for: 10s, on_open: pause}}
      """,
    make: { Self() },
    keys: [
      .defaulted(
        "failure_threshold", \.failureThreshold, .integer(1...1_000), example: "5",
        "Failed attempts in a row that open the circuit, and end a batch's retries. At more than `retry.max_attempts` no one batch can."),
      .defaulted(
        "open_for", \.openFor, .duration(.milliseconds(10) ... .seconds(3600)), example: "10s",
        "How long the model is left alone before it is tried again."),
      .optional(
        "on_open", \.onOpen, .choice, without: "`fallback` where the lane has one, otherwise `pause`", example: "dead_letter",
        "What becomes of records meanwhile. `fallback`: the lane's `fallback` answers, also where a batch's attempts are used up before "
          + "the circuit opens. `pause`: they wait, and the lag grows. `dead_letter`: they are dead letters of stage `score`."),
    ])
}
