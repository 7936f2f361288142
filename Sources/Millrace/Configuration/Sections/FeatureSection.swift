import Texts

extension Configuration {
  /// One column of a model input, or a block of columns when it is a vector.
  package struct Feature: Sendable {
    package enum Missing: Sendable, Equatable {
      /// The record becomes a dead letter.
      case error
      case nan
      case number(Double)
      case bool(Bool)
      case string(String)
    }

    /// A fixed-width block of float32 columns.
    package struct Vector: Sendable {
      package enum Encoding: String, CaseIterable, Sendable {
        case array, csv, base64
      }

      package internal(set) var length = Located(0)
      package internal(set) var encoding = Located(Encoding.array)

      init() {}
    }

    /// The name that the file gives, or else the expression.
    package internal(set) var name = Located("")
    package internal(set) var expression = Located("")
    /// The value that takes the place of a field that is absent or null.
    package internal(set) var missing = Located(Missing.error)
    package internal(set) var vector: Vector?

    init() {}

    /// How many columns the feature fills.
    package var width: Int { vector?.length.value ?? 1 }
  }
}

extension Configuration.Feature {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "models.NAME.inputs[].features[]",
    summary: "A feature is an expression of type number, bool or string. Where more is to be said about it, it is a mapping:",
    example: """
      features:
        - event.amount
        - {feature: event.merchant.risk, missing: nan}
        - {name: night, feature: timestamp.getHours() < 6}
      """,
    make: { Self() },
    keys: [
      .required("feature", \.expression, .expression, example: "event.amount", "The expression."),
      .optionalName(\.name),
      .defaulted("missing", \.missing, Missing.type, example: "nan", missingSummary),
    ],
    check: finish)

  static let vectorDefinition: ConfigurationSection<Self> = ConfigurationSection(
    path: "models.NAME.inputs[].features[]", form: " with `vector`",
    summary: "A vector fills a block of columns with float32 values.",
    example: """
      features:
        - {vector: event.pixels, length: 784}
        - {vector: event.embedding, length: 64, encoding: base64}
      """,
    make: {
      var feature = Self()
      feature.vector = Vector()
      return feature
    },
    keys: [
      .required("vector", \.expression, .expression, example: "event.pixels", "The expression of the vector."),
      .required("length", \.vector.orEmpty.length, .integer(1...1_048_576), example: "784", "How many numbers it must have."),
      .defaulted(
        "encoding", \.vector.orEmpty.encoding, .choice, example: "base64",
        "`array`: a JSON array of numbers. `csv`: a string of numbers with commas between. `base64`: little-endian float32 values."),
      .optionalName(\.name),
      .defaulted("missing", \.missing, Missing.type, example: "nan", missingSummary),
    ],
    check: finish)

  private static let missingSummary = """
    What takes the place of a field that is absent or null: `error` makes the record a dead letter; `nan`, a number, `true`, `false` or \
    a string in quotes fills in.
    """

  private static let finish: @Sendable (inout Self, ConfigurationReader.Place, inout ConfigurationReader) -> Void = { feature, _, _ in
    if feature.name.value.isEmpty { feature.name = feature.expression }
  }

  /// How a feature is written: an expression, or one of the two mappings.
  static let type = ConfigurationType<Self>(
    label: "expression or mapping",
    schema: ["anyOf": [ConfigurationType<String>.expression.schema, definition.schema, vectorDefinition.schema]],
    sections: [definition.description, vectorDefinition.description]
  ) { node, place, reader in
    if case .mapping(let entries) = node.content {
      let isVector = entries.contains { $0.key.value == "vector" }
      return isVector ? vectorDefinition.read(node, place, &reader) : definition.read(node, place, &reader)
    }
    guard let expression = ConfigurationType<String>.expression.read(node, place, &reader) else { return nil }
    var feature = Self()
    feature.expression = Located(expression, at: node.location)
    feature.name = feature.expression
    feature.missing.location = node.location
    return feature
  }
}

extension Configuration.Feature.Missing {
  static let type = ConfigurationType<Self>(
    label: "`error`, `nan` or a value", schema: ["type": ["string", "number", "boolean"]], show: { $0.shown }
  ) { node, place, reader in
    let help = "allowed: error, nan, a number, true, false, or a string in quotes"
    guard let scalar = reader.scalar(node, place, expected: "error, nan or a value", help: help) else { return nil }
    if scalar.isQuoted && !scalar.isInterpolated { return .string(scalar.text) }
    switch (scalar.text, ConfigurationNode.Scalar.kind(ofPlain: scalar.text)) {
    case ("error", _): return .error
    case ("nan", _): return .nan
    case (let text, .bool): return .bool(text.lowercased() == "true")
    case (let text, .integer), (let text, .float):
      if let number = Double(text), number.isFinite { return .number(number) }
    case (let text, _):
      if scalar.isInterpolated { return .string(text) }
    }
    let near = Suggestion.nearest(to: scalar.text, in: ["error", "nan"]).map { "did you mean '\($0)'? " } ?? ""
    reader.report("\(place.label) cannot be \(scalar.shown)", at: node.location, help: near + help)
    return nil
  }

  var shown: OrderedJSON {
    switch self {
    case .error: "error"
    case .nan: "nan"
    case .number(let value): .number("\(value)")
    case .bool(let value): .bool(value)
    case .string(let text): .string(text)
    }
  }
}

extension Optional where Wrapped == Configuration.Feature.Vector {
  /// The vector, for the path of its keys; only read where there is one.
  fileprivate var orEmpty: Configuration.Feature.Vector {
    get { self ?? Configuration.Feature.Vector() }
    set { self = newValue }
  }
}

extension ConfigurationKey where Owner == Configuration.Feature {
  fileprivate static func optionalName(_ path: any WritableKeyPath<Owner, Located<String>> & Sendable) -> ConfigurationKey {
    .part(
      "name", path, ConfigurationType<String>.text("text").located, isRequired: false, without: "the expression", example: "amount",
      "What `dry-run` and errors call the feature.")
  }
}
