/// What a run did: printed as one JSON object by `--report json`.
public struct RunReport: Encodable, Sendable {
  public struct Latency: Encodable, Sendable {
    public let p50, p99, p999, max: Double

    init(_ snapshot: LatencySnapshot) {
      func milliseconds(_ microseconds: Int64) -> Double { Double(microseconds) / 1000 }
      p50 = milliseconds(snapshot.percentile(0.5))
      p99 = milliseconds(snapshot.percentile(0.99))
      p999 = milliseconds(snapshot.percentile(0.999))
      max = milliseconds(snapshot.maxMicroseconds)
    }
  }

  public struct BatchSize: Encodable, Sendable {
    public let mean: Double
    public let max: Int
  }

  public struct Lane: Encodable, Sendable {
    public let consumed, skipped, predicted, deadLettered, missedDeadlines: Int
    /// Records that the lane's fallback answered, and times that its circuit breaker opened.
    public let fallbacks, circuitOpenings: Int
    /// Milliseconds from the record's timestamp to the acknowledgement of its prediction.
    public let latencyMs: Latency
    /// Rows.
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
  public let durationS: Double
  public let consumed, skipped, predicted, deadLettered: Int
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
