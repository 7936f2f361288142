import KafkaClient

/// A worker's part in a replay: how fast it may read, and the records that wait for their time. Where each partition's range ends stands
/// in the ledger. One thread.
final class RangeReader {
  let session: ReplaySession
  /// How long until something may be read or handled; nil where nothing but the log is waited for.
  private(set) var wait: Duration?
  private var queues: PacedQueues<KafkaRecord>?
  private let ledger: PartitionLedger
  private var progressAt = MonotonicTime.now

  init(_ session: ReplaySession, ledger: PartitionLedger) {
    self.session = session
    self.ledger = ledger
    queues = session.speed.map { PacedQueues(speed: $0) }
  }

  /// The range of the replay that a commit's metadata names, and how far it is; nil for what is not this replay's.
  func share(_ committed: PartitionOffset) -> ReplayShare? {
    guard let plan = committed.metadata.flatMap(ReplayRange.parse), plan.fingerprint == session.fingerprint else { return nil }
    return ReplayShare(plan.range, committed: committed.offset)
  }

  /// What goes with a committed offset.
  func metadata(_ partition: Int) -> String? { ledger[partition].range?.metadata(fingerprint: session.fingerprint) }

  /// Fills the buffer with records that may be handled now; returns how many.
  func take(from consumer: KafkaConsumer, into buffer: UnsafeMutableBufferPointer<KafkaRecord>, _ gate: inout IntakeGate) -> Int {
    wait = nil
    var capacity = buffer.count
    if let rate = session.rate {
      capacity = rate.take(capacity, at: .now)
      if capacity == 0 {
        wait = rate.wait
        return 0
      }
    }
    let taken = consumer.poll(into: UnsafeMutableBufferPointer(rebasing: buffer[..<capacity]))
    session.rate?.giveBack(capacity - taken)
    return queues == nil ? taken : holdBack(buffer, taken: taken, &gate)
  }

  /// Keeps the records until they are due; the buffer gets those that are.
  private func holdBack(_ buffer: UnsafeMutableBufferPointer<KafkaRecord>, taken: Int, _ gate: inout IntakeGate) -> Int {
    let now = MonotonicTime.now
    for record in buffer[..<taken] {
      let partition = ledger.index(of: record)
      if record.offset >= ledger.limit(partition) {
        reachedEnd(partition, record.offset, &gate)
        record.destroy()
        continue
      }
      queues?.hold(record, timestampMs: record.timestampMs, partition: partition, at: now)
      gate.close(partition, for: .pace)
    }
    let expected = session.goal.open.count { partition in
      let account = ledger[ledger.index(of: partition)]
      return account.isOwned && account.handled < account.limit
    }
    var due = 0
    while due < buffer.count, let (record, _) = queues?.next(at: now, expected: expected) {
      buffer[due] = record
      due += 1
    }
    for (partition, next) in queues?.takeEnds() ?? [] { ledger.meetEnd(partition, next) }
    for partition in queues?.partitions ?? [] where queues?.isEmpty(partition) == true { gate.close(partition, for: .pace, false) }
    if due == 0 { wait = queues?.nextDue.map { max(.milliseconds(1), $0 - now) } ?? .milliseconds(20) }
    return due
  }

  /// The partition's log was read up to `next`, or beyond the end of its range.
  func reachedEnd(_ partition: Int, _ next: Int64, _ gate: inout IntakeGate) {
    let limit = ledger.limit(partition)
    // What of the range is missing before this place is nothing that a consumer ever sees.
    if next >= limit { gate.close(partition, for: .endOfRange) }
    guard limit >= 0 else { return }
    if queues != nil { queues?.setEnd(partition, min(next, limit)) } else { ledger.meetEnd(partition, min(next, limit)) }
  }

  /// Takes out what waits for its time.
  func removeHeld(of partition: Int) -> [KafkaRecord] { queues?.removeAll(of: partition) ?? [] }

  /// Tells the session how far each partition is, a few times a second.
  /// - Parameter isCommitted: what is not committed yet may still be read again.
  func noteProgress(at now: MonotonicTime, isCommitted: Bool) {
    guard now - progressAt >= .milliseconds(100) else { return }
    progressAt = now
    for index in ledger.owned {
      let account = ledger[index]
      session.goal.handled(ledger.name(index), next: isCommitted ? account.committed : account.acknowledged)
    }
  }
}
