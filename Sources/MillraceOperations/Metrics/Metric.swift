import Millrace

/// One metric of the catalogue: what it is called, what it says, and how it is read off a lane.
struct Metric: Sendable {
  enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  /// The metric's name by Prometheus' conventions: the unit last, and `_total` behind a counter's.
  let name: String
  let kind: Kind
  /// The unit in words, for the reference page.
  let unit: String
  let help: String
  /// Labels beside `lane`, which every metric has. Their values come from the configuration or from the code, so they are few; those of
  /// partitions are bounded.
  let labels: [String]
  /// The workers' counters that the metric shows.
  let counters: [WorkerCounter]
  let read: @Sendable (LaneReading) -> [Sample]

  /// A counter that is one of the workers' own.
  static func counter(_ name: String, _ unit: String, _ counter: WorkerCounter, _ help: String) -> Metric {
    Metric(name: name, kind: .counter, unit: unit, help: help, labels: [], counters: [counter]) {
      [Sample(.number(Double($0.snapshot[counter])))]
    }
  }

  /// A counter that is several of the workers' own, told apart by a label.
  static func counter(
    _ name: String, _ unit: String, by label: String, _ counters: [(value: String, counter: WorkerCounter)], _ help: String
  ) -> Metric {
    Metric(name: name, kind: .counter, unit: unit, help: help, labels: [label], counters: counters.map(\.counter)) { reading in
      counters.map { Sample([$0.value], .number(Double(reading.snapshot[$0.counter]))) }
    }
  }

  /// A counter that comes from elsewhere.
  static func total(_ name: String, _ unit: String, _ help: String, _ value: @escaping @Sendable (LaneReading) -> Int) -> Metric {
    Metric(name: name, kind: .counter, unit: unit, help: help, labels: [], counters: []) { [Sample(.number(Double(value($0))))] }
  }

  static func gauge(_ name: String, _ unit: String, _ help: String, _ value: @escaping @Sendable (LaneReading) -> Double) -> Metric {
    Metric(name: name, kind: .gauge, unit: unit, help: help, labels: [], counters: []) { [Sample(.number(value($0)))] }
  }

  /// A gauge of each of the lane's partitions in this process, up to a bound. Those beyond it stay beyond it: series that come and go with
  /// the figures would be of no use.
  static func partitions(
    _ name: String, _ unit: String, _ help: String, _ value: @escaping @Sendable (PartitionStatus) -> Double
  ) -> Metric {
    let bound = "the first \(maxPartitions) partitions of the lane by topic and number"
    return Metric(
      name: name, kind: .gauge, unit: unit, help: "\(help); of \(bound).", labels: ["topic", "partition"], counters: []
    ) { reading in
      reading.status.partitions.prefix(maxPartitions).map { Sample([$0.topic, String($0.partition)], .number(value($0))) }
    }
  }

  /// How many partitions of one lane have metrics of their own; `/v1/status` has them all.
  static let maxPartitions = 256

  static func time(_ name: String, _ help: String, _ times: @escaping @Sendable (LaneSnapshot) -> LatencySnapshot) -> Metric {
    Metric(name: name, kind: .histogram, unit: "seconds", help: help, labels: [], counters: []) {
      [Sample(.histogram(Buckets(times($0.snapshot))))]
    }
  }
}

/// One value of a metric.
struct Sample: Sendable {
  enum Value: Sendable {
    case number(Double)
    case histogram(Buckets)
  }

  /// The labels' values, in the order of the metric's labels.
  let labels: [String]
  let value: Value

  init(_ value: Value) { self.init([], value) }

  init(_ labels: [String], _ value: Value) {
    self.labels = labels
    self.value = value
  }
}

/// A histogram as Prometheus counts it: how many values were at most each bound.
struct Buckets: Sendable {
  let bounds: [Double]
  /// How many values were at most each bound, and then how many there were at all.
  let counts: [Int64]
  let sum: Double

  /// Bounds in seconds, from what a model takes at least to what a lane is behind at most.
  static let times: [Double] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600,
  ]

  init(_ snapshot: LatencySnapshot) {
    bounds = Self.times
    counts = snapshot.counts(upTo: Self.times.map { Int64($0 * 1e6) })
    sum = Double(snapshot.sumMicroseconds) / 1e6
  }

  init(_ snapshot: ScoreSnapshot) {
    bounds = ScoreSnapshot.bounds
    var seen: Int64 = 0
    counts = snapshot.counts.map { count in
      seen += count
      return seen
    }
    sum = snapshot.sum
  }

  var count: Int64 { counts.last ?? 0 }
}

/// All figures of a lane, read at one moment.
struct LaneReading: Sendable {
  let lane: Lane
  let snapshot: LaneSnapshot
  let status: LaneStatus

  init?(_ lane: Lane, of pipeline: Pipeline) {
    guard let status = pipeline.status(of: lane.name) else { return nil }
    self.lane = lane
    self.status = status
    snapshot = pipeline.snapshot(of: lane.name)
  }

  /// The readings of all lanes, in the order of the configuration.
  static func all(of pipeline: Pipeline) -> [LaneReading] { pipeline.lanes.compactMap { LaneReading($0, of: pipeline) } }
}
