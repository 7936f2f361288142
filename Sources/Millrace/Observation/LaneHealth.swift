/// How a lane of this process is doing: whether it reads, and what of it stands still. A value; any thread.
public struct LaneHealth: Sendable, Equatable {
  /// The lane's name.
  public let lane: String
  /// Whether every worker has been told by its group what it reads, and has not lost it since.
  public let isAssigned: Bool
  /// Whether every worker reached a broker when it last had to.
  public let isConnected: Bool
  /// How many partitions this process reads for the lane.
  public let partitions: Int
  /// What stands still although there is work, for longer than `stall_timeout`.
  public let stalls: [Stall]
  /// Why the lane takes no records: its model does not answer. Nil while it does.
  public let waits: String?
  /// Topics that the lane reads and the brokers don't know: deleted, or not yet made again.
  public let missingTopics: [String]
  /// The last error that a client of the lane reported since it reads; it may be over.
  public let lastError: String?

  /// Whether nothing stands still, brokers and model answer, and no topic is missing. A lane that waits for its first assignment is healthy
  /// and not yet ready.
  public var isHealthy: Bool { isConnected && stalls.isEmpty && waits == nil && missingTopics.isEmpty }
  /// Whether it is fit to be counted on: healthy, and assigned.
  public var isReady: Bool { isHealthy && isAssigned }
}

/// Work that does not move.
public struct Stall: Sendable, Equatable {
  /// The number of the lane's worker in this process, from 0.
  public let worker: Int
  /// As `topic/partition`; nil where a worker hangs that has none.
  public let partition: String?
  /// Records that wait behind what is committed, as far as the worker last knew.
  public let lag: Int
  /// For how long nothing has moved.
  public let duration: Duration
  /// Why nothing moves.
  public let reason: StallReason
}

/// Why work does not move, as far as can be known.
public enum StallReason: Sendable, Equatable, CustomStringConvertible {
  /// The model has not come back.
  case modelCall(running: Duration)
  /// `max_in_flight` records, or a full producer's queue, wait for the broker's acknowledgement.
  case backPressure(unacknowledged: Int, lastError: String?)
  /// Outputs are sent, and the broker has not acknowledged them.
  case unacknowledged(Int, lastError: String?)
  /// Somebody or something has paused the worker: an operator, or an open circuit breaker.
  case paused(String)
  /// All is acknowledged, and the offset can't be committed.
  case commitFails(lastError: String?)
  /// Records wait in the log, and the broker sends none.
  case nothingFetched(lastError: String?)
  /// The worker has not come back from something else.
  case busy(String, running: Duration)

  public var description: String {
    switch self {
    case .modelCall(let running): "a call of the model has been running for \(running.wholeSeconds) s"
    case .backPressure(let count, let error):
      "\(count) records are not acknowledged, and no more are taken until they are\(Self.because(error))"
    case .unacknowledged(let count, let error): "\(count) records are published and not acknowledged\(Self.because(error))"
    case .paused(let reason): "paused: \(reason)"
    case .commitFails(let error): "everything is acknowledged, and the offset is not committed\(Self.because(error))"
    case .nothingFetched(let error): "records wait, and the broker sends none\(Self.because(error))"
    case .busy(let what, let running): "the worker has been \(what) for \(running.wholeSeconds) s"
    }
  }

  /// The name of the case: for metrics, and to tell whether a reason has changed.
  public var name: String {
    switch self {
    case .modelCall: "model_call"
    case .backPressure: "back_pressure"
    case .unacknowledged: "unacknowledged"
    case .paused: "paused"
    case .commitFails: "commit_fails"
    case .nothingFetched: "nothing_fetched"
    case .busy: "busy"
    }
  }

  private static func because(_ error: String?) -> String { error.map { "; the last error: \($0)" } ?? "" }
}

extension Duration {
  fileprivate var wholeSeconds: Int64 { components.seconds }
}
