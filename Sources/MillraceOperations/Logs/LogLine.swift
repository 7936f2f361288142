import Texts
import Foundation
import Logging

/// One line of the log, and how it reads as text and as JSON.
struct LogLine {
  let time: Date
  let level: Logger.Level
  /// The message, which is the same each time: what changes stands in the metadata.
  let message: String
  let metadata: Logger.Metadata
  /// How many lines like this one were not written before it.
  let suppressed: Int

  /// The line as text: `2026-11-21T07:30:00.123Z warning commit failed lane=bulk error="…"`.
  var text: String {
    var line = "\(stamp) \(level.rawValue) \(Self.printable(message))"
    for (name, value) in pairs { line += " \(name)=\(Self.needsQuotes(value) ? Self.quoted(value) : value)" }
    return line
  }

  var json: String {
    var line = "{\"time\":\"\(stamp)\",\"level\":\"\(level.rawValue)\",\"message\":\(Self.quoted(message))"
    for (name, value) in pairs where !Self.reserved.contains(name) { line += ",\(Self.quoted(name)):\(Self.quoted(value))" }
    return line + "}"
  }

  private static let reserved: Set<String> = ["time", "level", "message"]

  private var stamp: String {
    time.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
  }

  private var pairs: [(String, String)] {
    var pairs = metadata.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
    if suppressed > 0 { pairs.append(("suppressed", String(suppressed))) }
    return pairs
  }

  private static func needsQuotes(_ value: String) -> Bool {
    value.isEmpty || value.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" || $0.value < 0x20 }
  }

  /// A text without line breaks and control characters: a line is a line, whatever an error holds.
  private static func printable(_ text: String) -> String {
    text.unicodeScalars.contains { $0.value < 0x20 } ? String(text.map { $0.isNewline ? " " : $0 }) : text
  }

  private static func quoted(_ text: String) -> String { JSONString.quotedOnOneLine(text) }
}
