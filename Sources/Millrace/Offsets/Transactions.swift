import KafkaClient

/// A worker's transactions: what it produced and how far it read, as one. One thread.
///
/// One opens with the first output and is committed when it is `interval` old, or when partitions are given back. Who may
/// commit is the group's decision: the consumer's generation goes with the offsets, so a member that lost its partitions can't
/// (KIP-447).
struct Transactions {
  private let producer: KafkaProducer
  private let interval: Duration
  private let callTimeoutMs: Int32
  private var openedAt: MonotonicTime?

  /// Why a transaction isn't known to be committed.
  enum Failure: Error {
    /// It is aborted: go back to the committed offsets and read again.
    case aborted(KafkaError)
    /// The brokers may have committed it or not. It must not be read again by this member: its successor asks for the offsets.
    case unknown(KafkaError)
    /// Another producer has taken this one's `transactional.id`.
    case fenced(KafkaError)
    /// This producer can't go on.
    case fatal(KafkaError)
  }

  private static let tries: Int32 = 5
  private static let fencing: Set<KafkaError.Code> = [.fenced, .invalidProducerEpoch]

  /// - Parameter patience: how long one of the steps (initialising, sending offsets, committing, aborting) may take.
  init(_ producer: KafkaProducer, interval: Duration, patience: Duration) throws(KafkaError) {
    self.producer = producer
    self.interval = interval
    callTimeoutMs = max(1, Int32(clamping: patience.millisecondsRoundedUp) / Self.tries)
    try retrying { (timeout) throws(KafkaError) in try producer.initTransactions(timeoutMs: timeout) }
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
    } catch {
      throw undo(error)
    }
    do throws(KafkaError) {
      try retrying { (timeout) throws(KafkaError) in try producer.commitTransaction(timeoutMs: timeout) }
      openedAt = nil
    } catch {
      guard error.isUnderWay else { throw undo(error) }
      // librdkafka goes on committing; to abort now would be refused, and would be wrong if the brokers have committed.
      openedAt = nil
      throw .unknown(error)
    }
  }

  /// Undoes what was produced since the transaction was opened.
  mutating func abort() throws(Failure) {
    guard isOpen else { return }
    openedAt = nil
    do throws(KafkaError) {
      try retrying { (timeout) throws(KafkaError) in try producer.abortTransaction(timeoutMs: timeout) }
    } catch {
      throw Self.isFencing(error) ? .fenced(error) : .fatal(error)
    }
  }

  /// What became of a transaction whose commit was never asked for, or was refused.
  private mutating func undo(_ reason: KafkaError) -> Failure {
    if reason.isFatal {
      openedAt = nil
      return Self.isFencing(reason) ? .fenced(reason) : .fatal(reason)
    }
    do throws(Failure) {
      try abort()
      return .aborted(reason)
    } catch {
      return error
    }
  }

  private static func isFencing(_ error: KafkaError) -> Bool { fencing.contains(error.code) }

  /// A retriable error means: the same call again goes on where it was.
  private func retrying(_ call: (Int32) throws(KafkaError) -> Void) throws(KafkaError) {
    for _ in 1..<Self.tries {
      do throws(KafkaError) {
        return try call(callTimeoutMs)
      } catch {
        guard error.isUnderWay else { throw error }
      }
    }
    try call(callTimeoutMs)
  }
}

extension KafkaError {
  /// The call has neither succeeded nor failed: made again, it goes on.
  fileprivate var isUnderWay: Bool { isRetriable && !isFatal && !requiresAbort }
}
