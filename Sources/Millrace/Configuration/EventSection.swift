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
}

extension Configuration.Event {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "event",
    summary: "How a record's payload is read. Without this section, it is JSON.",
    example: "event: {format: json, id: event.id}",
    make: { Self() },
    keys: [
      .defaulted(
        "format", \.format, .choice, example: "json",
        """
        `json`: a JSON document, out of which features are computed. `tensor`: little-endian float32 values, one row of the model's only \
        input; the model's `inputs` then lists no features.
        """),
      .optional(
        "id", \.id, .expression, without: "no `id` in predictions", example: "event.id",
        "The event's identity. It becomes the prediction's `id`."),
    ])
}
