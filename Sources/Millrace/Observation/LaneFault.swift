/// Why a lane can't go on. The process ends with code 70, and what the lane had not committed is read again.
public struct LaneFault: Error, Sendable, CustomStringConvertible {
  /// The lane's name.
  public let lane: String
  /// What happened, to which topic, partition and offset where that is known, and what to do next.
  public let message: String
  /// The same without what it may quote of a record: for traces.
  let shown: String

  package init(lane: String, message: String) { self.init(lane: lane, text: FailureText(message)) }

  init(lane: String, text: FailureText) {
    self.lane = lane
    message = text.full
    shown = text.shown
  }

  public var description: String { "lane \(lane): \(message)" }
}

/// Says that the lanes were told to end and did not within `shutdown_timeout`. Workers that hang still run, so the process has to end.
public struct DrainFault: Error, Sendable, CustomStringConvertible {
  /// Why the lanes were told to, if one of them failed.
  public let cause: LaneFault?
  /// What was left, by lane and worker.
  public let unfinished: String
  /// How long they were given.
  public let timeout: Duration

  public var description: String {
    (cause.map { "\($0); then " } ?? "")
      + "the drain took longer than shutdown_timeout (\(timeout)): \(unfinished). What was not committed is read again at the next start"
  }
}
