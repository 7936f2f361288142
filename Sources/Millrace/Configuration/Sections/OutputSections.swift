extension Configuration {
  /// The section `publish`: where predictions go, and what of the event goes with them.
  package struct Publish: Sendable {
    package internal(set) var topic = Located("")
    package internal(set) var include: [Inclusion] = []

    init() {}
  }

  /// A member of the output record that is taken from the event.
  package struct Inclusion: Sendable {
    /// The member's name: given, or the last part of the expression's path.
    package internal(set) var name: Located<String>
    package internal(set) var expression: Located<String>
  }

  /// The section `dead_letter`: where records go that cannot be decoded or scored.
  package struct DeadLetter: Sendable {
    package enum Payload: String, CaseIterable, Sendable {
      /// The source's value as it is.
      case full
      /// The event's id and what `publish.include` names, as JSON.
      case fields
      /// No value: NULL.
      case none
    }

    package internal(set) var topic = Located("")
    package internal(set) var payload = Located(Payload.full)
    /// How many dead letters in a row stop a lane; nil: none do.
    package internal(set) var maxConsecutive: Located<Int>?
    /// The share of dead letters among a worker's last 1,000 records that stops a lane; nil: none does.
    package internal(set) var maxRatio: Located<Double>?

    init() {}
  }
}

extension Configuration.Publish {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "publish",
    summary: "Where predictions go.",
    example: """
      publish:
        topic: predictions
        include:
          - event.card                      # "card": …
          - amount_eur: event.cents / 100   # "amount_eur": 19.99 of 1999 as of 1999.0
      """,
    make: { Self() },
    keys: [
      .required("topic", \.topic, .topic, example: "predictions", "The topic of the predictions. No lane may read it."),
      .part(
        "include", \.include, Configuration.Inclusion.type.list("expressions"), isRequired: false, without: "nothing",
        example: "[event.card]",
        """
        What of the event goes into its prediction beside the `id`: a path, which gives its last part as the name, or `NAME: EXPRESSION`. \
        A path is copied as it was written, an expression's value is written anew. Nothing else of the event leaves.
        """),
    ])
}

extension Configuration.DeadLetter {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "dead_letter",
    summary: "Where records go that can't be decoded or scored, with the reason in their headers.",
    example: "dead_letter: {topic: transactions.dlq}",
    make: { Self() },
    keys: [
      .required("topic", \.topic, .topic, example: "transactions.dlq", "The topic of the dead letters. No lane may read it."),
      .defaulted(
        "payload", \.payload, .choice, example: "fields",
        """
        What of the record's value stands in its dead letter. `full`: all of it. `fields`: the event's id and what `publish.include` \
        names, as JSON. `none`: nothing. But with `full`, messages quote no values either. Key and headers always go along. `redrive` \
        fetches what is left out from the source topic.
        """),
      .optional(
        "max_consecutive", \.maxConsecutive, .integer(1...1_000_000), without: "no limit", example: "1000",
        "So many dead letters of a worker in a row stop its lane with exit code 70, instead of emptying the topic into this one."),
      .optional(
        "max_ratio", \.maxRatio, .number(0.001...1), without: "no limit", example: "0.5",
        "Stops the lane likewise, when as large a share of 1,000 records are dead letters among the last 1,000 of a worker that became a "
          + "prediction or a dead letter."),
    ])
}

extension Configuration.Inclusion {
  static let type = ConfigurationType<Self>(
    label: "expression or `NAME: EXPRESSION`",
    schema: [
      "anyOf": [
        ConfigurationType<String>.expression.schema,
        ["type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": ConfigurationType<String>.expression.schema],
      ]
    ]
  ) { node, place, reader in
    guard case .mapping(let entries) = node.content else {
      guard let expression = ConfigurationType<String>.expression.read(node, place, &reader) else { return nil }
      let located = Located(expression, at: node.location)
      guard let name = memberName(of: expression) else {
        reader.report(
          "\(place.label) needs a name: it is more than a path", at: node.location,
          help: "write NAME: \(expression.replacing("\n", with: " ").prefix(60))")
        return nil
      }
      return Self(name: Located(name, at: node.location), expression: located)
    }
    guard let entry = entries.first, entries.count == 1 else {
      reader.report(
        "\(place.label) must have one name and its expression", at: node.location, help: "write - NAME: EXPRESSION, one item each")
      return nil
    }
    let entryPlace = place.key(entry.key.value, at: entry.key.location)
    guard ConfigurationType<String>.name.read(ConfigurationNode(name: entry.key), entryPlace, &reader) != nil,
      let expression = ConfigurationType<String>.expression.read(entry.value, entryPlace, &reader)
    else { return nil }
    return Self(name: entry.key, expression: Located(expression, at: entry.value.location))
  }

  /// The name under which an expression's value goes out: `number` for `event.card.number`; nil for what is no path.
  private static func memberName(of expression: String) -> String? {
    expression.wholeMatch(of: /\s*(?:[A-Za-z_][A-Za-z0-9_]*\.)*([A-Za-z_][A-Za-z0-9_]*)\s*/).map { String($0.1) }
  }
}
