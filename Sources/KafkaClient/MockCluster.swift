import CRdKafka
import Synchronization

/// librdkafka's mock brokers in this process, on 127.0.0.1: a cluster for development and tests that can be told to fail.
///
/// Each partition keeps its last 5 MiB or 100,000 messages. Topics appear on use (four partitions) or through
/// `createTopic`; there is no CreateTopics request, no look-up by timestamp and no isolation of aborted transactions. The
/// first member of a group waits three seconds, as on a broker with its default `group.initial.rebalance.delay.ms`.
/// Clients should be closed before the cluster is.
package final class MockCluster: Sendable {
  /// host:port of each broker, separated by commas.
  package let bootstrapServers: String
  package let brokerCount: Int
  private let parts: Mutex<Parts?>

  /// Unchecked: used under the mutex only, and librdkafka hands each call to the cluster's own thread.
  private struct Parts: @unchecked Sendable {
    let context: ClientContext
    let client: OpaquePointer
    let cluster: OpaquePointer
  }

  package init(brokerCount: Int = 1, log: @escaping @Sendable (KafkaLogLine) -> Void = { _ in }) throws(KafkaError) {
    guard brokerCount > 0 else {
      throw KafkaError(.invalidArgument, reason: "a cluster needs at least one broker", context: "embedded Kafka")
    }
    // The cluster keeps its books in a client. That one talks to nobody: the port is the "discard" service's.
    var configuration = try ClientConfiguration(["bootstrap.servers": "127.0.0.1:9"])
    let context = ClientContext(secrets: configuration.secrets, log: log)
    context.install(in: configuration)
    let client = try configuration.makeClient(RD_KAFKA_PRODUCER)
    guard let cluster = rd_kafka_mock_cluster_new(client, Int32(clamping: brokerCount)) else {
      rd_kafka_destroy(client)
      throw KafkaError(.fail, reason: "can't start \(brokerCount) brokers on 127.0.0.1", context: "embedded Kafka")
    }
    self.brokerCount = brokerCount
    bootstrapServers = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
    parts = Mutex(Parts(context: context, client: client, cluster: cluster))
  }

  deinit {
    close()
  }

  /// Stops the brokers; their records are gone.
  package func close() {
    parts.withLock { parts in
      guard let open = parts else { return }
      parts = nil
      rd_kafka_mock_cluster_destroy(open.cluster)
      rd_kafka_destroy(open.client)
    }
  }

  /// Makes a topic. One that exists stays as it is, and is an error.
  package func createTopic(_ name: String, partitions: Int = 1, replicationFactor: Int = 1) throws(KafkaError) {
    let context = "creating topic \(name) in the embedded Kafka"
    guard (1...10_000).contains(partitions), (1...brokerCount).contains(replicationFactor), !name.isEmpty, name.utf8.count < 250 else {
      throw KafkaError(
        .invalidArgument, reason: "a topic has a name, 1 to 10000 partitions and 1 to \(brokerCount) replicas", context: context)
    }
    try run(context) { rd_kafka_mock_topic_create($0, name, Int32(partitions), Int32(replicationFactor)) }
  }

  /// Runs one of librdkafka's calls on the open cluster.
  func run(_ context: String, _ body: (OpaquePointer) -> rd_kafka_resp_err_t) throws(KafkaError) {
    let result = parts.withLock { $0.map { body($0.cluster) } }
    guard let result else { throw KafkaError(.state, reason: "the embedded Kafka is closed", context: context) }
    try result.orThrow(context)
  }

  /// The same for calls that can't fail; does nothing once the cluster is closed.
  func run(_ body: (OpaquePointer) -> Void) {
    parts.withLock { if let parts = $0 { body(parts.cluster) } }
  }
}
