/// One line of librdkafka's log. It comes from librdkafka's own threads as well as from the caller's.
package struct KafkaLogLine: Sendable, CustomStringConvertible {
  /// How severe a line is, in syslog's steps.
  package enum Level: Int32, Sendable, Comparable {
    case emergency, alert, critical, error, warning, notice, info, debug

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  package let level: Level
  /// librdkafka's short name of the kind of event, such as `FAIL`.
  package let facility: String
  /// The text, in which the configuration's secrets are masked.
  package let message: String

  package init(level: Level, facility: String, message: String) {
    self.level = level
    self.facility = facility
    self.message = message
  }

  package var description: String { "\(level) \(facility): \(message)" }
}
