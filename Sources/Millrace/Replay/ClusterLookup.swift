import KafkaClient
import Logging

/// Answers for ranges of times from a cluster.
///
/// Kafka's look-up takes the mark of a transaction for a record, and a mark has the time at which the transaction ended: in a topic whose
/// records were dated back, the first mark is younger than all of them. So it is looked whether a record stands where Kafka says, and where
/// none does, the log is read on until one is old enough. Records of aborted transactions are none, unless `isolation.level` shows them.
struct ClusterLookup: OffsetLookup {
  let admin: KafkaAdmin
  /// A consumer's.
  let properties: KafkaProperties
  /// A consumer has a group also where it joins none.
  let group: String
  let log: Logger

  /// How long a search may take before it is told of.
  private static let silence = Duration.seconds(3)

  func watermarks(of partition: TopicPartition) throws(KafkaError) -> Watermarks { try admin.watermarks(of: partition, timeoutMs: 10_000) }

  func offsets(at timeMs: Int64, of partitions: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Int64] {
    if partitions.isEmpty { return [:] }
    var open: [TopicPartition: Range<Int64>] = [:]
    for offset in try admin.offsets(forTimes: Dictionary(partitions.map { ($0, timeMs) }) { first, _ in first }, timeoutMs: 30_000) {
      if let error = offset.error { throw error }
      if offset.offset < 0 { continue }
      open[offset.partition] = offset.offset..<max(offset.offset, try watermarks(of: offset.partition).high)
    }
    if open.isEmpty { return [:] }
    var properties = properties
    properties["group.id"] = group
    let reader = try PartitionReader(properties, log: ClientLog(log))
    defer { reader.close() }
    do throws(PartitionFault) {
      return try search(for: timeMs, in: open, by: reader)
    } catch {
      throw KafkaError(.fail, reason: error.reason, context: "looking for the first record of a time in \(error.place)")
    }
  }

  /// The first record of each range that is of the time or later. It begins anew with those that are left whenever some are found.
  private func search(
    for timeMs: Int64, in ranges: [TopicPartition: Range<Int64>], by reader: PartitionReader
  ) throws(PartitionFault) -> [TopicPartition: Int64] {
    var (open, found) = (ranges, [TopicPartition: Int64]())
    let buffer = UnsafeMutableBufferPointer<KafkaRecord>.allocate(capacity: 512)
    defer { buffer.deallocate() }
    var toldAt = MonotonicTime.now
    while !open.isEmpty {
      try reader.begin(open)
      let before = open.count
      while open.count == before {
        for record in buffer[..<(try reader.poll(into: buffer, timeoutMs: 100))] {
          let partition = record.topicPartition
          if open[partition] != nil, record.timestampMs >= timeMs {
            found[partition] = record.offset
            open[partition] = nil
          }
          record.destroy()
        }
        for (partition, progress) in reader.progress where open[partition] != nil {
          // An open transaction holds the rest back, and a replay would wait for it as well.
          open[partition] = progress.hasReachedEnd || progress.isAtLogEnd ? nil : progress.position..<progress.end
        }
        if MonotonicTime.now - toldAt > Self.silence { tell(timeMs, reader, &toldAt) }
      }
    }
    return found
  }

  private func tell(_ timeMs: Int64, _ reader: PartitionReader, _ toldAt: inout MonotonicTime) {
    toldAt = .now
    let left = reader.progress.reduce(0) { $0 + max(0, $1.progress.end - $1.progress.position) }
    log.notice(
      "looking for the first records of a time: marks of transactions hide them from Kafka's look-up",
      metadata: ["time": "\(timeMs)", "records left": "\(left)"])
  }
}
