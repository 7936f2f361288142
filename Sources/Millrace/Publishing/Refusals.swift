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

  /// The record's output was taken.
  mutating func remove(partition: Int, offset: Int64) { refused[Place(partition: partition, offset: offset)] = nil }

  mutating func removeAll(of partition: Int) { refused = refused.filter { $0.key.partition != partition } }

  mutating func takeNew() -> Bool {
    defer { hasNew = false }
    return hasNew
  }
}
