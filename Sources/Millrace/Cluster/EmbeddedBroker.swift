import KafkaClient

/// The development broker of `bootstrap.servers: embedded`: librdkafka's mock cluster, on 127.0.0.1, in this process.
///
/// It keeps the last 5 MiB or 100,000 records of each partition, in memory.
public final class EmbeddedBroker: Sendable {
  /// How many partitions the topics have that a configuration reads.
  package static let partitions = 4
  private let cluster: MockCluster

  package init() throws(KafkaError) {
    cluster = try MockCluster()
  }

  /// Starts a broker if the configuration asks for it, creates its topics, and puts its address into the configuration.
  /// - Returns: nil if the configuration names a cluster.
  public convenience init?(standingInFor configuration: inout Configuration) throws {
    guard configuration.usesEmbeddedBroker else { return nil }
    try self.init()
    for topic in configuration.allTopics + [configuration.publish.topic.value, configuration.deadLetter.topic.value] {
      try createTopic(topic, partitions: Self.partitions)
    }
    configuration = Self.fetchingSoon(configuration.setting(kafka: "bootstrap.servers", to: bootstrapServers))
  }

  /// The configuration, with the properties that a development broker needs where it names one: another process's (`millrace broker`) needs
  /// what this one does.
  package static func suiting(_ configuration: Configuration) -> Configuration {
    // It listens on the loopback address only, so no other cluster is asked.
    guard configuration.kafka["fetch.wait.max.ms"] == nil, isLocal(configuration.kafka["bootstrap.servers"] ?? ""),
      let lane = configuration.lanes.first, let admin = try? KafkaAdmin(configuration.kafkaSettings(of: lane).values)
    else { return configuration }
    defer { admin.close() }
    // Where no broker answers, whoever needs one will say so.
    let id = (try? admin.cluster(timeoutMs: 2_000)).flatMap { _ in try? admin.clusterID(timeoutMs: 1_000) }
    return id?.hasPrefix("mockCluster") == true ? fetchingSoon(configuration) : configuration
  }

  /// Whether the first of these addresses, which may begin with a protocol, is this machine's own.
  static func isLocal(_ servers: String) -> Bool {
    let first = servers.prefix { $0 != "," }
    let host = first.firstRange(of: "://").map { first[$0.upperBound...] } ?? first
    return ["127.", "localhost:", "[::1]"].contains { host.lowercased().hasPrefix($0) } || host == "localhost"
  }

  /// The configuration for a mock broker, which answers a fetch when `fetch.wait.max.ms` is over and not, as Kafka does, when a record
  /// comes.
  private static func fetchingSoon(_ configuration: Configuration) -> Configuration {
    configuration.kafka["fetch.wait.max.ms"] == nil ? configuration.setting(kafka: "fetch.wait.max.ms", to: "5") : configuration
  }

  /// The broker's address, as `HOST:PORT`.
  public var bootstrapServers: String { cluster.bootstrapServers }

  package func createTopic(_ name: String, partitions: Int) throws(KafkaError) {
    try cluster.createTopic(name, partitions: partitions)
  }

  /// Stops the broker; its records are gone.
  public func close() { cluster.close() }
}
