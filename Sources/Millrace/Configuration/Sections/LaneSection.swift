extension Configuration {
  /// The section of one lane: a consumer group of its own, its workers, and how they batch.
  package struct Lane: Sendable {
    package enum InvalidPredictionPolicy: String, CaseIterable, Sendable {
      case deadLetter = "dead_letter"
      case publish
    }

    package enum Batching: String, CaseIterable, Sendable {
      case learned, full
    }

    package enum DeadlinePolicy: String, CaseIterable, Sendable {
      case score, fallback
      case deadLetter = "dead_letter"
    }

    package enum Delivery: String, CaseIterable, Sendable {
      case atLeastOnce = "at_least_once"
      case exactlyOnce = "exactly_once"
    }

    package internal(set) var name = Located("")
    package internal(set) var model = Located("")
    /// The topics that the lane reads; nil: the file's.
    package internal(set) var topics: [Located<String>]?
    package internal(set) var maxBatchSize = Located(64)
    /// How long a batch's first record may wait for others. Zero: the lane takes what is queued.
    package internal(set) var maxDelay = Located(Duration.zero)
    package internal(set) var batching = Located(Batching.learned)
    package internal(set) var workers = Located(1)
    /// The hours in which the lane runs; nil: always.
    package internal(set) var active: Located<ActiveWindow>?
    /// How old a record may be when its prediction goes out, counted from the record's timestamp; nil: however old.
    package internal(set) var deadline: Located<Duration>?
    /// The niceness of the workers' threads that the file gives; nil: see `threadNice`.
    package internal(set) var nice: Located<Int>?
    /// How many records of one worker may be published and not yet acknowledged.
    package internal(set) var maxInFlight = Located(16_384)
    package internal(set) var commitInterval = Located(Duration.seconds(1))
    package internal(set) var delivery = Located(Delivery.atLeastOnce)
    package internal(set) var transactionInterval = Located(Duration.milliseconds(100))
    package internal(set) var drainTimeout = Located(Duration.seconds(30))
    /// What becomes of a row whose prediction is NaN or infinite.
    package internal(set) var onInvalidPrediction = Located(InvalidPredictionPolicy.deadLetter)
    package internal(set) var onDeadline = Located(DeadlinePolicy.score)
    package internal(set) var retry = Retry()
    package internal(set) var breaker = Breaker()
    /// nil: nothing answers where the model does not.
    package internal(set) var fallback: Fallback?
    /// librdkafka properties of this lane's clients only.
    package internal(set) var kafka = KafkaSettings()

    init() {}

    /// The nice value of the workers' threads: a lane that may wait gives way to one that may not.
    package var threadNice: Int { nice?.value ?? (maxDelay.value > .zero ? Self.patientNice : 0) }
    /// Of what may wait.
    static let patientNice = 10
  }
}

extension Configuration.Lane {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "lanes.NAME",
    summary: """
      A lane is a consumer group of its own, `<group>.<NAME>`, over the same topics: it takes its records, skips the others', and never \
      waits for another lane. A name is made of a-z, 0-9, `_` and `-`.
      """,
    example: """
      lanes:
        urgent: {model: fraud, max_batch_size: 16, deadline: 50ms}
        bulk:
          model: fraud
          max_batch_size: 256
          max_delay: 20ms
          workers: 2
          kafka: {queued.max.messages.kbytes: 65536}
      """,
    make: { Self() },
    keys: [
      .required("model", \.model, .text("name of a model"), example: "fraud", "The model that scores the lane's records."),
      .optionalPart(
        "topics", \.topics, .topics, without: "the file's `topics`", example: "[transactions]",
        "The topics that this lane reads, instead of the file's."),
      .defaulted(
        "max_batch_size", \.maxBatchSize, .integer(1...65_536), example: "256", "The most records that the model scores at once."),
      .defaulted(
        "max_delay", \.maxDelay, .duration(.zero ... .seconds(3600)), example: "20ms",
        "How long the first record of a batch may wait for others. At `0ms` the lane scores what is queued and never waits."),
      .defaulted(
        "batching", \.batching, .choice, example: "full",
        "How many records a batch of a lane with a `max_delay` aims for. `learned`: as many as make a record cheapest, by what batches "
          + "have cost so far, and none is waited for that would gain nothing. `full`: always `max_batch_size`."),
      .defaulted(
        "workers", \.workers, .integer(1...256), example: "2",
        "Threads that serve the lane, each a member of its group: more than the topics have partitions are idle."),
      .optional(
        "deadline", \.deadline, .duration(.microseconds(1) ... .seconds(86_400)), without: "none", example: "50ms",
        "How old a record may be, by its timestamp, when its prediction is acknowledged. Later ones count as missed."),
      .optional(
        "active", \.active, .activeWindow, without: "always", example: "22:00-06:00 Europe/Tallinn",
        "The hours in which the lane runs, by the clock of that place. Outside of them it finishes what it has taken and waits, and its "
          + "backlog stays in Kafka. `--until-drained` and replays don't wait for them."),
      .optional(
        "nice", \.nice, .integer(0...19), without: "10 with a `max_delay`, otherwise 0", example: "10",
        "The nice value of the lane's threads. At a higher one the lane gives way to the others when the processor is busy. "
          + "Replays have at least 10."),
      .defaulted(
        "max_in_flight", \.maxInFlight, .integer(1...1_000_000), example: "16384",
        "Records of a worker that may be published but not yet acknowledged; at the limit it waits. At least `max_batch_size`."),
      .defaulted(
        "commit_interval", \.commitInterval, .duration(.milliseconds(10) ... .seconds(3600)), example: "1s",
        "How often a worker commits the offsets behind its acknowledged records. A crash repeats what was not committed."),
      .defaulted(
        "delivery", \.delivery, .choice, example: "exactly_once",
        "`exactly_once` writes predictions, dead letters and offsets in one transaction, so that a consumer with "
          + "`isolation.level=read_committed` sees each once. `at_least_once` may repeat some after a crash."),
      .defaulted(
        "transaction_interval", \.transactionInterval, .duration(.zero ... .seconds(60)), example: "100ms",
        "How long a transaction of an `exactly_once` lane stays open for further batches. At `0ms` each batch is a transaction."),
      .defaulted(
        "drain_timeout", \.drainTimeout, .duration(.milliseconds(1) ... .seconds(3600)), example: "30s",
        "How long a worker may take to finish what is in flight before it gives up a partition or stops. At most `shutdown_timeout`."),
      .defaulted(
        "on_invalid_prediction", \.onInvalidPrediction, .choice, example: "publish",
        "What becomes of a record whose prediction is NaN or infinite. `publish` writes such a number as `null`."),
      .defaulted(
        "on_deadline", \.onDeadline, .choice, example: "dead_letter",
        "What becomes of a record that is older than `deadline` when its batch is to be scored. `score` predicts it all the same; "
          + "`fallback` has the lane's `fallback` answer; `dead_letter` spares the model."),
      .part(
        "retry", \.retry, Configuration.Retry.definition.type, isRequired: false, without: "its keys' defaults",
        example: "{interval: 100ms, max_attempts: 3}", "How a fault of the model that may pass is tried again."),
      .part(
        "breaker", \.breaker, Configuration.Breaker.definition.type, isRequired: false, without: "its keys' defaults",
        example: "{failure_threshold: 5, open_for: 10s}", "When the lane stops trying its model for a while."),
      .optionalPart(
        "fallback", \.fallback, Configuration.Fallback.definition.type, without: "none", example: "{outputs: {score: 0.5}}",
        "What answers where the model does not."),
      .part(
        "kafka", \.kafka, KafkaSettings.laneType, isRequired: false, without: "the file's `kafka`",
        example: "{fetch.wait.max.ms: 10}", "librdkafka properties of this lane's clients, over those of the file."),
    ])
}
