import KafkaClient
import Logging

/// Puts librdkafka's log lines into the process's own log.
struct ClientLog: Sendable {
  private let log: Logger

  init(_ log: Logger) { self.log = log }

  @Sendable func write(_ line: KafkaLogLine) {
    let level: Logger.Level =
      switch line.level {
      case ...KafkaLogLine.Level.error: .error
      case .warning: .warning
      case .notice, .info: .info
      default: .debug
      }
    log.log(level: level, "librdkafka", metadata: ["facility": "\(line.facility)", "line": "\(line.message)"])
  }
}
