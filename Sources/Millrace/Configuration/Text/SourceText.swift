/// A configuration file's text, by lines and columns as YAML counts them.
package struct SourceText: Sendable {
  struct Position: Hashable, Sendable {
    var line: Int
    var column: Int
  }

  package let file: String
  /// The lines, without line breaks.
  let lines: [[Unicode.Scalar]]
  /// The places that the characters of an interpolated scalar come from, by the scalar's own place.
  var rewritten: [Position: [Position]] = [:]
  /// The texts that came out of files and of variables that are secret.
  var secrets = SecretTexts()

  package init(file: String, text: String) {
    self.file = file
    var lines: [[Unicode.Scalar]] = [[]]
    var previous: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n" where previous == "\r": break
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lines.append([])
      default: lines[lines.count - 1].append(scalar)
      }
      previous = scalar
    }
    self.lines = lines
  }

  func location(_ position: Position) -> SourceLocation {
    SourceLocation(file: file, line: position.line, column: position.column)
  }

  /// The place of a character inside a scalar: `column` counts the value's Unicode scalars from 1, whatever the scalar's style
  /// (plain, quoted, block) and whatever was interpolated into it. Where that can't be told, the scalar's own place.
  package func location(ofColumn column: Int, in value: Located<String>) -> SourceLocation {
    guard value.location.file == file else { return value.location }
    let start = Position(line: value.location.line, column: value.location.column)
    guard let positions = rewritten[start] ?? positions(of: value.value, at: start), let last = positions.last else {
      return value.location
    }
    if positions.indices.contains(column - 1) { return location(positions[column - 1]) }
    // One past the end: where an expression misses something.
    return column == positions.count + 1 ? location(Position(line: last.line, column: last.column + 1)) : value.location
  }

  /// A fault with the line that it stands on.
  package func diagnostic(
    _ message: String, at location: SourceLocation, help: String? = nil, severity: Diagnostic.Severity = .error
  ) -> Diagnostic {
    Diagnostic(
      secrets.redacted(message), at: location, help: help.map(secrets.redacted), excerpt: excerpt(at: location), severity: severity)
  }

  private func excerpt(at location: SourceLocation) -> Diagnostic.Excerpt? {
    guard location.file == file, lines.indices.contains(location.line - 1) else { return nil }
    let line = SecretNames.redacted(line: location.line - 1, of: lines)
    return Diagnostic.Excerpt(line: line, column: location.column)
  }
}

/// The text may hold secrets: printing shows the file's name only.
extension SourceText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { file }
  package var debugDescription: String { file }
  package var customMirror: Mirror { Mirror(self, children: ["file": file]) }
}
