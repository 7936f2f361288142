/// The declaration of one key of a section: its name, type, default, words and example.
struct ConfigurationKey<Owner: Sendable>: Sendable {
  typealias Place = ConfigurationReader.Place

  let name: String
  let isRequired: Bool
  /// A line of YAML that sets it.
  let example: String
  let read: @Sendable (ConfigurationNode, Place, inout Owner, inout ConfigurationReader) -> Void
  /// Gives the property's default the place of its section.
  let locate: @Sendable (inout Owner, SourceLocation) -> Void
  let describe: @Sendable (Owner) -> KeyDescription
}

extension ConfigurationKey {
  /// Declares a key.
  /// - Parameters:
  ///   - example: the value alone.
  ///   - defaultText: words for a default that isn't a value.
  ///   - default: computes one that is.
  private init<Value>(
    _ name: String, _ path: any WritableKeyPath<Owner, Value> & Sendable, _ type: ConfigurationType<Value>, isRequired: Bool,
    example: String,
    defaultText: String, default: @escaping @Sendable (Owner) -> OrderedJSON?, summary: String,
    locate: @escaping @Sendable (inout Owner, SourceLocation) -> Void = { _, _ in }
  ) {
    self.name = name
    self.isRequired = isRequired
    self.example = "\(name): \(example)"
    self.locate = locate
    read = { node, place, owner, reader in
      if let value = type.read(node, place, &reader) { owner[keyPath: path] = value }
    }
    describe = { owner in
      let value = `default`(owner)
      var extra: [OrderedJSON.Member] = [.init(name: "description", value: .string(summary))]
      if let value { extra.append(.init(name: "default", value: value)) }
      return KeyDescription(
        name: name, label: type.label, schema: type.schema.adding(extra), isRequired: isRequired,
        defaultText: isRequired ? "required" : value.map { "`\($0.plain)`" } ?? defaultText, summary: summary, sections: type.sections)
    }
  }

  static func required<Value>(
    _ name: String, _ path: any WritableKeyPath<Owner, Located<Value>> & Sendable, _ type: ConfigurationType<Value>, example: String,
    _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(name, path, type.located, isRequired: true, example: example, defaultText: "", default: { _ in nil }, summary: summary)
  }

  /// A key whose default is the property's initial value.
  static func defaulted<Value>(
    _ name: String, _ path: any WritableKeyPath<Owner, Located<Value>> & Sendable, _ type: ConfigurationType<Value>, example: String,
    _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      name, path, type.located, isRequired: false, example: example, defaultText: "", default: { type.show($0[keyPath: path].value) },
      summary: summary, locate: { $0[keyPath: path].location = $1 })
  }

  static func optional<Value>(
    _ name: String, _ path: any WritableKeyPath<Owner, Located<Value>?> & Sendable, _ type: ConfigurationType<Value>, without: String,
    example: String,
    _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      name, path, type.located.optional, isRequired: false, example: example, defaultText: without, default: { _ in nil }, summary: summary)
  }

  static func optionalPart<Value>(
    _ name: String, _ path: any WritableKeyPath<Owner, Value?> & Sendable, _ type: ConfigurationType<Value>, without: String,
    example: String,
    _ summary: String
  ) -> ConfigurationKey {
    part(name, path, type.optional, isRequired: false, without: without, example: example, summary)
  }

  /// A key whose value is a section, a list or a collection of sections. Its parts have their own places.
  static func part<Value>(
    _ name: String, _ path: any WritableKeyPath<Owner, Value> & Sendable, _ type: ConfigurationType<Value>, isRequired: Bool = true,
    without: String = "", example: String, _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      name, path, type, isRequired: isRequired, example: example, defaultText: without, default: { _ in nil }, summary: summary)
  }
}

extension ConfigurationType {
  var optional: ConfigurationType<Value?> {
    ConfigurationType<Value?>(label: label, schema: schema, sections: sections, show: { $0.map(show) ?? .null }) { node, place, reader in
      read(node, place, &reader).map { .some($0) }
    }
  }
}
