/// The figures of a run: printed as one JSON object by `--report json`.
public struct RunReport: Encodable, Sendable {
  /// Percentiles of a latency.
  public struct Latency: Encodable, Sendable {
    /// Milliseconds that so many of the records did not exceed, and the longest.
    public let p50, p99, p999, max: Double

    init(_ snapshot: LatencySnapshot) {
      func milliseconds(_ microseconds: Int64) -> Double { Double(microseconds) / 1000 }
      p50 = milliseconds(snapshot.percentile(0.5))
      p99 = milliseconds(snapshot.percentile(0.99))
      p999 = milliseconds(snapshot.percentile(0.999))
      max = milliseconds(snapshot.maxMicroseconds)
    }
  }

  /// How many rows the batches had.
  public struct BatchSize: Encodable, Sendable {
    /// The mean; 0 where none was scored.
    public let mean: Double
    /// The largest.
    public let max: Int
  }

  /// One lane's figures.
  public struct Lane: Encodable, Sendable {
    /// Records taken from Kafka, and how many of them were another lane's, became predictions, became dead letters, and were predicted
    /// after the lane's deadline.
    public let consumed, skipped, predicted, deadLettered, missedDeadlines: Int
    /// Records that the lane's fallback answered, and times that its circuit breaker opened.
    public let fallbacks, circuitOpenings: Int
    /// Milliseconds from the record's timestamp to the acknowledgement of its prediction.
    public let latencyMs: Latency
    /// The sizes of the batches, in rows.
    public let batchSize: BatchSize

    enum CodingKeys: String, CodingKey {
      case consumed, skipped, predicted
      case deadLettered = "dead_lettered"
      case missedDeadlines = "missed_deadlines"
      case fallbacks
      case circuitOpenings = "circuit_openings"
      case latencyMs = "latency_ms"
      case batchSize = "batch_size"
    }

    init(_ snapshot: LaneSnapshot) {
      consumed = snapshot.consumed
      skipped = snapshot.skipped
      predicted = snapshot.predicted
      deadLettered = snapshot.deadLettered
      missedDeadlines = snapshot.missedDeadlines
      fallbacks = snapshot[.fallbacks]
      circuitOpenings = snapshot[.circuitOpenings]
      latencyMs = Latency(snapshot.latency)
      batchSize = BatchSize(mean: snapshot.batchSizeMean, max: snapshot.batchSizeMax)
    }
  }

  let duration: Duration
  /// How long the run took, in seconds.
  public let durationS: Double
  /// The figures of all lanes, added up.
  public let consumed, skipped, predicted, deadLettered: Int
  /// Each lane's figures, by its name.
  public let lanes: [String: Lane]

  enum CodingKeys: String, CodingKey {
    case durationS = "duration_s"
    case consumed, skipped, predicted
    case deadLettered = "dead_lettered"
    case lanes
  }

  /// - Parameter consumed: records read, where lanes share a reading; otherwise each lane's are added up. `skipped` likewise.
  init(duration: Duration, consumed: Int? = nil, skipped: Int? = nil, lanes snapshots: [String: LaneSnapshot]) {
    self.duration = duration
    durationS = duration.seconds
    lanes = snapshots.mapValues(Lane.init)
    self.consumed = consumed ?? snapshots.values.reduce(0) { $0 + $1.consumed }
    self.skipped = skipped ?? snapshots.values.reduce(0) { $0 + $1.skipped }
    predicted = snapshots.values.reduce(0) { $0 + $1.predicted }
    deadLettered = snapshots.values.reduce(0) { $0 + $1.deadLettered }
  }
}
