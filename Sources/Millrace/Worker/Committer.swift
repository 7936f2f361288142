import KafkaClient
import Logging

/// Commits what a worker has handled: offsets at an interval, or with exactly-once delivery outputs and offsets in one transaction.
/// One thread, the worker's.
///
/// It decides and asks the brokers. What an aborted transaction means for records, batches and partitions is the worker's to do.
final class Committer {
  /// What became of the open transaction.
  enum Ending {
    case committed
    /// There was nothing to commit.
    case nothing
    /// It is aborted: what it read must be read again.
    case aborted
  }

  /// What the time of the next commit says.
  enum Due {
    case later
    case offsets
    /// The transaction has been open for long enough, or skipped records reach further than what is committed.
    case transaction
  }

  private let lane: Lane
  private let consumer: KafkaConsumer
  private let ledger: PartitionLedger
  private let publisher: Publisher
  private let reporter: Reporter
  private let log: Logger
  /// What goes with a committed offset of a replay; nil for a lane that follows its topics.
  private let replay: RangeReader?
  /// nil for a lane that delivers at least once.
  private var transactions: Transactions?
  /// A transaction was aborted: what it read must be read again.
  private(set) var mustRewind = false
  private var size = TransactionSize()
  private var lastAbort: KafkaError.Code?
  private var lastCommit = MonotonicTime.now

  /// The group has, or is about to have, another generation than the one that the offsets came with.
  private static let generation: Set<KafkaError.Code> = [.illegalGeneration, .unknownMember, .rebalanceInProgress]

  init(
    _ lane: Lane, consumer: KafkaConsumer, ledger: PartitionLedger, publisher: Publisher, reporter: Reporter, replay: RangeReader?,
    log: Logger
  ) throws {
    self.lane = lane
    self.consumer = consumer
    self.ledger = ledger
    self.publisher = publisher
    self.reporter = reporter
    self.replay = replay
    self.log = log
    if let interval = lane.delivery.transactionInterval {
      transactions = try Transactions(publisher.producer, interval: interval, patience: lane.delivery.drainTimeout)
    }
  }

  var isTransactional: Bool { transactions != nil }
  var isOpen: Bool { transactions?.isOpen ?? false }

  /// What is to be committed now.
  func due(at now: MonotonicTime) -> Due {
    let isTime = now - lastCommit >= lane.delivery.commitInterval
    guard let transactions else { return isTime ? .offsets : .later }
    if transactions.isOpen { return size.isFull || transactions.isDue(at: now) ? .transaction : .later }
    guard isTime else { return .later }
    // By a transaction too: an answer to an ordinary commit that came late could take back what a later transaction has committed.
    lastCommit = now
    return consumer.isJoining ? .later : .transaction
  }

  /// How long until something may be due.
  func wait(at now: MonotonicTime) -> Duration {
    let time = transactions?.due.map { $0 - now } ?? lane.delivery.commitInterval - (now - lastCommit)
    return max(.milliseconds(1), time)
  }

  // MARK: At least once

  /// Asks for a commit of what is acknowledged, and does not wait for the answer.
  func commitAsync(at now: MonotonicTime) {
    lastCommit = now
    // Later, then; a rebalance takes seconds at most.
    if consumer.isJoining { return }
    let offsets = committable()
    if offsets.isEmpty { return }
    do {
      try consumer.commitAsync(offsets)
      asked(offsets)
    } catch {
      commitDone(offsets, error)
    }
  }

  /// Commits what is acknowledged, and waits for the answer. A lane with transactions has committed by one already.
  func commitNow() {
    if isTransactional { return }
    let offsets = committable()
    if offsets.isEmpty { return }
    let before = reporter.pulse.enter(.committing)
    defer { reporter.pulse.enter(before) }
    do {
      try consumer.commit(offsets)
      reporter.note(commit: offsets, nil)
      asked(offsets)
    } catch {
      // The group has moved on, or no coordinator answers: the records since the last commit are read again.
      commitDone(offsets, error, isLast: true)
    }
  }

  /// The answers to commits that are under way may come too late: what they commit is committed once more.
  func forgetAsked() {
    if !isTransactional { for index in ledger.indices { ledger.uncommitted(index) } }
  }

  /// - Parameter isLast: the partitions go, so no later commit covers this one.
  func commitDone(_ offsets: [PartitionOffset], _ error: KafkaError?, isLast: Bool = false) {
    let error = error ?? offsets.lazy.compactMap(\.error).first
    reporter.note(commit: offsets, error)
    guard let error else { return }
    let statistics = publisher.statistics
    statistics.add(1, to: .commitFailures)
    if error.code != .rebalanceInProgress { statistics.journal.note(error: "commit failed: \(error)") }
    // While a group rebalances, the coordinator refuses commits as a matter of course.
    log.log(
      level: error.code == .rebalanceInProgress && !isLast ? .debug : .warning,
      "commit failed; the next one covers it, or the records are read again",
      metadata: ["partitions": "\(TopicPartition.names(offsets.map(\.partition)))", "error": "\(error)"])
    for offset in offsets { ledger.uncommitted(ledger.index(of: offset.partition)) }
  }

  private func committable() -> [PartitionOffset] { ledger.committable().map { noted($0.partition, next: $0.next) } }

  private func asked(_ offsets: [PartitionOffset]) {
    for offset in offsets { ledger.committed(ledger.index(of: offset.partition), next: offset.offset) }
    publisher.statistics.add(1, to: .commits)
  }

  /// An offset to commit, with the note that a later start needs.
  private func noted(_ index: Int, next: Int64) -> PartitionOffset {
    let (partition, account) = (ledger.name(index), ledger[index])
    if let replay { return PartitionOffset(partition, offset: next, metadata: replay.metadata(index)) }
    let routes = lane.decoding.routes(of: partition.topic)
    // A log that was made anew begins before what the last one's commits say.
    let since = min(account.routesSince ?? .max, account.first < 0 ? .max : account.first, next)
    return PartitionOffset(
      partition, offset: next, metadata: CommitNote(routes: routes.fingerprint, since: since, lanes: routes.lanes).text)
  }

  // MARK: Exactly once

  /// The open transaction takes a record; one is opened before the first.
  @inline(__always)
  func take(_ record: KafkaRecord, at now: MonotonicTime) throws(LaneFault) {
    if transactions == nil { return }
    if !isOpen { try open(at: now) }
    size.take(record)
  }

  /// Whether the transaction has to end before it takes another record.
  var isFull: Bool { isOpen && size.isFull }

  /// Ends the open transaction with what it has taken.
  func endTransaction() { size.close() }

  private func open(at now: MonotonicTime) throws(LaneFault) {
    do {
      try transactions?.open(at: now)
      size.begin()
    } catch {
      throw LaneFault(lane: lane.name, message: "can't begin a transaction: \(error)")
    }
  }

  /// Commits everything since the transaction was opened, and how far skipped records reach. No batch may be open.
  func commitTransaction(at now: MonotonicTime) throws(LaneFault) -> Ending {
    let handled = ledger.handledBeyondCommit()
    let offsets = handled.map { noted($0.partition, next: $0.next) }
    if !isOpen {
      if offsets.isEmpty { return .nothing }
      try open(at: now)
    }
    do throws(Transactions.Failure) {
      try transactions?.commit(offsets, of: consumer)
    } catch {
      if case .aborted(let reason) = error {
        try noteAbort(reason)
        return .aborted
      }
      throw LaneFault(error, lane: lane.name)
    }
    size.committed()
    publisher.refusals.isAlone = false
    lastCommit = now
    publisher.statistics.add(1, to: .commits)
    reporter.note(commit: offsets, nil)
    try publisher.poll(ledger)
    for (partition, next) in handled {
      ledger.committed(partition, next: next)
      publisher.forgetRefusals(of: partition, before: next)
    }
    ledger.acknowledgeHandled()
    return .committed
  }

  private func noteAbort(_ reason: KafkaError) throws(LaneFault) {
    mustRewind = true
    publisher.refusals.isAlone = false
    publisher.statistics.add(1, to: .commitFailures)
    // A group that moves on takes its generation's transactions with it, and a record that is refused for what it is goes another way
    // the next time.
    if !Self.generation.contains(reason.code), !publisher.takeNewRefusals(), !isEcho(reason) { size.aborted() }
    log.warning(
      "transaction aborted; its records are read again", metadata: ["error": "\(reason)", "records": "\(size.taken)", "next": "\(size)"])
    if let place = size.hopeless {
      throw LaneFault(
        lane: lane.name,
        message: "\(TransactionSize.maxAborts) transactions in a row were aborted that held one record each, the last \(place): \(reason)")
    }
  }

  /// Whether this follows from the refusal that aborted the transaction before: librdkafka counts what was refused among a partition's
  /// sequence numbers, finds the gap in the next transaction, and takes a new epoch then.
  private func isEcho(_ reason: KafkaError) -> Bool {
    defer { lastAbort = reason.code }
    return reason.code == .outOfOrderSequence && lastAbort != .outOfOrderSequence && !publisher.refusals.isEmpty
  }

  /// Aborts the open transaction: what it holds is not, or not yet, this member's to commit.
  func abort() throws(LaneFault) {
    do throws(Transactions.Failure) {
      try transactions?.abort()
      mustRewind = true
      publisher.refusals.isAlone = false
    } catch {
      throw LaneFault(error, lane: lane.name)
    }
  }

  /// The worker has gone back.
  func hasRewound() { mustRewind = false }

  /// Undoes rather than leaves to time out, which would hold read_committed consumers up.
  func close() { try? transactions?.abort() }
}
