extension Configuration {
  /// A case of `tests`, which `millrace test` runs: an event, and what must become of it.
  package struct TestCase: Sendable {
    /// A member of the prediction, and the value that it must have.
    package struct ExpectedOutput: Sendable {
      package internal(set) var name: Located<String>
      var value: OrderedJSON
    }

    /// Where the case stands in the file.
    package internal(set) var location = SourceLocation.none
    package internal(set) var name = Located("")
    /// The event as JSON; nil: there is `raw`, or no payload at all.
    var event: OrderedJSON?
    package internal(set) var raw: Located<String>?
    package internal(set) var key: Located<String>?
    var writtenHeaders: [Header]?
    package internal(set) var topic: Located<String>?
    /// The record's timestamp in milliseconds since 1970-01-01 UTC; nil: it has none.
    package internal(set) var timestampMs: Located<Int64>?
    /// The lane that the event must take; nil: any.
    package internal(set) var lane: Located<String>?
    /// A part of the message with which it must become a dead letter; nil: none is expected.
    package internal(set) var deadLetter: Located<String>?
    var writtenOutputs: [ExpectedOutput]?
    /// How far a number may be from the one expected.
    package internal(set) var tolerance = Located(1e-6)

    package struct Header: Sendable {
      package let name: String
      package let value: String
    }

    package var headers: [Header] { writtenHeaders ?? [] }
    package var outputs: [ExpectedOutput] { writtenOutputs ?? [] }

    init() {}
  }
}

extension Configuration.TestCase {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "tests[]",
    summary: """
      A case that `millrace test FILE` checks: an event, and what must become of it. What a case doesn't say is not checked, so an event \
      for a case of routes needs only what the routes read. A case without `event` and `raw` is a tombstone.
      """,
    example: """
      tests:
        - name: large payments are urgent
          event: {id: a-1, amount: 900.0}
          lane: urgent
        - name: an amount is required
          event: {id: a-2}
          dead_letter: amount
        - name: a small payment
          event: {id: a-3, amount: 3.5}
          headers: {priority: low}
          outputs: {score: 0.02}
          tolerance: 0.005
      """,
    make: { Self() },
    keys: [
      .required("name", \.name, .text("text"), example: "large payments are urgent", "What the case holds."),
      .optionalPart(
        "event", \.event, .event, without: "no payload, unless there is `raw`", example: "{amount: 900.0}",
        "The event. It becomes JSON; with `event: {format: tensor}` it is a list of numbers, and becomes float32 values."),
      .optional(
        "raw", \.raw, .anyText, without: "the `event`", example: "'{\"amount\": '",
        "The payload as it stands, for what is not valid JSON."),
      .optional("key", \.key, .anyText, without: "no key", example: "card-17", "The record's key."),
      .optionalPart(
        "headers", \.writtenHeaders, Header.type, without: "none", example: "{priority: urgent}", "The record's headers."),
      .optional(
        "topic", \.topic, .topic, without: "the first topic of the file", example: "transactions", "The topic that the record comes from."),
      .optional(
        "timestamp", \.timestampMs, .timestamp, without: "no timestamp", example: "2026-01-31T23:30:00Z", "The record's timestamp."),
      .optional("lane", \.lane, .text("name of a lane"), without: "any", example: "urgent", "The lane that it must take."),
      .optional(
        "dead_letter", \.deadLetter, .anyText, without: "none expected where there are `outputs`", example: "amount",
        "A part of the message with which it must become a dead letter."),
      .optionalPart(
        "outputs", \.writtenOutputs, ExpectedOutput.type, without: "any", example: "{score: 0.93}",
        "Members of the prediction and the values that they must have: numbers, strings, `true`, `false`, `null` or lists of them."),
      .defaulted(
        "tolerance", \.tolerance, .number(0...1e9), example: "0.001", "How far a number may be from the one in `outputs`."),
    ],
    check: { test, place, reader in
      test.location = place.location
      if test.event != nil, let raw = test.raw {
        reader.report("\(place.path) has both 'event' and 'raw'", at: raw.location, help: "keep one of them")
      }
      if let deadLetter = test.deadLetter, test.writtenOutputs != nil {
        reader.report(
          "\(place.path) expects outputs and a dead letter", at: deadLetter.location, help: "keep one: a dead letter has no prediction")
      }
      if test.lane == nil, test.deadLetter == nil, test.writtenOutputs == nil {
        reader.report("\(place.path) expects nothing", at: place.location, help: "add lane, outputs or dead_letter")
      }
    })
}

extension Configuration.TestCase.Header {
  static let type = ConfigurationType<[Self]>(
    label: "`NAME: VALUE`", schema: ["type": "object", "additionalProperties": ConfigurationType<String>.anyText.schema]
  ) { node, place, reader in
    guard let entries = reader.mapping(node, place, help: "write {NAME: VALUE}") else { return nil }
    return entries.compactMap { entry in
      ConfigurationType<String>.anyText.read(entry.value, place.key(entry.key.value, at: entry.key.location), &reader)
        .map { Self(name: entry.key.value, value: $0) }
    }
  }
}

extension Configuration.TestCase.ExpectedOutput {
  static let type = ConfigurationType<[Self]>(
    label: "`NAME: VALUE`",
    schema: [
      "type": "object", "minProperties": 1,
      "additionalProperties": ["type": ["number", "string", "boolean", "null", "array"]],
    ]
  ) { node, place, reader in
    let help = "write {NAME: VALUE}, for example {score: 0.93}"
    guard let entries = reader.mapping(node, place, help: help) else { return nil }
    if entries.isEmpty { reader.report("\(place.label) is empty", at: node.location, help: help) }
    return entries.compactMap { entry in
      OrderedJSON.read(entry.value, place.key(entry.key.value, at: entry.key.location), &reader).map { Self(name: entry.key, value: $0) }
    }
  }
}

/// What concerns the cases and other sections.
extension Configuration {
  func checkTests(_ reader: inout ConfigurationReader) {
    for (index, test) in tests.enumerated() {
      if let lane = test.lane, !lanes.isEmpty, self.lane(named: lane.value) == nil {
        reader.report(
          "unknown lane \(lane.value.shown) in tests[\(index)]", at: lane.location, help: suggestion(forLane: lane.value))
      }
      if let topic = test.topic, !allTopics.isEmpty, !allTopics.contains(topic.value) {
        reader.report(
          "no lane reads the topic \(topic.value.shown) of tests[\(index)]", at: topic.location,
          help: ConfigurationReader.suggestion(for: topic.value, among: allTopics, words: "topics"))
      }
      let members = ["id", "model", "version", "lane"] + publish.include.map(\.name.value) + models.flatMap(\.outputs).map(\.name.value)
      for output in test.outputs where !models.isEmpty && !members.contains(output.name.value) {
        reader.report(
          "predictions have no member \(output.name.value.shown), which tests[\(index)] expects", at: output.name.location,
          help: ConfigurationReader.suggestion(for: output.name.value, among: members, words: "members"))
      }
    }
  }
}
