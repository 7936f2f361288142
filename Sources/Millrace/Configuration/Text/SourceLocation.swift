/// A place in a configuration file. Lines and columns count from 1; a column counts Unicode scalars, as editors and compilers do.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  /// The file's path as it was given.
  public let file: String
  /// The line, counted from 1; 0 where the file as a whole is meant.
  public let line: Int
  /// The column, counted from 1.
  public let column: Int

  package init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// The place of a value that no file holds: one built in code.
  static let none = SourceLocation(file: "", line: 0, column: 0)

  public var description: String { line == 0 ? file : "\(file):\(line):\(column)" }
}

extension SourceLocation: Comparable {
  public static func < (left: SourceLocation, right: SourceLocation) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

/// A configured value and where it was written, so that a later stage which rejects it can say where. A default stands at the section that
/// leaves it out.
public struct Located<Value: Sendable>: Sendable {
  /// The value.
  public var value: Value
  /// Where it was written.
  public var location: SourceLocation

  package init(_ value: Value, at location: SourceLocation) {
    self.value = value
    self.location = location
  }

  /// A value without a place: the initial value of a stored property, which is a default, or what a required key replaces.
  init(_ value: Value) {
    self.init(value, at: .none)
  }
}
