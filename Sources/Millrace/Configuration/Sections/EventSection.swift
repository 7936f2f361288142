import EventDecoding

extension Configuration {
  /// The section `event`: how a payload becomes an event.
  package struct Event: Sendable {
    package internal(set) var format = Located(PayloadFormat.json)
    /// The expression of the event's identity, which goes into its prediction.
    package internal(set) var id: Located<String>?
    /// The paths of the event whose values never leave.
    package internal(set) var mask: [Located<String>] = []

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
        PayloadFormat.allCases.map { "`\($0.rawValue)`: \($0.summary)." }.joined(separator: " ")),
      .optional(
        "id", \.id, .expression, without: "the record's place, `TOPIC/PARTITION/OFFSET`", example: "event.id",
        "The event's identity. It becomes the prediction's `id`. A record that doesn't have it, or has null, becomes a dead letter."),
      .part(
        "mask", \.mask, ConfigurationType<String>.expression.located.list("paths").unique, isRequired: false, without: "nothing",
        example: "[event.card.number]",
        """
        Paths of the event whose values never leave. A member of `publish.include` that reads one of them, a part of it, or what holds it, \
        is written as `***`, in predictions, dead letters and `dry-run`. The `id` must not read any.
        """),
    ])
}
