import KafkaClient

/// Finds `kafka` properties of which librdkafka refuses to make a client, before anything is asked of the cluster: credentials that are
/// missing, a file that can't be read, properties that don't go together. Its faults stand at the properties' place in the file.
struct ClientCheck {
  /// What of a lane goes into its clients. Lanes mostly have the same, which is probed once.
  private struct ClientSettings: Hashable {
    let properties: KafkaProperties
    let transactionTimeout: Duration?
  }

  private let configuration: Configuration
  private var probed: Set<ClientSettings> = []
  private var faults: [Diagnostic] = []

  init(_ configuration: Configuration) { self.configuration = configuration }

  /// Probes the clients of a lane, unless another lane's were the same.
  mutating func add(_ lane: Lane) {
    guard let own = configuration.lane(named: lane.name) else { return }
    let settings = configuration.kafkaSettings(of: own)
    let timeout = lane.delivery.transactionInterval.map { _ in lane.clients.transactionTimeout }
    guard probed.insert(ClientSettings(properties: settings.values, transactionTimeout: timeout)).inserted else { return }
    let place = own.kafka.properties.isEmpty ? "kafka" : "lanes.\(lane.name).kafka"
    add(
      settings, place, consumer: lane.clients.consumerProperties(clientID: "check", worker: 0),
      producer: lane.clients.producerProperties(clientID: "check", worker: 0))
  }

  mutating func add(_ settings: KafkaSettings, _ place: String, consumer: KafkaProperties, producer: KafkaProperties) {
    guard let error = ClientProbe.refusal(ofConsumer: consumer) ?? ClientProbe.refusal(ofProducer: producer) else { return }
    let location = Self.property(of: settings, in: error.reason)?.location ?? SourceLocation(file: configuration.file, line: 0, column: 0)
    let advice = error.advice.drop { ";: ".contains($0) }
    faults.append(
      configuration.source.diagnostic(
        "\(place) is refused: \(error.reason)", at: location,
        help: advice.isEmpty ? "librdkafka \(KafkaLibrary.version) makes no client of these properties" : String(advice)))
  }

  /// Throws what was found.
  /// - Throws: `ConfigurationError` with all of it.
  func requireNoFaults() throws(ConfigurationError) {
    if !faults.isEmpty { throw ConfigurationError(faults) }
  }

  /// The property that librdkafka's reason is about; one without a value before others.
  private static func property(of settings: KafkaSettings, in reason: String) -> Located<String>? {
    let words = Set(reason.split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == "_") })
    let isOfMechanism = reason.contains("SASL mechanism") || reason.contains("hash function")
    let named = settings.properties.filter {
      words.contains($0.name.value[...]) || isOfMechanism && ["sasl.mechanisms", "sasl.mechanism"].contains($0.name.value)
    }
    let found = named.first { $0.value.value.isEmpty } ?? named.first ?? settings.property(named: "security.protocol")
    return (found ?? settings.properties.last)?.name
  }
}

extension Configuration {
  /// Checks that librdkafka makes clients of the properties of these lanes. Connects to nothing.
  /// - Throws: `ConfigurationError`.
  public func checkClients(of lanes: [Millrace.Lane]) throws(ConfigurationError) {
    var check = ClientCheck(self)
    for lane in lanes { check.add(lane) }
    try check.requireNoFaults()
  }
}
