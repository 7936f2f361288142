import CRdKafka
import Foundation

/// The two ends of a partition: the first offset there is, and the one that the next record will get.
package struct Watermarks: Hashable, Sendable {
  package let low: Int64
  package let high: Int64

  package init(low: Int64, high: Int64) {
    self.low = low
    self.high = high
  }
}

/// Commits and look-ups. Those with a `timeoutMs` ask a broker and wait for it.
extension KafkaConsumer {
  /// Commits, and waits for the coordinator's answer. Each offset is that of the next record to read. Throws the first
  /// partition's error, too.
  package func commit(_ offsets: [PartitionOffset]) throws(KafkaError) {
    if offsets.isEmpty { return }
    let list = PartitionList(offsets)
    let handle = try handle()
    let result = list.use { rd_kafka_commit(handle, $0, 0) }
    if let error = list.firstError("committing") { throw error }
    try result.orThrow("committing \(offsets[0])")
  }

  /// Begins to commit; `onCommit` gets the outcome. Throws when it can't begin.
  package func commitAsync(_ offsets: [PartitionOffset]) throws(KafkaError) {
    if offsets.isEmpty { return }
    let list = PartitionList(offsets)
    let handle = try handle()
    try list.use { rd_kafka_commit(handle, $0, 1) }.orThrow("committing \(offsets[0])")
  }

  /// The group's committed offsets with their metadata; `invalid` where there is none, or no such group yet: most coordinators know no
  /// difference, and some answer that with an error.
  package func committed(_ partitions: [TopicPartition], timeoutMs: Int32) throws(KafkaError) -> [PartitionOffset] {
    let list = PartitionList(partitions)
    let handle = try handle()
    let result = list.use { rd_kafka_committed(handle, $0, timeoutMs) }
    if KafkaError.Code(result) == .groupIDNotFound { return partitions.map { PartitionOffset($0, offset: PartitionOffset.invalid) } }
    try result.orThrow("reading committed offsets")
    return list.offsets("committed offset of")
  }

  /// The two ends of a partition, asked of its leader.
  package func watermarks(of partition: TopicPartition, timeoutMs: Int32) throws(KafkaError) -> Watermarks {
    try queryWatermarks(try handle(), partition, timeoutMs)
  }

  /// The two ends of a partition as the last fetch reported them; nil before the first.
  package func cachedWatermarks(of partition: TopicPartition) -> Watermarks? {
    guard let open = try? handle() else { return nil }
    var (low, high) = (PartitionOffset.invalid, PartitionOffset.invalid)
    let result = rd_kafka_get_watermark_offsets(open, partition.topic, partition.partition, &low, &high)
    guard result == RD_KAFKA_RESP_ERR_NO_ERROR, high >= 0 else { return nil }
    return Watermarks(low: max(0, low), high: high)
  }

  /// The first offset of each partition whose record is of that time (milliseconds since 1970) or later; `end` where
  /// there is none.
  package func offsets(forTimes times: [TopicPartition: Int64], timeoutMs: Int32) throws(KafkaError) -> [PartitionOffset] {
    try queryOffsets(try handle(), times, timeoutMs)
  }
}

/// Asks for the two ends of a partition, by the look-up for times, which takes them as times: rd_kafka_query_watermark_offsets of
/// librdkafka 2.0.2 minds no time-out once its requests are sent, and waits for a minute where a leader has moved.
func queryWatermarks(_ handle: OpaquePointer, _ partition: TopicPartition, _ timeoutMs: Int32) throws(KafkaError) -> Watermarks {
  let end = ContinuousClock.now.advanced(by: .milliseconds(Int(timeoutMs)))
  func offset(_ place: Int64) throws(KafkaError) -> Int64 {
    let left = (end - .now) / .milliseconds(1)
    guard let found = try queryOffsets(handle, [partition: place], Int32(max(1, left))).first else { return PartitionOffset.invalid }
    if let error = found.error { throw error }
    return found.offset
  }
  let low = try offset(PartitionOffset.beginning)
  return Watermarks(low: low, high: try offset(PartitionOffset.end))
}

func queryOffsets(_ handle: OpaquePointer, _ times: [TopicPartition: Int64], _ timeoutMs: Int32) throws(KafkaError) -> [PartitionOffset] {
  let end = ContinuousClock.now.advanced(by: .milliseconds(Int(timeoutMs)))
  func left() -> Int32 { Int32(max(1, (end - .now) / .milliseconds(1))) }
  let list = PartitionList(times.map { PartitionOffset($0.key, offset: $0.value) }.sorted { $0.partition < $1.partition })
  while true {
    let result = list.use { rd_kafka_offsets_for_times(handle, $0, left()) }
    if result == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, ContinuousClock.now < end {
      // A client that reads nothing of a topic does not look for its new leaders: it would ask the old ones for minutes.
      for topic in Set(times.keys.map(\.topic)) { findLeaders(of: topic, handle, left()) }
      Thread.sleep(forTimeInterval: 0.02)
      continue
    }
    try result.orThrow("looking offsets up by time")
    return list.offsets("offset by time of")
  }
}

/// Makes the client learn the leaders of a topic's partitions. An error shows in what is asked next.
private func findLeaders(of topic: String, _ handle: OpaquePointer, _ timeoutMs: Int32) {
  guard let reference = rd_kafka_topic_new(handle, topic, nil) else { return }
  defer { rd_kafka_topic_destroy(reference) }
  var metadata: UnsafePointer<rd_kafka_metadata>?
  let result = rd_kafka_metadata(handle, 0, reference, &metadata, min(timeoutMs, 1_000))
  if result == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata { rd_kafka_metadata_destroy(metadata) }
}
