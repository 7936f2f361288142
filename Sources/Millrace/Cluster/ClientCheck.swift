import KafkaClient

/// Faults of `kafka` properties that show when a client is made: credentials that are missing, a file that can't be read, properties that
/// don't go together. Told where the properties stand in the file, and before anything is asked of the cluster.
struct ClientCheck {
  /// Properties that have been tried, with what else of a lane is told to librdkafka. Lanes mostly have the same.
  private struct Trial: Hashable {
    let properties: KafkaProperties
    let transactionTimeout: Duration?
  }

  private let configuration: Configuration
  private var tried: Set<Trial> = []
  private var faults: [Diagnostic] = []

  init(_ configuration: Configuration) { self.configuration = configuration }

  mutating func add(_ lane: Lane) {
    guard let own = configuration.lane(named: lane.name) else { return }
    let settings = configuration.kafkaSettings(of: own)
    let timeout = lane.delivery.transactionInterval.map { _ in lane.clients.transactionTimeout }
    guard tried.insert(Trial(properties: settings.values, transactionTimeout: timeout)).inserted else { return }
    let place = own.kafka.properties.isEmpty ? "kafka" : "lanes.\(lane.name).kafka"
    add(
      settings, place, consumer: lane.clients.consumerProperties(clientID: "trial", worker: 0),
      producer: lane.clients.producerProperties(clientID: "trial", worker: 0))
  }

  mutating func add(_ settings: KafkaSettings, _ place: String, consumer: KafkaProperties, producer: KafkaProperties) {
    guard let error = ClientTrial.complaint(ofConsumer: consumer) ?? ClientTrial.complaint(ofProducer: producer) else { return }
    let location = Self.property(of: settings, in: error.reason)?.location ?? SourceLocation(file: configuration.file, line: 0, column: 0)
    let advice = error.advice.drop { ";: ".contains($0) }
    faults.append(
      configuration.source.diagnostic(
        "\(place) is refused: \(error.reason)", at: location,
        help: advice.isEmpty ? "librdkafka \(KafkaLibrary.version) makes no client of these properties" : String(advice)))
  }

  /// - Throws: `ConfigurationError` with all that was found.
  func requireNoFaults() throws(ConfigurationError) {
    if !faults.isEmpty { throw ConfigurationError(faults) }
  }

  /// The property that the reason is about; one without a value before others.
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
  /// Whether librdkafka makes clients of the properties of these lanes. Connects to nothing.
  /// - Throws: `ConfigurationError`.
  public func checkClients(of lanes: [Millrace.Lane]) throws(ConfigurationError) {
    var check = ClientCheck(self)
    for lane in lanes { check.add(lane) }
    try check.requireNoFaults()
  }
}
