import CRdKafka

/// Which partitions are read, and from where.
extension KafkaConsumer {
  /// Joins the group for these topics; a name that begins with `^` is a regular expression. Partitions come through
  /// `onRebalance`.
  package func subscribe(to topics: [String]) throws(KafkaError) {
    let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
    let handle = try handle()
    hasSubscribed = true
    try list.use { rd_kafka_subscribe(handle, $0) }.orThrow("subscribing to \(topics.joined(separator: ", "))")
  }

  /// Reads exactly these partitions, from these offsets, without the group's part in it. `PartitionOffset.stored` is the
  /// committed one.
  package func assign(_ offsets: [PartitionOffset]) throws(KafkaError) {
    let list = PartitionList(offsets)
    let handle = try handle()
    try list.use { rd_kafka_assign(handle, $0) }.orThrow("assigning \(names(offsets))")
  }

  package func unassign() throws(KafkaError) {
    try rd_kafka_assign(try handle(), nil).orThrow("unassigning")
  }

  /// Moves the reading to these offsets. Records of these partitions that are still queued are dropped; those that were polled are the
  /// caller's.
  package func seek(_ offsets: [PartitionOffset], timeoutMs: Int32 = 10_000) throws(KafkaError) {
    if offsets.isEmpty { return }
    let list = PartitionList(offsets)
    let handle = try handle()
    let error = list.use { rd_kafka_seek_partitions(handle, $0, timeoutMs) }
    if let error = KafkaError(consuming: error, context: "seeking \(names(offsets))") { throw error }
    if let error = list.firstError("seeking") { throw error }
  }

  /// Stops fetching these partitions, and drops what of them is queued; it is fetched again on `resume`. librdkafka keeps a partition
  /// paused until then, also when it is assigned anew.
  package func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
    let list = PartitionList(partitions)
    let handle = try handle()
    try list.use { rd_kafka_pause_partitions(handle, $0) }.orThrow("pausing")
    if let error = list.firstError("pausing") { throw error }
  }

  package func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
    let list = PartitionList(partitions)
    let handle = try handle()
    try list.use { rd_kafka_resume_partitions(handle, $0) }.orThrow("resuming")
    if let error = list.firstError("resuming") { throw error }
  }

  /// The partitions that this consumer reads now.
  package var assignment: [TopicPartition] {
    guard let open = try? handle() else { return [] }
    var list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    guard rd_kafka_assignment(open, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
    return PartitionList(consuming: list).partitions
  }

  /// The offset behind the last record that `poll` returned, for each partition; `invalid` where there was none.
  package func position(_ partitions: [TopicPartition]) throws(KafkaError) -> [PartitionOffset] {
    let list = PartitionList(partitions)
    let handle = try handle()
    try list.use { rd_kafka_position(handle, $0) }.orThrow("reading positions")
    return list.offsets("position of")
  }

  /// The member's id in its group; nil before it has joined.
  package var memberID: String? {
    guard let open = try? handle(), let text = rd_kafka_memberid(open) else { return nil }
    defer { rd_kafka_mem_free(open, text) }
    let id = String(cString: text)
    return id.isEmpty ? nil : id
  }

  /// How many records and events wait for `poll`.
  package var queueLength: Int { queue.map { Int(rd_kafka_queue_length($0)) } ?? 0 }

  /// Whether the member has asked to join its group, anew or again, and does not belong to the new generation yet. What it commits
  /// now would be refused, and cost it its partitions; `onRebalance` comes when it is over.
  package var isJoining: Bool { context.membership?.isJoining ?? false }

  /// Whether the group has taken the partitions away, as after a session timeout. Until `poll` says so, too.
  package var isAssignmentLost: Bool {
    guard let open = try? handle() else { return false }
    return rd_kafka_assignment_lost(open) != 0
  }

  /// The error that made this consumer unusable, if there is one.
  package var fatalError: KafkaError? {
    guard let open = try? handle() else { return nil }
    return KafkaError.fatal(of: open, context: "consumer")
  }

  private func names(_ offsets: [PartitionOffset]) -> String {
    offsets.prefix(4).map(\.description).joined(separator: ", ") + (offsets.count > 4 ? " and \(offsets.count - 4) more" : "")
  }
}
