extension Configuration {
  /// A rule of `routes`, which sends records to a lane. The first one that matches a record decides.
  package struct Route: Sendable {
    /// Where the rule stands in the file.
    package internal(set) var location = SourceLocation.none
    package internal(set) var lane = Located("")
    /// The condition, a CEL expression of type bool; nil: the rule takes every record.
    package internal(set) var when: Located<String>?

    init() {}
  }
}

extension Configuration.Route {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "routes[]",
    summary: """
      Which lane a record takes: the first route that matches, from the top. A lane that names its own `topics` takes no records of other \
      topics, and its routes are passed over for them. The last route of a topic has no `when`, so that each record has a lane. Where no \
      topic is read by two lanes, `routes` may be left out.
      """,
    example: """
      routes:
        - {lane: urgent, when: 'event.amount >= 500.0 || has(headers.priority) && headers.priority == "urgent"'}
        - {lane: bulk}
      """,
    make: { Self() },
    keys: [
      .required("lane", \.lane, .text("name of a lane"), example: "bulk", "The lane that takes the records."),
      .optional(
        "when", \.when, .expression, without: "every record", example: "event.amount >= 500.0",
        "The condition, of type bool. A record on which it fails does not match."),
    ],
    check: { route, place, _ in route.location = place.location })

  /// How `routes` are written. With a fault in one route, nothing can be said about the others: then the list is empty.
  static let list = ConfigurationType<[Configuration.Route]?>(
    label: "list of routes", schema: definition.type.list("routes").schema, sections: [definition.description]
  ) { node, place, reader in
    let before = reader.faultCount
    let routes = definition.type.list("routes").read(node, place, &reader)
    return reader.faultCount == before ? routes : .some([])
  }
}
