import CRdKafka

package struct TopicPartition: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let topic: String
  package let partition: Int32

  package init(topic: String, partition: Int32) {
    self.topic = topic
    self.partition = partition
  }

  package var description: String { "\(topic)/\(partition)" }

  package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
    (left.topic, left.partition) < (right.topic, right.partition)
  }
}

/// An offset of a partition: where to read from, what was committed (the next record to read), or what a look-up found.
package struct PartitionOffset: Hashable, Sendable, CustomStringConvertible {
  /// The first record that the partition has: a logical offset, as the next three are.
  package static let beginning = Int64(RD_KAFKA_OFFSET_BEGINNING)
  /// Behind the last record that the partition has.
  package static let end = Int64(RD_KAFKA_OFFSET_END)
  /// Where the group has committed.
  package static let stored = Int64(RD_KAFKA_OFFSET_STORED)
  /// No offset.
  package static let invalid = Int64(RD_KAFKA_OFFSET_INVALID)

  package let partition: TopicPartition
  package var offset: Int64
  /// What was committed along with the offset. An empty one reads back as nil.
  package var metadata: String?
  /// Why there is no offset for this partition, in an answer that covers several.
  package let error: KafkaError?

  package init(_ partition: TopicPartition, offset: Int64, metadata: String? = nil, error: KafkaError? = nil) {
    self.partition = partition
    self.offset = offset
    self.metadata = metadata
    self.error = error
  }

  package init(topic: String, partition: Int32, offset: Int64, metadata: String? = nil) {
    self.init(TopicPartition(topic: topic, partition: partition), offset: offset, metadata: metadata)
  }

  package var description: String { "\(partition)@\(offset)" }
}

extension KafkaError: Hashable {
  package func hash(into hasher: inout Hasher) {
    hasher.combine(code)
    hasher.combine(reason)
    hasher.combine(context)
  }
}

/// Owns one of librdkafka's partition lists. Its pointer stays inside `use`, which keeps the list alive.
struct PartitionList: ~Copyable {
  private let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

  init(capacity: Int) {
    pointer = rd_kafka_topic_partition_list_new(Int32(clamping: capacity))
  }

  init(_ partitions: [TopicPartition]) {
    self.init(capacity: partitions.count)
    for partition in partitions { add(partition, offset: PartitionOffset.invalid, metadata: nil) }
  }

  init(_ offsets: [PartitionOffset]) {
    self.init(capacity: offsets.count)
    for offset in offsets { add(offset.partition, offset: offset.offset, metadata: offset.metadata) }
  }

  /// Takes over a list that librdkafka handed out.
  init(consuming pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
    self.pointer = pointer
  }

  deinit {
    rd_kafka_topic_partition_list_destroy(pointer)
  }

  borrowing func use<Result>(_ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> Result) -> Result {
    body(pointer)
  }

  private func add(_ partition: TopicPartition, offset: Int64, metadata: String?) {
    guard let element = rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition) else { return }
    element.pointee.offset = offset
    guard var metadata else { return }
    metadata.withUTF8 { bytes in
      // The list frees it with librdkafka's allocator.
      guard let source = bytes.baseAddress, !bytes.isEmpty, let copy = rd_kafka_mem_malloc(nil, bytes.count) else { return }
      copy.copyMemory(from: source, byteCount: bytes.count)
      element.pointee.metadata = copy
      element.pointee.metadata_size = bytes.count
    }
  }

  /// The first partition's own error, if any has one.
  func firstError(_ context: String) -> KafkaError? {
    pointer.pointee.elements.lazy.compactMap { element in
      KafkaError(element.err, context: "\(context) \(element.partitionName)")
    }.first
  }

  var partitions: [TopicPartition] { pointer.pointee.partitions }

  func offsets(_ context: String = "partition") -> [PartitionOffset] { pointer.pointee.offsets(context) }
}

extension rd_kafka_topic_partition_list_t {
  var elements: UnsafeMutableBufferPointer<rd_kafka_topic_partition_t> { UnsafeMutableBufferPointer(start: elems, count: Int(cnt)) }

  var partitions: [TopicPartition] { elements.map { $0.partitionName } }

  func offsets(_ context: String = "partition") -> [PartitionOffset] {
    elements.map { element in
      let name = element.partitionName
      var metadata: String?
      if let bytes = element.metadata, element.metadata_size > 0 {
        metadata = String(decoding: UnsafeRawBufferPointer(start: bytes, count: element.metadata_size), as: UTF8.self)
      }
      return PartitionOffset(
        name, offset: element.offset, metadata: metadata, error: KafkaError(element.err, context: "\(context) \(name)"))
    }
  }
}

extension rd_kafka_topic_partition_t {
  var partitionName: TopicPartition { TopicPartition(topic: String(cString: topic), partition: partition) }
}
