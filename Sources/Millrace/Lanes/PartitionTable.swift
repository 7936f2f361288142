import KafkaClient

/// Finds a record's partition among those that a worker has met, by a small number that indexes the rest of its state.
///
/// Records come in runs of one partition, so the last answer is nearly always the next one.
struct PartitionTable {
  struct Entry {
    let partition: TopicPartition
    /// `topic/partition/`, to which the offset is appended: the value of the header `millrace-source`.
    let sourcePrefix: [UInt8]
    /// Which of the lane's decoding programs reads the partition's topic.
    let program: Int

    init(_ partition: TopicPartition, program: Int = 0) {
      self.partition = partition
      self.program = program
      sourcePrefix = Array("\(partition.topic)/\(partition.partition)/".utf8)
    }

    init(_ record: KafkaRecord) { self.init(record.topicPartition) }
  }

  private struct Key: Hashable {
    let topic: UInt
    let partition: Int32
  }

  private(set) var entries: [Entry] = []
  private let programByTopic: [String: Int]
  private var indexByName: [TopicPartition: Int] = [:]
  private var indexByHandle: [Key: Int] = [:]
  private var lastKey = Key(topic: 0, partition: -1)
  private var lastIndex = -1

  init(programByTopic: [String: Int]) { self.programByTopic = programByTopic }

  @inline(__always)
  mutating func index(of record: KafkaRecord, tracker: inout OffsetTracker) -> Int {
    let key = Key(topic: UInt(bitPattern: record.topicHandle), partition: record.partition)
    if key.topic == lastKey.topic && key.partition == lastKey.partition { return lastIndex }
    return find(key, record, &tracker)
  }

  private mutating func find(_ key: Key, _ record: KafkaRecord, _ tracker: inout OffsetTracker) -> Int {
    let index: Int
    if let known = indexByHandle[key] {
      index = known
    } else {
      index = self.index(of: TopicPartition(topic: record.topic, partition: record.partition), tracker: &tracker)
      indexByHandle[key] = index
    }
    lastKey = key
    lastIndex = index
    return index
  }

  mutating func index(of partition: TopicPartition, tracker: inout OffsetTracker) -> Int {
    if let known = indexByName[partition] { return known }
    let index = tracker.addPartition()
    precondition(index == entries.count)
    entries.append(Entry(partition, program: programByTopic[partition.topic] ?? 0))
    indexByName[partition] = index
    return index
  }
}
