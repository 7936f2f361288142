import KafkaClient

/// Finds a record's partition among those that a worker has met: a small number, which indexes all else that is known of it.
///
/// Records come in runs of one partition, so the last answer is nearly always the next one.
struct PartitionTable {
  /// A partition as the hot path sees it. Trivial: a copy counts no references. Lives as long as its table.
  struct Entry {
    private let body: UnsafePointer<Body>
    /// Which of the lane's decoding programs reads the partition's topic.
    let program: Int
    /// `topic/partition/`, to which the offset is appended: the value of the header `millrace-source`.
    let sourcePrefix: UnsafeRawBufferPointer
    /// The name, which is how `sourcePrefix` begins.
    let topic: UnsafeRawBufferPointer

    fileprivate init(_ body: UnsafePointer<Body>, program: Int) {
      self.body = body
      self.program = program
      sourcePrefix = body.pointee.sourcePrefix
      topic = UnsafeRawBufferPointer(rebasing: sourcePrefix.prefix(body.pointee.partition.topic.utf8.count))
    }

    var partition: TopicPartition { body.pointee.partition }
  }

  fileprivate struct Body {
    let partition: TopicPartition
    let sourcePrefix: UnsafeRawBufferPointer

    init(_ partition: TopicPartition) {
      self.partition = partition
      let prefix = Array("\(partition.topic)/\(partition.partition)/".utf8)
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: prefix.count, alignment: 1)
      copy.copyBytes(from: prefix)
      sourcePrefix = UnsafeRawBufferPointer(copy)
    }
  }

  /// Where entries point to. Addresses stay, because each body has memory of its own.
  private final class Bodies {
    private var bodies: [UnsafeMutablePointer<Body>] = []

    deinit {
      for body in bodies {
        body.pointee.sourcePrefix.deallocate()
        body.deinitialize(count: 1)
        body.deallocate()
      }
    }

    func add(_ partition: TopicPartition) -> UnsafePointer<Body> {
      let body = UnsafeMutablePointer<Body>.allocate(capacity: 1)
      body.initialize(to: Body(partition))
      bodies.append(body)
      return UnsafePointer(body)
    }
  }

  private struct Key: Hashable {
    let topic: UInt
    let partition: Int32
  }

  private(set) var entries: [Entry] = []
  private let bodies = Bodies()
  private let programByTopic: [String: Int]
  private var indexByName: [TopicPartition: Int] = [:]
  private var indexByHandle: [Key: Int] = [:]
  private var lastKey = Key(topic: 0, partition: -1)
  private var lastIndex = -1

  init(programByTopic: [String: Int]) { self.programByTopic = programByTopic }

  @inline(__always)
  mutating func index(of record: KafkaRecord) -> Int {
    let key = Key(topic: UInt(bitPattern: record.topicHandle), partition: record.partition)
    if key.topic == lastKey.topic && key.partition == lastKey.partition { return lastIndex }
    return find(key, record)
  }

  private mutating func find(_ key: Key, _ record: KafkaRecord) -> Int {
    let index: Int
    if let known = indexByHandle[key] {
      index = known
    } else {
      index = self.index(of: TopicPartition(topic: record.topic, partition: record.partition))
      indexByHandle[key] = index
    }
    lastKey = key
    lastIndex = index
    return index
  }

  /// A topic that was deleted may leave its handle's address to another one. Whoever changes what is read says so here.
  mutating func forgetHandles() {
    indexByHandle.removeAll(keepingCapacity: true)
    lastKey = Key(topic: 0, partition: -1)
  }

  mutating func index(of partition: TopicPartition) -> Int {
    if let known = indexByName[partition] { return known }
    let index = entries.count
    entries.append(Entry(bodies.add(partition), program: programByTopic[partition.topic] ?? 0))
    indexByName[partition] = index
    return index
  }
}
