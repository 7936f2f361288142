import Foundation
import Logging
import Millrace
import ModelRuntime

/// The answer of `/v1/status`: all figures of all lanes, as JSON.
enum StatusReport {
  static func json(of pipeline: Pipeline, logLevel: Logger.Level) -> String {
    let readiness = Readiness(of: pipeline)
    var members: [(String, JSONValue)] = [
      ("ready", .bool(readiness.isReady)), ("running", .bool(pipeline.isRunning)),
      ("faults", .array(readiness.faults.map { .string($0) })), ("log_level", .string(logLevel.rawValue)),
    ]
    if let fault = pipeline.fault { members.append(("ended_by", .string("\(fault)"))) }
    members.append(("lanes", .array(LaneReading.all(of: pipeline).map(lane))))
    return JSONValue.object(members).text + "\n"
  }

  private static func lane(_ reading: LaneReading) -> JSONValue {
    let (lane, status, snapshot) = (reading.lane, reading.status, reading.snapshot)
    return .object([
      ("name", .string(lane.name)), ("group", .string(lane.groupID)), ("topics", .array(lane.topics.map { .string($0) })),
      ("model", .object([("name", .string(lane.model.name)), ("version", .string(lane.model.version))])),
      ("workers", .integer(lane.workers)), ("ready", .bool(status.isReady)), ("assigned", .bool(status.isAssigned)),
      ("connected", .bool(status.isConnected)), ("paused", .bool(status.isPaused)),
      ("consumed", .integer(snapshot.consumed)), ("skipped", .integer(snapshot.skipped)),
      ("predicted", .integer(snapshot.predicted)), ("dead_lettered", .integer(snapshot.deadLettered)),
      ("missed_deadlines", .integer(snapshot.missedDeadlines)), ("in_flight", .integer(snapshot.inFlight)),
      ("circuit", .string("\(snapshot.circuit)")), ("circuit_openings", .integer(snapshot[.circuitOpenings])),
      ("fallbacks", .integer(snapshot[.fallbacks])),
      ("partitions", .array(status.partitions.map(partition))), ("stalls", .array(status.stalls.map(stall))),
      ("last_errors", .array(status.errors.map { .object([("time", time($0.time)), ("message", .string($0.message))]) })),
      ("last_dead_letters", .array(status.deadLetters.map(deadLetter))),
    ])
  }

  private static func partition(_ partition: PartitionStatus) -> JSONValue {
    .object([
      ("topic", .string(partition.topic)), ("partition", .integer(partition.partition)), ("position", .integer(Int(partition.position))),
      ("end", partition.end.map { .integer(Int($0)) } ?? .null), ("lag_records", .integer(Int(partition.lag))),
      ("lag_s", .number(partition.lagSeconds)),
    ])
  }

  private static func stall(_ stall: Stall) -> JSONValue {
    .object([
      ("worker", .integer(stall.worker)), ("partition", stall.partition.map { .string($0) } ?? .null), ("lag_records", .integer(stall.lag)),
      ("stalled_s", .integer(Int(stall.duration.components.seconds))), ("reason", .string("\(stall.reason)")),
    ])
  }

  static func deadLetter(_ sample: LaneStatus.DeadLetterSample) -> JSONValue {
    .object([
      ("time", time(sample.time)), ("source", .string("\(sample.topic)/\(sample.partition)/\(sample.offset)")),
      ("stage", .string(sample.stage.rawValue)), ("reason", .string(sample.reason)),
    ])
  }

  static func time(_ date: Date) -> JSONValue { .string(date.formatted(.iso8601)) }
}
