import Millrace
import ModelRuntime

/// What the dashboard shows of a lane for one second: what happened since the last one, and how things stand.
struct LaneTick {
  private let reading: LaneReading
  private let before: LaneSnapshot
  private let seconds: Double

  init(_ reading: LaneReading, since before: LaneSnapshot, seconds: Double) {
    self.reading = reading
    self.before = before
    self.seconds = seconds
  }

  /// The figures that the charts draw over time.
  var figures: JSONValue {
    let now = reading.snapshot
    let latency = now.latency.since(before.latency)
    let done = now.predicted + now.deadLettered - before.predicted - before.deadLettered
    let batches = now.batches - before.batches
    return .object([
      ("lane", .string(reading.lane.name)), ("rate", Self.rounded(Double(done) / seconds)),
      ("p50", Self.percentile(0.5, of: latency)), ("p99", Self.percentile(0.99, of: latency)),
      ("batch", batches == 0 ? .null : Self.rounded(Double(now.batchRows - before.batchRows) / Double(batches))),
      ("lag", .integer(Int(reading.status.partitions.reduce(0) { $0 + $1.lag }))),
      ("lag_s", Self.rounded(reading.status.partitions.map(\.lagSeconds).max() ?? 0)),
      ("paused", .bool(reading.status.isPaused)),
    ])
  }

  /// What stands beside the charts: how the lane is now.
  var state: JSONValue {
    let (now, status) = (reading.snapshot, reading.status)
    return .object([
      ("lane", .string(reading.lane.name)), ("model", .string(reading.lane.model.name)), ("version", .string(reading.lane.model.version)),
      ("ready", .bool(status.isReady)), ("assigned", .bool(status.isAssigned)), ("connected", .bool(status.isConnected)),
      ("stalled", .bool(!status.stalls.isEmpty)), ("paused", .bool(status.isPaused)), ("partitions", .integer(status.partitions.count)),
      ("consumed", .integer(now.consumed)), ("skipped", .integer(now.skipped)), ("predicted", .integer(now.predicted)),
      ("dead_lettered", .integer(now.deadLettered)), ("missed", .integer(now.missedDeadlines)), ("in_flight", .integer(now.inFlight)),
      (
        "closed",
        .object([
          ("size", .integer(now[.closedBySize])), ("delay", .integer(now[.closedByDelay])), ("drain", .integer(now[.closedByDrain])),
        ])
      ),
      ("scores", .array(now.scores.counts.map { .integer(Int($0)) })),
      ("dead_letters", .array(status.deadLetters.suffix(8).reversed().map(StatusReport.deadLetter))),
      ("errors", .array(status.errors.suffix(3).reversed().map { .string(String($0.message.prefix(300))) })),
    ])
  }

  /// A percentile of the latency in milliseconds; null where nothing was predicted.
  private static func percentile(_ share: Double, of latency: LatencySnapshot) -> JSONValue {
    latency.count == 0 ? .null : rounded(Double(latency.percentile(share)) / 1000)
  }

  /// A number to two places, which is what a chart can show.
  private static func rounded(_ value: Double) -> JSONValue { .number((value * 100).rounded() / 100) }
}
