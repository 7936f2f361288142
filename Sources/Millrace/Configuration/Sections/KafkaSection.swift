import KafkaClient
import Texts

extension KafkaSettings {
  /// How the file's `kafka:` is written. Any property of librdkafka passes as it stands, so there are no keys to declare; what would break
  /// the guarantees is refused.
  static let type = ConfigurationType<KafkaSettings>(
    label: "librdkafka properties", schema: schema(required: ["bootstrap.servers"], properties: ["bootstrap.servers": bootstrapSchema]),
    sections: [
      SectionDescription(
        path: "kafka",
        summary: """
          Any property of librdkafka, verbatim, for consumers and producers alike; what the library at hand doesn't know or take is an \
          error. `bootstrap.servers` is required: \
          `HOST:PORT,HOST:PORT`, or `embedded` for a broker inside the process, for development. Secrets belong in the environment \
          or in files; `millrace check` and the logs mask them. Millrace sets these itself and refuses them here: \(refusedNames).
          """,
        example: """
          kafka:
            bootstrap.servers: ${BROKERS:-localhost:9092}
            security.protocol: SASL_SSL
            sasl.mechanisms: SCRAM-SHA-512
            sasl.username: millrace
            sasl.password: ${file:/run/secrets/kafka-password}
          """,
        keys: [])
    ]
  ) { node, place, reader in
    guard let settings = read(node, place, &reader) else { return nil }
    let example = "for example: bootstrap.servers: localhost:9092, or embedded for a broker in the process"
    if let servers = settings.property(named: "bootstrap.servers") {
      if servers.value.value.allSatisfy({ $0.isWhitespace || $0 == "," }) {
        reader.report("'bootstrap.servers' in kafka is empty", at: servers.value.location, help: example)
      }
    } else if case .mapping(let entries) = node.content,
      !entries.contains(where: { ["bootstrap.servers", "metadata.broker.list"].contains($0.key.value) })
    {
      reader.report("missing key 'bootstrap.servers' in kafka", at: place.location, help: "add it, \(example)")
    }
    return settings
  }

  /// How a lane's `kafka:` is written.
  static let laneType = ConfigurationType<KafkaSettings>(label: "librdkafka properties", schema: schema(required: [], properties: [:])) {
    node, place, reader in
    guard let settings = read(node, place, &reader) else { return nil }
    if let servers = settings.property(named: "bootstrap.servers") {
      reader.report(
        "'bootstrap.servers' in \(place.path) is refused: all lanes of a file use one cluster", at: servers.name.location,
        help: "set it in kafka at the top level")
    }
    return settings
  }

  private static let bootstrapSchema: OrderedJSON = [
    "type": "string", "minLength": 1, "description": "`HOST:PORT,HOST:PORT`, or `embedded` for a development broker inside the process.",
  ]

  private static func schema(required: [OrderedJSON], properties: [String: OrderedJSON]) -> OrderedJSON {
    let refused = refusals.map { refusal in
      OrderedJSON.Member(
        name: refusal.property, value: refusal.allowed.isEmpty ? false : ["enum": .array(refusal.allowed.flatMap(spellings))])
    }
    return [
      "type": "object", "required": .array(required),
      "properties": .object(properties.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) } + refused),
      "additionalProperties": ["type": ["string", "number", "boolean"]],
    ]
  }

  /// The ways in which YAML may read a value: `false` and `-1` as a boolean and a number.
  private static func spellings(_ value: String) -> [OrderedJSON] {
    switch ConfigurationNode.Scalar.kind(ofPlain: value) {
    case .bool: [.bool(value == "true"), .string(value)]
    case .integer: [.number(value), .string(value)]
    default: [.string(value)]
    }
  }

  private static func read(_ node: ConfigurationNode, _ place: ConfigurationReader.Place, _ reader: inout ConfigurationReader)
    -> KafkaSettings?
  {
    guard let entries = reader.mapping(node, place, help: "write PROPERTY: VALUE, with librdkafka's names") else { return nil }
    // A plugin may bring properties of its own, and librdkafka loads it to ask.
    let hasPlugins = entries.contains { $0.key.value == "plugin.library.paths" }
    return KafkaSettings(
      entries.compactMap { entry in
        let name = entry.key.value
        let entryPlace = place.key(name, at: entry.key.location)
        if let refusal = refusals.first(where: { $0.property == name }) {
          guard case .scalar(let scalar) = entry.value.content, refusal.allowed.contains(scalar.text) else {
            reader.report("\(entryPlace.label) is refused: \(refusal.reason)", at: entry.key.location, help: refusal.help)
            return nil
          }
        }
        let help =
          switch entry.value.content {
          case .mapping: "write the property's full name, with dots: \(name).…"
          default: "write one value, with commas between its parts"
          }
        guard let scalar = reader.scalar(entry.value, entryPlace, expected: "a single value", help: help) else { return nil }
        let property = Property(
          name: entry.key, value: Located(scalar.text, at: entry.value.location), isFromSecret: scalar.origin == .secret)
        if !hasPlugins { report(property, entryPlace, &reader) }
        return property
      })
  }

  /// Reports a property that librdkafka doesn't take at its place in the file, before a client is made.
  private static func report(_ property: Property, _ place: ConfigurationReader.Place, _ reader: inout ConfigurationReader) {
    let (name, value, library) = (property.name.value, property.value.value, "librdkafka \(KafkaLibrary.version)")
    switch KafkaLibrary.complaint(of: name, value) {
    case nil: return
    case .unknown:
      let near = Suggestion.nearest(to: name, in: KafkaLibrary.propertyNames)
      reader.report(
        "unknown property \(place.label)", at: property.name.location,
        help: near.map { "did you mean '\($0)'?" } ?? "\(library) has none of that name; its CONFIGURATION.md lists them")
    case .refused(let words):
      let isSecret = property.isFromSecret || SecretNames.isSensitive(name)
      let shown = isSecret && !value.isEmpty ? words.replacing(value, with: SecretNames.mask) : words
      reader.report(
        "\(place.label) is refused: \(SecretNames.printable(Array(shown.unicodeScalars)[...]))", at: property.value.location,
        help: "\(library) says so; its CONFIGURATION.md lists what a property takes")
    }
  }
}

/// A property that is refused: Millrace sets it itself, or it would break what Millrace guarantees.
private struct Refusal: Sendable {
  let property: String
  let reason: String
  let help: String
  /// Values that do no harm, and are let through.
  var allowed: [String] = []
}

private let commits = "Millrace commits an offset only after its outputs are acknowledged"
private let reports = "Millrace counts on the delivery report of every record"

private let refusals: [Refusal] = [
  Refusal(
    property: "group.id", reason: "each lane has a group of its own",
    help: "use `group` at the top level: lane bulk of group fraud is fraud.bulk"),
  Refusal(property: "enable.auto.commit", reason: commits, help: "remove it; see commit_interval of a lane", allowed: ["false"]),
  Refusal(property: "auto.commit.enable", reason: commits, help: "remove it; see commit_interval of a lane", allowed: ["false"]),
  Refusal(property: "auto.commit.interval.ms", reason: commits, help: "use commit_interval of a lane"),
  Refusal(property: "enable.auto.offset.store", reason: commits, help: "remove it", allowed: ["false"]),
  Refusal(property: "offset.store.method", reason: commits, help: "remove it", allowed: ["broker"]),
  Refusal(property: "transactional.id", reason: "each worker has its own, which Millrace sets", help: "remove it"),
  Refusal(
    property: "acks", reason: "a prediction must not be lost with its broker", help: "remove it: the default is all",
    allowed: ["all", "-1"]),
  Refusal(
    property: "request.required.acks", reason: "a prediction must not be lost with its broker", help: "remove it: the default is all",
    allowed: ["all", "-1"]),
  Refusal(property: "delivery.report.only.error", reason: reports, help: "remove it", allowed: ["false"]),
  Refusal(property: "metadata.broker.list", reason: "it is another name of bootstrap.servers", help: "use bootstrap.servers"),
  Refusal(property: "test.mock.num.brokers", reason: "it gives each client a cluster of its own", help: "use bootstrap.servers: embedded"),
]

private let refusedNames = refusals.map { refusal in
  "`\(refusal.property)`" + (refusal.allowed.isEmpty ? "" : " (but for `\(refusal.allowed.joined(separator: "`, `"))`)")
}.joined(separator: ", ")
