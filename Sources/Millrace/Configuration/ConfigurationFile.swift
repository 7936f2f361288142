import Foundation

extension Configuration {
  /// Reads and checks a file. All of its faults come in one error, in the file's order.
  public static func load(
    _ path: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(ConfigurationError) -> Configuration {
    throw ConfigurationError([Diagnostic("the reader is not there yet", at: SourceLocation(file: path, line: 0, column: 0))])
  }

  /// Reads and checks a text; `file` is the name that its faults carry, and relative paths count from its folder.
  public static func parse(
    _ text: String, file: String, environment: [String: String] = [:]
  ) throws(ConfigurationError) -> Configuration {
    throw ConfigurationError([Diagnostic("the reader is not there yet", at: SourceLocation(file: file, line: 0, column: 0))])
  }
}
