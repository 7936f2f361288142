import Foundation
import Millrace

/// The progress of a replay on standard error: a bar that is redrawn on a terminal, a line every few seconds elsewhere.
///
/// @unchecked: the lock guards what the last drawing left.
final class ReplayBar: @unchecked Sendable {
  private let lock = NSLock()
  private let session: ReplaySession
  private let read: @Sendable () -> Int
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var meter = ReplayMeter()
  private let start = MonotonicTime.now

  /// Shows the progress of a session.
  /// - Parameter read: how many records this process has read.
  init(_ session: ReplaySession, read: @escaping @Sendable () -> Int) {
    self.session = session
    self.read = read
  }

  func run() async {
    while !Task.isCancelled {
      draw()
      try? await Task.sleep(for: isTerminal ? .milliseconds(200) : .seconds(5))
    }
  }

  /// Draws the last state, and ends the line.
  func finish() {
    draw()
    if isTerminal { write("\n") }
  }

  private func draw() {
    let seconds = Double((MonotonicTime.now - start).components.seconds) + Double((MonotonicTime.now - start).components.attoseconds) / 1e18
    lock.withLock {
      let line = meter.line(session.shares.sorted { $0.key < $1.key }, read: read(), at: seconds)
      write(isTerminal ? "\r\u{1B}[K" + meter.bar(width: 24) + " " + line : "replay \(session.name): \(line)\n")
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
