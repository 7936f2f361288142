/// A fault of an expression itself, found before any record is seen.
public struct ExpressionError: Error, Sendable, CustomStringConvertible {
  /// What is wrong and, where it can be told, what to write instead.
  public let message: String
  /// Counted from 1, in lines of the source.
  public let line: Int
  /// Counted from 1, in characters (Unicode scalars) of the line.
  public let column: Int
  /// The text of that line.
  public let sourceLine: String

  init(_ message: String, at position: Int32, in source: String) {
    let bytes = Array(source.utf8)
    let position = min(max(0, Int(position)), bytes.count)
    let start = bytes[..<position].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    self.message = message
    line = bytes[..<start].count { $0 == UInt8(ascii: "\n") } + 1
    column = String(decoding: bytes[start..<position], as: UTF8.self).unicodeScalars.count + 1
    sourceLine = String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// `column 9: …`, with the line where the source has several.
  public var description: String {
    line > 1 ? "line \(line), column \(column): \(message)" : "column \(column): \(message)"
  }

  /// The line of the source and, below it, a caret under the column. A long line is cut around it.
  public var caret: String {
    let scalars = Array(sourceLine.unicodeScalars)
    let start = max(0, min(column - 1 - 60, scalars.count - 100))
    var line = ""
    for scalar in scalars[start..<min(scalars.count, start + 100)] {
      line.unicodeScalars.append(scalar == "\t" || scalar == "\r" ? " " : scalar)
    }
    return "\(line)\n\(String(repeating: " ", count: column - 1 - start))^"
  }
}

/// A fault on its way out of the stages of compilation, before it is known which source it belongs to.
struct SyntaxFault: Error {
  let message: String
  /// Counted in UTF-8 bytes.
  let position: Int32

  init(_ message: String, at position: Int32) {
    self.message = message
    self.position = position
  }
}
