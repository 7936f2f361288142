/// One line of librdkafka's log. It comes from librdkafka's own threads as well as from the caller's.
public struct KafkaLogLine: Sendable, CustomStringConvertible {
  /// How severe a line is, in syslog's steps.
  public enum Level: Int32, Sendable, Comparable {
    case emergency, alert, critical, error, warning, notice, info, debug

    public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  public let level: Level
  /// librdkafka's short name of the kind of event, such as `FAIL`.
  public let facility: String
  /// The text, in which the configuration's secrets are masked.
  public let message: String

  public init(level: Level, facility: String, message: String) {
    self.level = level
    self.facility = facility
    self.message = message
  }

  public var description: String { "\(level) \(facility): \(message)" }
}
