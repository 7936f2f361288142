import CRdKafka

/// An admin client: questions to a cluster, and changes to its topics. Every call waits for the answer, at most `timeoutMs`. One thread
/// uses it at a time, and `close()` must be called before the last reference goes.
package final class KafkaAdmin {
  private let context: ClientContext
  private var open: OpaquePointer?
  /// Why a broker could not be reached, since the last question began.
  private var connectionError: KafkaError?
  /// Whether that goes for all brokers.
  private var isUnreachable = false

  /// Takes the properties of a consumer or producer as they are. `log` is called from librdkafka's threads too.
  package init(_ properties: KafkaProperties, log: @escaping @Sendable (KafkaLogLine) -> Void = { _ in }) throws(KafkaError) {
    // A consumer's handle asks about a topic without making it; without a group it joins none.
    let own = properties.filter { !["group.id", "group.instance.id", "transactional.id", "enable.idempotence"].contains($0) }
    var configuration = try ClientConfiguration(own)
    context = ClientContext(secrets: configuration.secrets, log: log)
    context.install(in: configuration)
    rd_kafka_conf_set_error_cb(configuration.handle) { handle, code, reason, opaque in
      guard let handle, let admin = ClientContext.of(opaque)?.admin else { return }
      admin.note(
        KafkaError(clientError: rd_kafka_resp_err_t(code), reason, of: handle, context: "connecting to Kafka", admin.context.secrets))
    }
    open = try configuration.makeClient(RD_KAFKA_CONSUMER)
    context.admin = self
  }

  deinit {
    assert(open == nil, "a KafkaAdmin must be closed")
  }

  package func close() {
    guard let handle = open else { return }
    open = nil
    rd_kafka_destroy(handle)
  }

  private func note(_ error: KafkaError) {
    let isForAll = error.code == .allBrokersDown
    isUnreachable = isUnreachable || isForAll || error.code == .authentication
    // "All brokers are down" says less than the reason of the last one.
    if !isForAll || connectionError == nil { connectionError = error }
  }

  func handle() throws(KafkaError) -> OpaquePointer {
    guard let open else { throw KafkaError(.state, reason: "the admin client is closed", context: "admin client") }
    return open
  }

  /// The brokers and topics of the cluster. Throws as soon as no broker can be reached, with the reason of the last attempt.
  package func cluster(timeoutMs: Int32 = 10_000) throws(KafkaError) -> ClusterDescription {
    let handle = try handle()
    let deadline = ContinuousClock.now.advanced(by: .milliseconds(Int(timeoutMs)))
    (connectionError, isUnreachable) = (nil, false)
    while true {
      var metadata: UnsafePointer<rd_kafka_metadata_t>?
      let left = ContinuousClock.now.duration(to: deadline)
      let leftMs = Int32(clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000)
      // In slices, because the call itself doesn't end when the last broker turns out to be unreachable.
      let result = rd_kafka_metadata(handle, 1, nil, &metadata, max(1, min(leftMs, 100)))
      if let metadata {
        defer { rd_kafka_metadata_destroy(metadata) }
        return ClusterDescription(metadata.pointee)
      }
      rd_kafka_poll(handle, 0)
      if let connectionError, isUnreachable || leftMs <= 100 { throw connectionError }
      if leftMs <= 100 || (result != RD_KAFKA_RESP_ERR__TRANSPORT && result != RD_KAFKA_RESP_ERR__TIMED_OUT) {
        try result.orThrow("reading the cluster's metadata")
      }
    }
  }

  /// The id that the cluster gave itself; nil if no broker tells in time.
  package func clusterID(timeoutMs: Int32 = 10_000) throws(KafkaError) -> String? {
    guard let id = rd_kafka_clusterid(try handle(), timeoutMs) else { return nil }
    defer { rd_kafka_mem_free(nil, id) }
    return String(cString: id)
  }

  /// All topics, by name.
  package func topics(timeoutMs: Int32 = 10_000) throws(KafkaError) -> [TopicDescription] {
    try cluster(timeoutMs: timeoutMs).topics
  }

  /// Whether the metadata that was asked for last named a controller, which questions about properties go to. A mock cluster has none.
  package var hasController: Bool { open.map { rd_kafka_controllerid($0, 0) >= 0 } ?? false }

  /// Asks for a topic as a producer does: brokers with `auto.create.topics.enable` make it, where the client has
  /// `allow.auto.create.topics`. Whether it is there shows in later answers.
  package func makeOnUse(_ topic: String, timeoutMs: Int32 = 1_000) throws(KafkaError) {
    let handle = try handle()
    guard let asked = rd_kafka_topic_new(handle, topic, nil) else {
      throw KafkaError(KafkaError.Code(rd_kafka_last_error()), context: "topic \(topic)")
    }
    defer { rd_kafka_topic_destroy(asked) }
    var metadata: UnsafePointer<rd_kafka_metadata_t>?
    _ = rd_kafka_metadata(handle, 0, asked, &metadata, timeoutMs)
    if let metadata { rd_kafka_metadata_destroy(metadata) }
  }

  /// These topics, in this order; one that doesn't exist has an error and no partitions. Makes none.
  package func describe(_ topics: [String], timeoutMs: Int32 = 10_000) throws(KafkaError) -> [TopicDescription] {
    let all = Dictionary(try self.topics(timeoutMs: timeoutMs).map { ($0.name, $0) }) { first, _ in first }
    return topics.map { name in
      all[name] ?? TopicDescription(name: name, partitions: [], error: KafkaError(.unknownTopicOrPartition, context: "topic \(name)"))
    }
  }

  package func watermarks(of partition: TopicPartition, timeoutMs: Int32 = 10_000) throws(KafkaError) -> Watermarks {
    try queryWatermarks(try handle(), partition, timeoutMs)
  }

  /// The first offset of each partition at or after a time, found as by `KafkaConsumer.offsets(forTimes:timeoutMs:)`.
  package func offsets(forTimes times: [TopicPartition: Int64], timeoutMs: Int32 = 10_000) throws(KafkaError) -> [PartitionOffset] {
    try queryOffsets(try handle(), times, timeoutMs)
  }
}
