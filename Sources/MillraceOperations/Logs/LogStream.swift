import Foundation
import Logging
import Millrace
import Synchronization

/// Where the process's log lines go: a level that can change while it runs, a form, and a limit for what repeats.
///
/// Handlers are values that are copied freely; what they share is this. Any thread.
public final class LogStream: Sendable {
  private let currentLevel: Mutex<Logger.Level>
  private let repeats = Mutex(RepeatLimit())
  private let format: Configuration.Logging.Format
  private let write: @Sendable (String) -> Void

  /// A stream of lines from this level on.
  /// - Parameters:
  ///   - level: the level of the least severe lines that are written.
  ///   - format: how a line is written.
  ///   - write: takes whole lines; the default writes them to standard error.
  public init(
    level: Logger.Level, format: Configuration.Logging.Format, write: @escaping @Sendable (String) -> Void = LogStream.standardError
  ) {
    currentLevel = Mutex(level)
    self.format = format
    self.write = write
  }

  /// A stream that writes to standard error, as the configuration says.
  public convenience init(_ logging: Configuration.Logging) {
    self.init(level: logging.level.value, format: logging.format.value)
  }

  /// The level of the least severe lines that are written.
  public var level: Logger.Level {
    get { currentLevel.withLock { $0 } }
    set { currentLevel.withLock { $0 = newValue } }
  }

  /// A logger that writes to the stream.
  public func logger(_ label: String) -> Logger { Logger(label: label) { _ in StreamHandler(stream: self) } }

  /// Makes every logger of the process write here, those of libraries too. Once in a process.
  public func bootstrap() { LoggingSystem.bootstrap { _ in StreamHandler(stream: self) } }

  fileprivate func log(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
    let lane = metadata["lane"].map { "\($0)" } ?? ""
    let facility = metadata["facility"].map { "\($0)" } ?? ""
    let key = RepeatLimit.Key(level: level, message: message, lane: lane, facility: facility)
    guard let suppressed = repeats.withLock({ $0.admit(key, at: .now) }) else { return }
    let line = LogLine(time: Date(), level: level, message: message, metadata: metadata, suppressed: suppressed)
    write(format == .json ? line.json : line.text)
  }

  /// Writes a line to standard error in one call, so that those of several threads don't mix.
  public static let standardError: @Sendable (String) -> Void = { line in
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }
}

/// The swift-log handler that writes to a stream.
private struct StreamHandler: LogHandler {
  let stream: LogStream
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  /// A level that was set on one logger, which counts there instead of the stream's.
  private var ownLevel: Logger.Level?

  init(stream: LogStream) { self.stream = stream }

  var logLevel: Logger.Level {
    get { ownLevel ?? stream.level }
    set { ownLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let own = event.metadata { all.merge(own) { $1 } }
    if let error = event.error { all["error"] = "\(error)" }
    stream.log(event.level, event.message.description, all)
  }
}
