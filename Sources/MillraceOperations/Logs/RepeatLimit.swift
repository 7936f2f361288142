import Logging
import Millrace

/// Limits how many log lines of one kind are written in a while, and counts the others. Pure: the caller says what time it is.
struct RepeatLimit {
  struct Key: Hashable {
    let level: Logger.Level
    let message: String
    let lane: String
    let facility: String
  }

  private struct Window {
    var start: MonotonicTime
    var written = 0
    var suppressed = 0
  }

  /// How many lines of a kind are let through in a window.
  static let burst = 10
  static let window = Duration.seconds(10)
  /// How many kinds are kept. Messages are static, so they are few; a library that builds its own must not fill the memory.
  static let maxKinds = 1_000
  private var windows: [Key: Window] = [:]

  /// Whether a line may be written now.
  /// - Returns: nil if not; otherwise how many of its kind were not written before it.
  mutating func admit(_ key: Key, at now: MonotonicTime) -> Int? {
    if windows.count >= Self.maxKinds, windows[key] == nil { windows.removeAll(keepingCapacity: true) }
    var current = windows[key] ?? Window(start: now)
    if now - current.start >= Self.window { current = Window(start: now, suppressed: current.suppressed) }
    defer { windows[key] = current }
    guard current.written < Self.burst else {
      current.suppressed += 1
      return nil
    }
    current.written += 1
    defer { current.suppressed = 0 }
    return current.suppressed
  }
}
