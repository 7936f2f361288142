extension Configuration {
  /// How a payload becomes an event.
  public struct Event: Sendable {
    public enum Format: String, CaseIterable, Sendable {
      /// A JSON document; features are expressions over it.
      case json
      /// One row of the model's only input: little-endian float32, nothing else.
      case tensor
    }

    public internal(set) var format = Located(Format.json)
    /// The expression of the event's identity, which goes into its prediction.
    public internal(set) var id: Located<String>?

    init() {}
  }

  /// Where predictions go, and what of the event goes with them.
  public struct Publish: Sendable {
    public internal(set) var topic = Located("")
    public internal(set) var include: [Inclusion] = []

    init() {}
  }

  /// A member of the output record that is taken from the event.
  public struct Inclusion: Sendable {
    /// The member's name: given, or the last part of the expression's path.
    public internal(set) var name: Located<String>
    public internal(set) var expression: Located<String>
  }

  /// Where records go that cannot be decoded or scored.
  public struct DeadLetter: Sendable {
    public internal(set) var topic = Located("")

    init() {}
  }
}
