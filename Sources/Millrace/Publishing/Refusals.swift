import KafkaClient

/// An output that was refused together with others, and is to be sent alone.
struct LonelyOutput {
  let token: UInt
  /// A prediction's value.
  let value: [UInt8]
}

/// Why the record of a dead letter failed.
struct Letter {
  let stage: FailureStage
  let reason: FailureText
}

/// How records go whose outputs a broker has refused for what they are. One thread.
///
/// A broker refuses whole batches, so an output that was refused in company is first tried alone. What is refused alone takes another way:
/// a prediction becomes a dead letter, a dead letter its next smaller form. Outputs of an aborted transaction take it when their records
/// are read again; without transactions they are sent again at once.
struct Refusals {
  /// How a record's output goes.
  struct Way: Equatable {
    /// Why its prediction can't be written; nil where it is to be tried.
    var prediction: String?
    /// The largest form in which its dead letter is to be tried.
    var letter = DeadLetter.Form.full
  }

  private struct Place: Hashable {
    let partition: Int
    let offset: Int64
  }

  /// The outputs that are sent now have no company: a refusal is their own.
  var isAlone = false
  /// Without transactions: outputs that were refused in company, and wait to be sent alone.
  var lonely: [LonelyOutput] = []
  /// Without transactions: why the records of dead letters that are on their way failed, by token.
  var letters: [UInt: Letter] = [:]
  private var ways: [Place: Way] = [:]
  /// There are new ones since `takeNew` was called last.
  private var hasNew = false

  /// Whether none was refused.
  private(set) var isEmpty = true

  /// How the record's output goes; nil: none of it was refused.
  func way(partition: Int, offset: Int64) -> Way? { ways[Place(partition: partition, offset: offset)] }

  mutating func note(_ way: Way, partition: Int, offset: Int64) {
    if ways.updateValue(way, forKey: Place(partition: partition, offset: offset)) != way { hasNew = true }
    isEmpty = false
  }

  /// Forgets records before this offset: they are committed, or the partition is another member's.
  mutating func remove(partition: Int, before offset: Int64) {
    ways = ways.filter { $0.key.partition != partition || $0.key.offset >= offset }
    isEmpty = ways.isEmpty
  }

  /// Forgets a record whose output is acknowledged.
  mutating func remove(partition: Int, offset: Int64) {
    ways[Place(partition: partition, offset: offset)] = nil
    isEmpty = ways.isEmpty
  }

  /// What was on its way is given up.
  mutating func abandon() {
    lonely.removeAll()
    letters.removeAll()
  }

  mutating func takeNew() -> Bool {
    defer { hasNew = false }
    return hasNew
  }
}
