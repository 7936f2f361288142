import CRdKafka

/// The brokers and topics of a cluster, as one broker tells them.
package struct ClusterDescription: Hashable, Sendable {
  package struct Broker: Hashable, Sendable {
    package let id: Int32
    package let host: String
    package let port: Int
  }

  package let brokers: [Broker]
  /// All topics, by name.
  package let topics: [TopicDescription]

  init(_ metadata: rd_kafka_metadata_t) {
    brokers = UnsafeBufferPointer(start: metadata.brokers, count: Int(metadata.broker_cnt)).map { broker in
      Broker(id: broker.id, host: String(cString: broker.host), port: Int(broker.port))
    }
    topics = UnsafeBufferPointer(start: metadata.topics, count: Int(metadata.topic_cnt)).map(TopicDescription.init)
      .sorted { $0.name < $1.name }
  }
}

package struct TopicDescription: Hashable, Sendable {
  package struct Partition: Hashable, Sendable {
    package let id: Int32
    /// The id of the broker that leads it; -1 while it has none.
    package let leader: Int32
    package let replicas: [Int32]
    package let inSyncReplicas: [Int32]
    package let error: KafkaError?
  }

  package let name: String
  /// The topic's partitions, by id; empty if it can't be described.
  package let partitions: [Partition]
  /// Why the topic can't be described.
  package let error: KafkaError?

  init(name: String, partitions: [Partition], error: KafkaError?) {
    self.name = name
    self.partitions = partitions
    self.error = error
  }

  init(_ topic: rd_kafka_metadata_topic_t) {
    let name = String(cString: topic.topic)
    self.name = name
    error = KafkaError(topic.err, context: "topic \(name)")
    partitions = UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt)).map { partition in
      Partition(
        id: partition.id, leader: partition.leader,
        replicas: Array(UnsafeBufferPointer(start: partition.replicas, count: Int(partition.replica_cnt))),
        inSyncReplicas: Array(UnsafeBufferPointer(start: partition.isrs, count: Int(partition.isr_cnt))),
        error: KafkaError(partition.err, context: "partition \(name)/\(partition.id)"))
    }.sorted { $0.id < $1.id }
  }
}
