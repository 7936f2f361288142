/// Why a lane can't go on. The process ends with code 70, and what the lane had not committed is read again.
public struct LaneFault: Error, Sendable, CustomStringConvertible {
  public let lane: String
  /// What happened, to which topic, partition and offset where that is known, and what to do next.
  public let message: String

  public init(lane: String, message: String) {
    self.lane = lane
    self.message = message
  }

  public var description: String { "lane \(lane): \(message)" }
}
