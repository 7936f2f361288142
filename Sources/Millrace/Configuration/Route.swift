extension Configuration {
  /// A rule that sends records to a lane. The first one that matches a record decides.
  public struct Route: Sendable {
    /// Where the rule stands in the file.
    public internal(set) var location = SourceLocation.none
    public internal(set) var lane = Located("")
    /// A CEL expression of type bool; nil takes every record.
    public internal(set) var when: Located<String>?

    init() {}
  }
}
