import KafkaClient

/// What becomes of a record: its prediction, or a dead letter from one stage.
enum Outcome: UInt8 {
  case prediction
  case deadLetterDecode, deadLetterScore, deadLetterPublish, deadLetterDeadline

  init(_ stage: FailureStage) {
    switch stage {
    case .decode: self = .deadLetterDecode
    case .score: self = .deadLetterScore
    case .publish: self = .deadLetterPublish
    case .deadline: self = .deadLetterDeadline
    }
  }

  /// The stage counted for a dead letter; nil for a prediction.
  var stage: FailureStage? {
    switch self {
    case .prediction: nil
    case .deadLetterDecode: .decode
    case .deadLetterScore: .score
    case .deadLetterDeadline: .deadline
    case .deadLetterPublish: .publish
    }
  }
}

/// A batch's records from the moment each is taken until each one's output is acknowledged.
///
/// Owns the records: their payloads stay in librdkafka's buffers, because an output that the broker refuses becomes a dead
/// letter that carries them.
///
/// A handle: copies name the same flight, and count no references. `Flights` frees it.
struct Flight: Equatable {
  private struct Storage {
    var count = 0
    var pending = 0
    var marks: [PartitionLedger.Mark] = []
    var launchedAt = MonotonicTime(nanoseconds: 0)
  }

  let capacity: Int
  /// Its number among the worker's flights.
  let slot: Int
  private let storage: UnsafeMutablePointer<Storage>
  private let records: UnsafeMutablePointer<KafkaRecord?>
  private let outcomes: UnsafeMutablePointer<Outcome>
  private let partitions: UnsafeMutablePointer<Int>
  private let owners: UnsafeMutablePointer<UInt8>
  /// Outputs of each record that are not acknowledged yet.
  private let outputs: UnsafeMutablePointer<UInt8>
  private let timestamps: UnsafeMutablePointer<Int64>

  init(capacity: Int, slot: Int) {
    self.capacity = capacity
    self.slot = slot
    storage = .allocate(capacity: 1)
    storage.initialize(to: Storage())
    records = .allocate(capacity: capacity)
    records.initialize(repeating: nil, count: capacity)
    outcomes = .allocate(capacity: capacity)
    outcomes.initialize(repeating: .prediction, count: capacity)
    partitions = .allocate(capacity: capacity)
    partitions.initialize(repeating: 0, count: capacity)
    owners = .allocate(capacity: capacity)
    owners.initialize(repeating: 0, count: capacity)
    outputs = .allocate(capacity: capacity)
    outputs.initialize(repeating: 1, count: capacity)
    timestamps = .allocate(capacity: capacity)
    timestamps.initialize(repeating: -1, count: capacity)
  }

  /// Gives its records and its memory back; nothing may use it afterwards.
  func free() {
    clear()
    storage.deinitialize(count: 1)
    storage.deallocate()
    records.deallocate()
    outcomes.deallocate()
    partitions.deallocate()
    owners.deallocate()
    outputs.deallocate()
    timestamps.deallocate()
  }

  var count: Int { storage.pointee.count }
  /// Records whose outputs are not all acknowledged.
  var pending: Int { storage.pointee.pending }

  var marks: [PartitionLedger.Mark] {
    get { storage.pointee.marks }
    nonmutating _modify { yield &storage.pointee.marks }
  }

  var launchedAt: MonotonicTime {
    get { storage.pointee.launchedAt }
    nonmutating set { storage.pointee.launchedAt = newValue }
  }

  static func == (left: Flight, right: Flight) -> Bool { left.storage == right.storage }

  var isFull: Bool { count == capacity }

  /// Takes ownership of a record; returns its place in the flight.
  /// - Parameters:
  ///   - timestampMs: the record's, kept here because the record itself is far when it is next asked.
  ///   - owner: whose figures the record counts in; 0 is the worker's own lane.
  @inline(__always)
  func add(_ record: KafkaRecord, partition: Int, timestampMs: Int64, owner: UInt8 = 0) -> Int {
    let index = storage.pointee.count
    records[index] = record
    outcomes[index] = .prediction
    partitions[index] = partition
    owners[index] = owner
    outputs[index] = 1
    timestamps[index] = timestampMs
    storage.pointee.count = index + 1
    storage.pointee.pending += 1
    return index
  }

  /// The record, while an output of it is awaited.
  @inline(__always)
  func record(_ index: Int) -> KafkaRecord? { records[index] }
  func partition(_ index: Int) -> Int { partitions[index] }
  func owner(_ index: Int) -> Int { Int(owners[index]) }
  func timestampMs(_ index: Int) -> Int64 { timestamps[index] }

  func outcome(_ index: Int) -> Outcome { outcomes[index] }
  func setOutcome(_ index: Int, _ outcome: Outcome) { outcomes[index] = outcome }

  /// One more output of the record is on its way than the one that every record has.
  func addOutput(_ index: Int) { outputs[index] += 1 }

  /// An output of the record is acknowledged. With its last one the record has no more use, and the answer is true.
  @inline(__always)
  func land(_ index: Int) -> Bool {
    outputs[index] -= 1
    if outputs[index] > 0 { return false }
    records[index]?.destroy()
    records[index] = nil
    storage.pointee.pending -= 1
    return true
  }

  /// Gives every record back, acknowledged or not.
  func clear() {
    for index in 0..<count {
      records[index]?.destroy()
      records[index] = nil
    }
    storage.pointee.count = 0
    storage.pointee.pending = 0
    storage.pointee.marks.removeAll(keepingCapacity: true)
  }
}
