extension Configuration {
  /// The section `fallback` of a lane: what answers where its model does not.
  package struct Fallback: Sendable {
    /// Where the section stands.
    package internal(set) var location = SourceLocation(file: "", line: 0, column: 0)
    /// The model that answers; nil: `outputs` has the answer.
    package internal(set) var model: Located<String>?
    var writtenOutputs: [FixedOutput]?

    /// The answer, where it is always the same; empty where a model answers.
    var outputs: [FixedOutput] { writtenOutputs ?? [] }

    init() {}
  }

  /// A member of a prediction that is the same for every record.
  struct FixedOutput: Sendable {
    let name: Located<String>
    let value: Located<OrderedJSON>
  }
}

extension Configuration.Fallback {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "lanes.NAME.fallback",
    summary: """
      What answers while the circuit is open, or for late records with `on_deadline: fallback`: another model, which has the same \
      inputs, or the same outputs for every record. Such a prediction has `"degraded": true`. With a model, `model` and `version` are \
      the fallback's; with fixed outputs, those of the lane's own model. A record that the fallback can't answer is a dead letter with \
      both reasons.
      """,
    example: """
      lanes:
        bulk: {model: fraud, fallback: {outputs: {score: 0.5}}}
      """,
    make: { Self() },
    keys: [
      .optional(
        "model", \.model, .text("name of a model"), without: "`outputs` has the answer", example: "rules",
        "A model with the inputs of the lane's own, filled by the same features, and with all its outputs."),
      .optionalPart(
        "outputs", \.writtenOutputs, Configuration.FixedOutput.type, without: "`model` has the answer", example: "{score: 0.5}",
        "A value for each output of the lane's model: a number, a boolean, a string, or a list where the output is more than one number."),
    ],
    check: { fallback, place, reader in
      fallback.location = place.location
      if (fallback.model == nil) != (fallback.writtenOutputs == nil) { return }
      let what = fallback.model == nil ? "names neither a model nor outputs" : "names a model and outputs"
      reader.report("\(place.path) \(what)", at: place.location, help: "write {model: NAME} or {outputs: {NAME: VALUE}}")
    })
}

extension Configuration.FixedOutput {
  static let type = ConfigurationType<[Self]>(
    label: "`NAME: VALUE`",
    schema: [
      "type": "object", "minProperties": 1,
      "additionalProperties": ["anyOf": [["type": ["number", "boolean", "string"]], ["type": "array", "minItems": 1]]],
    ]
  ) { node, place, reader in
    let help = "write NAME: VALUE, for example score: 0.5"
    guard let entries = reader.mapping(node, place, help: help) else { return nil }
    if entries.isEmpty { reader.report("\(place.label) is empty", at: node.location, help: help) }
    return entries.map { entry in
      let entryPlace = place.key(entry.key.value, at: entry.key.location)
      let value = OrderedJSON.read(entry.value, entryPlace, &reader)
      switch value {
      case .null, .object: reader.reject(entry.value, entryPlace, expected: "a value or a list", help: help)
      default: break
      }
      // A faulty one is there all the same: it is not missing, too.
      return Self(name: entry.key, value: Located(value ?? .null, at: entry.value.location))
    }
  }
}
