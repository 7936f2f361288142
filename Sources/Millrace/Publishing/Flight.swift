import KafkaClient

/// What becomes of a record: its prediction, or a dead letter from one stage.
enum Outcome: UInt8 {
  case prediction
  case deadLetterDecode, deadLetterScore, deadLetterPublish
  /// A dead letter that the broker found too large, sent again without the source's value.
  case deadLetterWithoutValue

  init(_ stage: FailureStage) {
    switch stage {
    case .decode: self = .deadLetterDecode
    case .score: self = .deadLetterScore
    case .publish: self = .deadLetterPublish
    }
  }

  /// The stage counted for a dead letter; nil for a prediction.
  var stage: FailureStage? {
    switch self {
    case .prediction: nil
    case .deadLetterDecode: .decode
    case .deadLetterScore: .score
    case .deadLetterPublish, .deadLetterWithoutValue: .publish
    }
  }
}

/// A batch's records from the moment each is taken until each one's output is acknowledged.
///
/// Owns the records: their payloads stay in librdkafka's buffers, because an output that the broker refuses becomes a dead
/// letter that carries them.
final class Flight {
  let capacity: Int
  private(set) var count = 0
  /// Outputs handed to the producer and not yet acknowledged.
  private(set) var pending = 0
  var marks: [OffsetTracker.Mark] = []
  var launchedAt = MonotonicTime(nanoseconds: 0)
  private let records: UnsafeMutablePointer<KafkaRecord?>
  private let outcomes: UnsafeMutablePointer<Outcome>
  private let partitions: UnsafeMutablePointer<Int>
  private let owners: UnsafeMutablePointer<UInt8>

  init(capacity: Int) {
    self.capacity = capacity
    records = .allocate(capacity: capacity)
    records.initialize(repeating: nil, count: capacity)
    outcomes = .allocate(capacity: capacity)
    outcomes.initialize(repeating: .prediction, count: capacity)
    partitions = .allocate(capacity: capacity)
    partitions.initialize(repeating: 0, count: capacity)
    owners = .allocate(capacity: capacity)
    owners.initialize(repeating: 0, count: capacity)
  }

  deinit {
    clear()
    records.deallocate()
    outcomes.deallocate()
    partitions.deallocate()
    owners.deallocate()
  }

  var isFull: Bool { count == capacity }

  /// Takes ownership of a record; returns its place in the flight.
  /// - Parameter owner: whose figures the record counts in; 0 is the worker's own lane.
  @inline(__always)
  func add(_ record: KafkaRecord, partition: Int, owner: UInt8 = 0) -> Int {
    let index = count
    records[index] = record
    outcomes[index] = .prediction
    partitions[index] = partition
    owners[index] = owner
    count = index + 1
    pending += 1
    return index
  }

  /// The record, if its output is still awaited.
  @inline(__always)
  func record(_ index: Int) -> KafkaRecord? { records[index] }
  func partition(_ index: Int) -> Int { partitions[index] }
  func owner(_ index: Int) -> Int { Int(owners[index]) }

  func outcome(_ index: Int) -> Outcome { outcomes[index] }
  func setOutcome(_ index: Int, _ outcome: Outcome) { outcomes[index] = outcome }

  /// The record's output is acknowledged: it has no more use.
  @inline(__always)
  func land(_ index: Int) {
    records[index]?.destroy()
    records[index] = nil
    pending -= 1
  }

  /// Gives every record back, acknowledged or not.
  func clear() {
    for index in 0..<count {
      records[index]?.destroy()
      records[index] = nil
    }
    count = 0
    pending = 0
    marks.removeAll(keepingCapacity: true)
  }
}
