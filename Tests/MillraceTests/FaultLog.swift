import Foundation
import Logging
import Synchronization

/// Keeps what a scenario's lanes log, for the report of one that fails.
final class FaultLog: LogHandler, Sendable {
  /// Whether lines go to standard output at once: the process that reads them there has them even where this one is killed.
  private let isWritten: Bool
  private let lines = Mutex<[String]>([])

  init(isWritten: Bool = false) { self.isWritten = isWritten }

  var logLevel: Logger.Level {
    get { .info }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  var logger: Logger { Logger(label: "faults") { _ in self } }

  func log(event: LogEvent) {
    let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    note("\(event.level) \(event.message) \(fields)")
  }

  func note(_ line: String) {
    lines.withLock { lines in
      lines.append("\(MonotonicStamp.milliseconds) \(line)")
      if isWritten { FileHandle.standardOutput.write(Data("\(MonotonicStamp.milliseconds) \(line)\n".utf8)) }
    }
  }

  /// What the run does from now on, for the report of one that is killed.
  func enter(phase: String) { note(FaultBatch.phaseMark + phase) }

  func count(_ text: String) -> Int { lines.withLock { $0.count { $0.contains(text) } } }

  /// The last lines.
  var tail: String { lines.withLock { $0.suffix(60).joined(separator: "\n") } }
}

/// Milliseconds since the process began to take notes.
enum MonotonicStamp {
  private static let start = ContinuousClock.now

  static var milliseconds: Int {
    let (seconds, attoseconds) = start.duration(to: .now).components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
