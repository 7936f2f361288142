extension Configuration {
  /// One lane: a consumer group of its own, its workers, and how they batch.
  public struct Lane: Sendable {
    public enum InvalidPredictionPolicy: String, CaseIterable, Sendable {
      case deadLetter = "dead_letter"
      case publish
    }

    public internal(set) var name = Located("")
    public internal(set) var model = Located("")
    /// nil: the file's topics.
    public internal(set) var topics: [Located<String>]?
    public internal(set) var maxBatchSize = Located(64)
    /// How long a batch's first record may wait for others. Zero: the lane takes what is queued.
    public internal(set) var maxDelay = Located(Duration.zero)
    public internal(set) var workers = Located(1)
    /// Counts from the record's timestamp.
    public internal(set) var deadline: Located<Duration>?
    /// nil: see `threadNice`.
    public internal(set) var nice: Located<Int>?
    /// Records of one worker that are published but not yet acknowledged.
    public internal(set) var maxInFlight = Located(16_384)
    public internal(set) var commitInterval = Located(Duration.seconds(1))
    public internal(set) var drainTimeout = Located(Duration.seconds(30))
    /// What becomes of a row whose prediction is NaN or infinite.
    public internal(set) var onInvalidPrediction = Located(InvalidPredictionPolicy.deadLetter)
    /// librdkafka properties of this lane's clients only.
    public internal(set) var kafka = KafkaSettings()

    init() {}

    /// The nice value of the workers' threads: a lane that may wait gives way to one that may not.
    public var threadNice: Int { nice?.value ?? (maxDelay.value > .zero ? 10 : 0) }
  }
}
