import Texts

/// The declaration of a section: a mapping with declared keys. Everything that is said about a section is said here, once: the reader, the
/// JSON Schema and the reference page follow.
struct ConfigurationSection<Owner: Sendable>: Sendable {
  /// The section's path, such as `lanes.NAME`; empty at the top.
  let path: String
  /// What tells it from another section at the same path, as words behind the path.
  var form = ""
  let summary: String
  let example: String
  /// Makes a section in which every key has its default.
  let make: @Sendable () -> Owner
  let keys: [ConfigurationKey<Owner>]
  /// The prefix of keys that are passed over: anchors may be kept under them.
  var ignoredPrefix: String?
  /// Checks what concerns several of the section's keys.
  var check: @Sendable (inout Owner, ConfigurationReader.Place, inout ConfigurationReader) -> Void = { _, _, _ in }

  var description: SectionDescription {
    let owner = make()
    return SectionDescription(path: path, form: form, summary: summary, example: example, keys: keys.map { $0.describe(owner) })
  }

  var schema: OrderedJSON {
    let keys = description.keys
    var members: [OrderedJSON.Member] = [.init(name: "type", value: "object"), .init(name: "additionalProperties", value: false)]
    let required = keys.filter(\.isRequired).map { OrderedJSON.string($0.name) }
    if !required.isEmpty { members.append(.init(name: "required", value: .array(required))) }
    members.append(.init(name: "properties", value: .object(keys.map { .init(name: $0.name, value: $0.schema) })))
    if let ignoredPrefix {
      members.append(.init(name: "patternProperties", value: .object([.init(name: "^\(ignoredPrefix)", value: true)])))
    }
    return .object(members)
  }

  var type: ConfigurationType<Owner> {
    let description = description
    return ConfigurationType(label: "section", schema: schema, sections: [description], read: read)
  }

  /// A mapping of sections by name, in the file's order.
  /// - Parameter path: where the name goes.
  func named(
    _ name: ConfigurationType<String>, _ path: any WritableKeyPath<Owner, Located<String>> & Sendable
  ) -> ConfigurationType<[Owner]> {
    ConfigurationType<[Owner]>(
      label: "sections by name", schema: ["type": "object", "minProperties": 1, "additionalProperties": schema], sections: [description]
    ) { node, place, reader in
      guard let entries = reader.mapping(node, place, help: "write NAME: {…}") else { return [] }
      if entries.isEmpty { reader.report("\(place.label) is empty", at: node.location, help: "write NAME: {…}") }
      return entries.map { entry in
        var keyPlace = place.key(entry.key.value, at: entry.key.location)
        keyPlace.label = "the name of \(keyPlace.path)"
        _ = name.read(ConfigurationNode(name: entry.key), keyPlace, &reader)
        var owner = read(entry.value, place.key(entry.key.value, at: entry.key.location), &reader)
        owner[keyPath: path] = entry.key
        return owner
      }
    }
  }

  /// Reads the keys that can be read: the parts that are right let later checks find more in one go.
  @Sendable func read(_ node: ConfigurationNode, _ place: ConfigurationReader.Place, _ reader: inout ConfigurationReader) -> Owner {
    var owner = make()
    let help = "keys: \(keys.map(\.name).joined(separator: ", "))"
    guard let entries = reader.mapping(node, place, help: help) else { return owner }
    for entry in entries where !keys.contains(where: { $0.name == entry.key.value }) {
      if let ignoredPrefix, entry.key.value.hasPrefix(ignoredPrefix) { continue }
      report(unknown: entry.key, place, &reader)
    }
    for key in keys {
      if let entry = entries.first(where: { $0.key.value == key.name }) {
        key.read(entry.value, place.key(key.name, at: entry.key.location), &owner, &reader)
      } else if key.isRequired {
        let label = place.path.isEmpty ? "" : " in \(place.path)"
        reader.report("missing key '\(key.name)'\(label)", at: place.location, help: "add it, for example: \(key.example)")
      } else {
        key.locate(&owner, place.location)
      }
    }
    check(&owner, place, &reader)
    return owner
  }

  private func report(unknown key: Located<String>, _ place: ConfigurationReader.Place, _ reader: inout ConfigurationReader) {
    let help: String
    if let near = Suggestion.nearest(to: key.value, in: keys.map(\.name)) {
      help = "did you mean '\(near)'?"
    } else if let home = ConfigurationSchema.home(ofKey: key.value) {
      help = "it belongs \(home.isEmpty ? "at the top level" : "in \(home)")"
    } else {
      help = "keys: \(keys.map(\.name).joined(separator: ", "))"
    }
    let label = place.path.isEmpty ? "at the top level" : "in \(place.path)"
    reader.report("unknown key \(key.value.shown) \(label)", at: key.location, help: help)
  }
}
