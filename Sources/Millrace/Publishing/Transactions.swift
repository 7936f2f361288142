import KafkaClient

/// A worker's transactions: what it produced and how far it read, as one. One thread.
///
/// One opens with the first output and is committed when it is `interval` old, or when partitions are given back. Who may
/// commit is the group's decision: the consumer's generation goes with the offsets, so a member that lost its partitions can't
/// (KIP-447).
struct Transactions {
  private let producer: KafkaProducer
  private let interval: Duration
  private var openedAt: MonotonicTime?

  /// What to do after a failed commit.
  enum Failure: Error {
    /// The transaction is aborted: go back to the committed offsets and read again.
    case aborted(KafkaError)
    /// This producer can't go on.
    case fatal(KafkaError)
  }

  /// A limit for each call to the cluster; the lane's `drain_timeout` limits the whole.
  private static let callTimeoutMs: Int32 = 30_000
  private static let tries = 5

  init(_ producer: KafkaProducer, interval: Duration) throws(KafkaError) {
    self.producer = producer
    self.interval = interval
    try producer.initTransactions(timeoutMs: Self.callTimeoutMs)
  }

  var isOpen: Bool { openedAt != nil }

  func isDue(at now: MonotonicTime) -> Bool {
    guard let openedAt else { return false }
    return now - openedAt >= interval
  }

  /// When the open transaction is due.
  var due: MonotonicTime? { openedAt.map { $0 + interval } }

  mutating func open(at now: MonotonicTime) throws(KafkaError) {
    if isOpen { return }
    try producer.beginTransaction()
    openedAt = now
  }

  /// Flushes, and commits what was produced together with the offsets. Delivery reports run in here.
  mutating func commit(_ offsets: [PartitionOffset], of consumer: KafkaConsumer) throws(Failure) {
    guard isOpen else { return }
    do throws(KafkaError) {
      if !offsets.isEmpty {
        try retrying { (timeout) throws(KafkaError) in try producer.sendOffsets(offsets, of: consumer, timeoutMs: timeout) }
      }
      try retrying { (timeout) throws(KafkaError) in try producer.commitTransaction(timeoutMs: timeout) }
      openedAt = nil
    } catch {
      if error.isFatal { throw .fatal(error) }
      try abort()
      throw .aborted(error)
    }
  }

  /// Undoes what was produced since the transaction was opened.
  mutating func abort() throws(Failure) {
    guard isOpen else { return }
    openedAt = nil
    do throws(KafkaError) {
      try retrying { (timeout) throws(KafkaError) in try producer.abortTransaction(timeoutMs: timeout) }
    } catch {
      throw .fatal(error)
    }
  }

  /// A retriable error means: the same call again goes on where it was.
  private func retrying(_ call: (Int32) throws(KafkaError) -> Void) throws(KafkaError) {
    for _ in 1..<Self.tries {
      do throws(KafkaError) {
        return try call(Self.callTimeoutMs)
      } catch {
        guard error.isRetriable, !error.isFatal, !error.requiresAbort else { throw error }
      }
    }
    try call(Self.callTimeoutMs)
  }
}
