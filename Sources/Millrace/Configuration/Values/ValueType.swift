/// A kind of value: how it is read, how editors check it, what the reference page calls it.
struct ValueType<Value: Sendable>: Sendable {
  typealias Place = ConfigurationReader.Place

  /// For the reference page: `duration`.
  let label: String
  let schema: JSONText
  /// What the value holds, when it is a section or a collection of them.
  var sections: [SectionDescription] = []
  /// How the file writes a value; shows defaults.
  var show: @Sendable (Value) -> JSONText = { _ in .null }
  /// nil: the fault has been reported, or reading went wrong before.
  let read: @Sendable (ConfigurationNode, Place, inout ConfigurationReader) -> Value?
}

/// What the declarations say, for the schema and the reference page.
struct SectionDescription: Sendable {
  /// `lanes.NAME`; empty at the top.
  let path: String
  let summary: String
  let example: String
  let keys: [KeyDescription]
}

struct KeyDescription: Sendable {
  let name: String
  let label: String
  /// With description, default and example.
  let schema: JSONText
  let isRequired: Bool
  /// Words for a default, for the reference page.
  let defaultText: String
  let summary: String
  let sections: [SectionDescription]
}

extension ValueType {
  /// The value with its place.
  var located: ValueType<Located<Value>> {
    ValueType<Located<Value>>(label: label, schema: schema, sections: sections, show: { show($0.value) }) { node, place, reader in
      read(node, place, &reader).map { Located($0, at: node.location) }
    }
  }

  /// A list of at least one.
  func list(_ items: String) -> ValueType<[Value]> {
    ValueType<[Value]>(
      label: "list of \(items)", schema: ["type": "array", "minItems": 1, "items": schema], sections: sections
    ) { node, place, reader in
      guard let nodes = reader.list(node, place, help: "write [\(items)]") else { return [] }
      if nodes.isEmpty { reader.report("\(place.label) is empty", at: node.location, help: "list one or more \(items)") }
      return nodes.enumerated().compactMap { index, item in read(item, place.item(index, at: item.location), &reader) }
    }
  }
}
