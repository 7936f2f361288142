/// One fault of a configuration file: what, where, and what to do.
public struct Diagnostic: Sendable, Hashable {
  public let location: SourceLocation
  public let message: String
  /// The next step: a name that is near, the allowed values, a key to add.
  public let help: String?

  public init(_ message: String, at location: SourceLocation, help: String? = nil) {
    self.location = location
    self.message = message
    self.help = help
  }
}

/// Every fault that was found in a configuration, in the order of the file.
public struct ConfigurationError: Error, Sendable {
  public let diagnostics: [Diagnostic]

  public init(_ diagnostics: [Diagnostic]) {
    self.diagnostics = diagnostics
  }
}
