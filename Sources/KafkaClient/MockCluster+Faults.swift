import CRdKafka

/// Faults that the mock brokers can be told to have. Brokers are numbered from 1.
extension MockCluster {
  /// A kind of request of Kafka's protocol, of those that the mock brokers answer.
  package enum Request: Int16, Sendable, CaseIterable {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case offsetCommit = 8
    case offsetFetch = 9
    case findCoordinator = 10
    case joinGroup = 11
    case heartbeat = 12
    case leaveGroup = 13
    case syncGroup = 14
    case apiVersion = 18
    case initProducerID = 22
    case addPartitionsToTransaction = 24
    case addOffsetsToTransaction = 25
    case endTransaction = 26
    case transactionOffsetCommit = 28
  }

  /// The group or transactional id that a coordinator serves.
  package enum CoordinatorKey: Sendable {
    case group(String)
    case transaction(String)
  }

  /// Lets the next requests of this kind, to any broker, get these answers, one each. `.transport` closes the connection instead, and
  /// `.noError` lets one pass.
  package func pushRequestErrors(_ request: Request, _ codes: [KafkaError.Code]) {
    let errors = codes.map(\.error)
    run { rd_kafka_mock_push_request_errors_array($0, request.rawValue, errors.count, errors) }
  }

  /// Takes back what `pushRequestErrors` has set for requests of this kind.
  package func clearRequestErrors(_ request: Request) {
    run { rd_kafka_mock_clear_request_errors($0, request.rawValue) }
  }

  /// Lets the next requests of this kind to this broker get these answers, each after its round-trip time; they go before those of
  /// `pushRequestErrors`.
  package func pushBrokerErrors(_ request: Request, broker: Int32, _ answers: [(code: KafkaError.Code, rttMs: Int32)]) throws(KafkaError) {
    for (code, rttMs) in answers {
      try run("faults of broker \(broker)") { mr_mock_push_broker_error($0, broker, request.rawValue, code.error, rttMs) }
    }
  }

  /// How many of the broker's pushed answers are still to come.
  package func pendingBrokerErrors(_ request: Request, broker: Int32) throws(KafkaError) -> Int {
    var count = 0
    try run("faults of broker \(broker)") { rd_kafka_mock_broker_error_stack_cnt($0, broker, request.rawValue, &count) }
    return count
  }

  /// Takes a broker down or brings it up; nil means every broker. One that is down closes its connections and takes no new ones; leaders
  /// stay.
  package func setBroker(_ broker: Int32? = nil, isUp: Bool) throws(KafkaError) {
    let id = broker ?? -1
    try run("broker \(id)") { isUp ? rd_kafka_mock_broker_set_up($0, id) : rd_kafka_mock_broker_set_down($0, id) }
  }

  /// Lets a broker's answers take this long; nil means every broker.
  package func setRoundTripTime(_ broker: Int32? = nil, ms: Int32) throws(KafkaError) {
    try run("broker \(broker ?? -1)") { rd_kafka_mock_broker_set_rtt($0, broker ?? -1, ms) }
  }

  /// Puts a broker into a rack.
  package func setRack(_ broker: Int32, _ rack: String) throws(KafkaError) {
    try run("broker \(broker)") { rd_kafka_mock_broker_set_rack($0, broker, rack) }
  }

  /// Makes a broker the partition's leader; nil leaves it without one.
  package func setLeader(of partition: TopicPartition, to broker: Int32?) throws(KafkaError) {
    try run("leader of \(partition)") { rd_kafka_mock_partition_set_leader($0, partition.topic, partition.partition, broker ?? -1) }
  }

  /// Sends consumers of a partition to a follower instead of the leader. The broker need not exist.
  package func setFollower(of partition: TopicPartition, to broker: Int32) throws(KafkaError) {
    try run("follower of \(partition)") { rd_kafka_mock_partition_set_follower($0, partition.topic, partition.partition, broker) }
  }

  /// Says what the partition's follower holds; -1 follows the leader's watermark.
  package func setFollowerWatermarks(of partition: TopicPartition, low: Int64, high: Int64) throws(KafkaError) {
    try run("follower of \(partition)") { cluster in
      rd_kafka_mock_partition_set_follower_wmarks(cluster, partition.topic, partition.partition, low, high)
    }
  }

  /// Makes a broker the coordinator of a group or transactional id. It need not exist.
  package func setCoordinator(of key: CoordinatorKey, to broker: Int32) throws(KafkaError) {
    let (type, name) =
      switch key {
      case .group(let name): ("group", name)
      case .transaction(let name): ("transaction", name)
      }
    try run("coordinator of \(type) \(name)") { rd_kafka_mock_coordinator_set($0, type, name, broker) }
  }

  /// Lets requests for the topic's metadata, and to add it to a transaction, answer with this error; `.noError` ends it.
  package func setTopicError(_ topic: String, _ code: KafkaError.Code) {
    run { rd_kafka_mock_topic_set_error($0, topic, code.error) }
  }

  /// Sets the versions of this request that brokers offer; nil: none at all.
  package func setVersions(of request: Request, _ versions: ClosedRange<Int16>?) throws(KafkaError) {
    try run("versions of \(request)") {
      rd_kafka_mock_set_apiversion($0, request.rawValue, versions?.lowerBound ?? -1, versions?.upperBound ?? -1)
    }
  }
}
