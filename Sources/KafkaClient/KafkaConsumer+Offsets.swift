import CRdKafka

/// The first offset there is, and the one that the next record will get.
public struct Watermarks: Hashable, Sendable {
  public let low: Int64
  public let high: Int64

  public init(low: Int64, high: Int64) {
    self.low = low
    self.high = high
  }
}

/// Commits and look-ups. Those with a `timeoutMs` ask a broker and wait for it.
extension KafkaConsumer {
  /// Commits, and waits for the coordinator's answer. Each offset is that of the next record to read. Throws the first
  /// partition's error, too.
  public func commit(_ offsets: [PartitionOffset]) throws(KafkaError) {
    if offsets.isEmpty { return }
    let list = PartitionList(offsets)
    let handle = try handle()
    let result = list.use { rd_kafka_commit(handle, $0, 0) }
    if let error = list.firstError("committing") { throw error }
    try result.orThrow("committing \(offsets[0])")
  }

  /// Begins to commit; `onCommit` gets the outcome. Throws when it can't begin.
  public func commitAsync(_ offsets: [PartitionOffset]) throws(KafkaError) {
    if offsets.isEmpty { return }
    let list = PartitionList(offsets)
    let handle = try handle()
    try list.use { rd_kafka_commit(handle, $0, 1) }.orThrow("committing \(offsets[0])")
  }

  /// The group's committed offsets with their metadata; `invalid` where there is none, or no such group yet: most coordinators know no
  /// difference, and some answer that with an error.
  public func committed(_ partitions: [TopicPartition], timeoutMs: Int32) throws(KafkaError) -> [PartitionOffset] {
    let list = PartitionList(partitions)
    let handle = try handle()
    let result = list.use { rd_kafka_committed(handle, $0, timeoutMs) }
    if KafkaError.Code(result) == .groupIDNotFound { return partitions.map { PartitionOffset($0, offset: PartitionOffset.invalid) } }
    try result.orThrow("reading committed offsets")
    return list.offsets("committed offset of")
  }

  /// Asks the partition's leader.
  public func watermarks(of partition: TopicPartition, timeoutMs: Int32) throws(KafkaError) -> Watermarks {
    try queryWatermarks(try handle(), partition, timeoutMs)
  }

  /// As the last fetch reported them; nil before the first.
  public func cachedWatermarks(of partition: TopicPartition) -> Watermarks? {
    guard let open = try? handle() else { return nil }
    var (low, high) = (PartitionOffset.invalid, PartitionOffset.invalid)
    let result = rd_kafka_get_watermark_offsets(open, partition.topic, partition.partition, &low, &high)
    guard result == RD_KAFKA_RESP_ERR_NO_ERROR, high >= 0 else { return nil }
    return Watermarks(low: max(0, low), high: high)
  }

  /// The first offset of each partition whose record is of that time (milliseconds since 1970) or later; `end` where
  /// there is none.
  public func offsets(forTimes times: [TopicPartition: Int64], timeoutMs: Int32) throws(KafkaError) -> [PartitionOffset] {
    try queryOffsets(try handle(), times, timeoutMs)
  }
}

func queryWatermarks(_ handle: OpaquePointer, _ partition: TopicPartition, _ timeoutMs: Int32) throws(KafkaError) -> Watermarks {
  var (low, high) = (PartitionOffset.invalid, PartitionOffset.invalid)
  try rd_kafka_query_watermark_offsets(handle, partition.topic, partition.partition, &low, &high, timeoutMs)
    .orThrow("watermarks of \(partition)")
  return Watermarks(low: low, high: high)
}

func queryOffsets(_ handle: OpaquePointer, _ times: [TopicPartition: Int64], _ timeoutMs: Int32) throws(KafkaError) -> [PartitionOffset] {
  let list = PartitionList(times.map { PartitionOffset($0.key, offset: $0.value) }.sorted { $0.partition < $1.partition })
  try list.use { rd_kafka_offsets_for_times(handle, $0, timeoutMs) }.orThrow("looking offsets up by time")
  return list.offsets("offset by time of")
}
