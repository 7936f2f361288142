/// One fault of a configuration, or a doubt about it: what, where, and what to do.
public struct Diagnostic: Error, Sendable, Hashable {
  /// Whether it stops what was begun.
  public enum Severity: String, Sendable, Hashable {
    /// It does: the configuration can't be used.
    case error
    /// It doesn't: the configuration may mean something else than was meant.
    case warning
  }

  /// The faulty line, free of secrets and control characters, and the column to point at.
  struct Excerpt: Sendable, Hashable {
    let line: String
    let column: Int
  }

  /// Where it is.
  public let location: SourceLocation
  /// What is wrong.
  public let message: String
  /// Whether the configuration can be used all the same.
  public let severity: Severity
  /// What to do: a name that is near, the allowed values, a key to add.
  public let help: String?
  let excerpt: Excerpt?

  /// A fault without its source line; `SourceText.diagnostic` shows the line too.
  package init(_ message: String, at location: SourceLocation, help: String? = nil) {
    self.init(message, at: location, help: help, excerpt: nil)
  }

  init(_ message: String, at location: SourceLocation, help: String?, excerpt: Excerpt?, severity: Severity = .error) {
    self.location = location
    self.severity = severity
    self.message = message
    self.help = help
    self.excerpt = excerpt
  }
}

extension Diagnostic: CustomStringConvertible {
  public var description: String {
    var text = "\(location): \(severity.rawValue): \(message)"
    if let excerpt {
      let number = String(location.line)
      let margin = String(repeating: " ", count: number.count)
      text += "\n  \(number) | \(excerpt.text)\n  \(margin) | \(excerpt.pointer)"
    }
    if let help { text += "\n  help: \(help)" }
    return text
  }
}

extension Diagnostic.Excerpt {
  private static let width = 120

  /// The part of the line around the column: a long line would hide its own caret.
  private var window: (scalars: ArraySlice<Unicode.Scalar>, caret: Int) {
    let scalars = Array(line.unicodeScalars)
    let caret = min(max(column - 1, 0), scalars.count)
    guard scalars.count > Self.width else { return (scalars[...], caret) }
    let start = max(0, min(caret - Self.width / 2, scalars.count - Self.width))
    return (scalars[start..<start + Self.width], caret - start)
  }

  var text: String { String(String.UnicodeScalarView(window.scalars)) }

  /// The line that points at the column. Tabs stay tabs, so that the caret stands under its character.
  var pointer: String {
    let (scalars, caret) = window
    return scalars.prefix(caret).map { $0 == "\t" ? "\t" : " " }.joined() + "^"
  }
}

/// Every fault that was found in a configuration, in the order of the file.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
  /// The faults, in the order of the file; never empty.
  public let diagnostics: [Diagnostic]

  /// Sorts the faults by place and drops repeats: an alias shows its anchor's faults again.
  package init(_ diagnostics: [Diagnostic]) {
    var seen: Set<Diagnostic> = []
    self.diagnostics = diagnostics.filter { seen.insert($0).inserted }.enumerated()
      .sorted { ($0.element.location, $0.offset) < ($1.element.location, $1.offset) }
      .map(\.element)
  }

  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
