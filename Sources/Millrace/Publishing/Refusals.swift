import KafkaClient

/// Outputs of transactions that the broker refused for what they are. The transaction is aborted, so its records come again: then their
/// outputs take another way, or they would abort every transaction. One thread.
struct Refusals {
  enum Refused: Equatable {
    case prediction(why: String)
    /// The dead letter, with the source's value.
    case deadLetter
  }

  private struct Place: Hashable {
    let partition: Int
    let offset: Int64
  }

  private var refused: [Place: Refused] = [:]
  /// There are some since `takeNew` was called last.
  private var hasNew = false

  var isEmpty: Bool { refused.isEmpty }

  /// What was refused of a record when it was read before.
  func of(partition: Int, offset: Int64) -> Refused? { refused[Place(partition: partition, offset: offset)] }

  mutating func note(_ what: Refused, partition: Int, offset: Int64) {
    if refused.updateValue(what, forKey: Place(partition: partition, offset: offset)) != what { hasNew = true }
  }

  /// Forgets records before this offset: they are committed, or the partition is another member's.
  mutating func remove(partition: Int, before offset: Int64) {
    refused = refused.filter { $0.key.partition != partition || $0.key.offset >= offset }
  }

  mutating func takeNew() -> Bool {
    defer { hasNew = false }
    return hasNew
  }
}
