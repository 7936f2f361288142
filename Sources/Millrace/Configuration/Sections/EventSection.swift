extension Configuration {
  /// The section `event`: how a payload becomes an event.
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
    /// The paths of the event whose values never leave.
    public internal(set) var mask: [Located<String>] = []

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
      .part(
        "mask", \.mask, ConfigurationType<String>.expression.located.list("paths").unique, isRequired: false, without: "nothing",
        example: "[event.card.number]",
        """
        Paths of the event whose values never leave. A member of `publish.include` that reads one of them, a part of it, or what holds it, \
        is written as `***`, in predictions, dead letters and `dry-run`. The `id` must not read any.
        """),
    ])
}
