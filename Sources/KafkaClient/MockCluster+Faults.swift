import CRdKafka

/// What can be made to go wrong. Brokers are numbered from 1.
extension MockCluster {
  /// A kind of request of Kafka's protocol, of those that the mock brokers answer.
  public enum Request: Int16, Sendable, CaseIterable {
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

  /// Whose coordinator it is.
  public enum CoordinatorKey: Sendable {
    case group(String)
    case transaction(String)
  }

  /// The next requests of this kind, to any broker, get these answers, one each. `.transport` closes the connection
  /// instead, and `.noError` lets one pass.
  public func pushRequestErrors(_ request: Request, _ codes: [KafkaError.Code]) {
    let errors = codes.map(\.error)
    run { rd_kafka_mock_push_request_errors_array($0, request.rawValue, errors.count, errors) }
  }

  public func clearRequestErrors(_ request: Request) {
    run { rd_kafka_mock_clear_request_errors($0, request.rawValue) }
  }

  /// The next requests of this kind to this broker get these answers, each after its round-trip time; they go before
  /// those of `pushRequestErrors`.
  public func pushBrokerErrors(_ request: Request, broker: Int32, _ answers: [(code: KafkaError.Code, rttMs: Int32)]) throws(KafkaError) {
    for (code, rttMs) in answers {
      try run("faults of broker \(broker)") { mr_mock_push_broker_error($0, broker, request.rawValue, code.error, rttMs) }
    }
  }

  /// How many of the broker's pushed answers are still to come.
  public func pendingBrokerErrors(_ request: Request, broker: Int32) throws(KafkaError) -> Int {
    var count = 0
    try run("faults of broker \(broker)") { rd_kafka_mock_broker_error_stack_cnt($0, broker, request.rawValue, &count) }
    return count
  }

  /// Down: closes connections and takes no new ones; leaders stay. nil means every broker.
  public func setBroker(_ broker: Int32? = nil, isUp: Bool) throws(KafkaError) {
    let id = broker ?? -1
    try run("broker \(id)") { isUp ? rd_kafka_mock_broker_set_up($0, id) : rd_kafka_mock_broker_set_down($0, id) }
  }

  /// Answers take this long. nil means every broker.
  public func setRoundTripTime(_ broker: Int32? = nil, ms: Int32) throws(KafkaError) {
    try run("broker \(broker ?? -1)") { rd_kafka_mock_broker_set_rtt($0, broker ?? -1, ms) }
  }

  public func setRack(_ broker: Int32, _ rack: String) throws(KafkaError) {
    try run("broker \(broker)") { rd_kafka_mock_broker_set_rack($0, broker, rack) }
  }

  /// nil leaves the partition without a leader.
  public func setLeader(of partition: TopicPartition, to broker: Int32?) throws(KafkaError) {
    try run("leader of \(partition)") { rd_kafka_mock_partition_set_leader($0, partition.topic, partition.partition, broker ?? -1) }
  }

  /// Where consumers are told to fetch instead of from the leader. The broker need not exist.
  public func setFollower(of partition: TopicPartition, to broker: Int32) throws(KafkaError) {
    try run("follower of \(partition)") { rd_kafka_mock_partition_set_follower($0, partition.topic, partition.partition, broker) }
  }

  /// What the follower holds; -1 follows the leader's watermark.
  public func setFollowerWatermarks(of partition: TopicPartition, low: Int64, high: Int64) throws(KafkaError) {
    try run("follower of \(partition)") { cluster in
      rd_kafka_mock_partition_set_follower_wmarks(cluster, partition.topic, partition.partition, low, high)
    }
  }

  /// The broker need not exist.
  public func setCoordinator(of key: CoordinatorKey, to broker: Int32) throws(KafkaError) {
    let (type, name) =
      switch key {
      case .group(let name): ("group", name)
      case .transaction(let name): ("transaction", name)
      }
    try run("coordinator of \(type) \(name)") { rd_kafka_mock_coordinator_set($0, type, name, broker) }
  }

  /// Requests for the topic's metadata, and to add it to a transaction, answer with this error; `.noError` ends it.
  public func setTopicError(_ topic: String, _ code: KafkaError.Code) {
    run { rd_kafka_mock_topic_set_error($0, topic, code.error) }
  }

  /// The versions of this request that brokers offer; nil: none at all.
  public func setVersions(of request: Request, _ versions: ClosedRange<Int16>?) throws(KafkaError) {
    try run("versions of \(request)") {
      rd_kafka_mock_set_apiversion($0, request.rawValue, versions?.lowerBound ?? -1, versions?.upperBound ?? -1)
    }
  }
}
