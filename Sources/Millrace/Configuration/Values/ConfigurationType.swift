/// The type of a configured value: how it is read, how editors check it, what the reference page calls it.
struct ConfigurationType<Value: Sendable>: Sendable {
  typealias Place = ConfigurationReader.Place

  /// What the reference page calls it: `duration`.
  let label: String
  let schema: OrderedJSON
  /// The sections that the value holds, when it is a section or a collection of them.
  var sections: [SectionDescription] = []
  /// The value as the file writes it, for defaults.
  var show: @Sendable (Value) -> OrderedJSON = { _ in .null }
  /// Reads a value; nil: the fault has been reported, or reading went wrong before.
  let read: @Sendable (ConfigurationNode, Place, inout ConfigurationReader) -> Value?
}

/// A section's declaration as the schema and the reference page need it.
struct SectionDescription: Sendable {
  /// The section's path, such as `lanes.NAME`; empty at the top.
  let path: String
  /// What tells it from another section at the same path, as words behind the path.
  var form = ""
  let summary: String
  let example: String
  let keys: [KeyDescription]
}

struct KeyDescription: Sendable {
  let name: String
  let label: String
  /// The JSON Schema of the value, with description, default and example.
  let schema: OrderedJSON
  let isRequired: Bool
  /// The default in words, for the reference page.
  let defaultText: String
  let summary: String
  let sections: [SectionDescription]
}

extension ConfigurationType {
  /// The type of such values with their places.
  var located: ConfigurationType<Located<Value>> {
    ConfigurationType<Located<Value>>(label: label, schema: schema, sections: sections, show: { show($0.value) }) { node, place, reader in
      read(node, place, &reader).map { Located($0, at: node.location) }
    }
  }

  /// The type of lists of at least one such value.
  func list(_ items: String) -> ConfigurationType<[Value]> {
    ConfigurationType<[Value]>(
      label: "list of \(items)", schema: ["type": "array", "minItems": 1, "items": schema], sections: sections
    ) { node, place, reader in
      guard let nodes = reader.list(node, place, help: "write [\(items)]") else { return [] }
      if nodes.isEmpty { reader.report("\(place.label) is empty", at: node.location, help: "list one or more \(items)") }
      return nodes.enumerated().compactMap { index, item in read(item, place.item(index, at: item.location), &reader) }
    }
  }
}
