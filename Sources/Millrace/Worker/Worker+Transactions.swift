import KafkaClient
import Logging

/// Exactly once: predictions, dead letters and offsets in one transaction.
extension Worker {
  /// The group has, or is about to have, another generation than the one that the offsets came with.
  private static let generation: Set<KafkaError.Code> = [.illegalGeneration, .unknownMember, .rebalanceInProgress]
  /// So many transactions in a row may fail before the lane does.
  private static let maxAborts = 10

  func openTransaction(at now: MonotonicTime) throws(LaneFault) {
    do {
      try transactions?.open(at: now)
    } catch {
      throw LaneFault(lane: lane.name, message: "can't begin a transaction: \(error)")
    }
  }

  /// Closes the batch, and commits everything since the transaction was opened, and how far skipped records reach. An aborted
  /// transaction is read again.
  func commitTransaction() throws(LaneFault) {
    if mustRewind { return }
    // Dead letters of the open batch are in the transaction already, so its records must be as well.
    try closeBatch(.drain)
    if mustRewind { return }
    let handled = tracker.handledBeyondCommit()
    let offsets = handled.map { noted($0.partition, next: $0.next) }
    if transactions?.isOpen != true {
      if offsets.isEmpty { return }
      try openTransaction(at: now)
    }
    do throws(Transactions.Failure) {
      try transactions?.commit(offsets, of: consumer)
    } catch {
      if case .aborted(let reason) = error { return try aborted(reason) }
      throw laneFault(error)
    }
    abortsInARow = 0
    lastCommit = now
    statistics.add(1, to: .commits)
    noteCommit(offsets, nil)
    try publisher.poll(&tracker)
    for (partition, next) in handled {
      tracker.committed(partition, next: next)
      publisher.forgetRefusals(of: partition, before: next)
    }
    tracker.acknowledgeHandled()
  }

  /// Commits how far skipped records reach when it is time. By a transaction too: an answer to an ordinary commit that came late
  /// could take back what a later transaction has committed.
  func commitSkipped() throws(LaneFault) {
    lastCommit = now
    if consumer.isJoining { return }
    try commitTransaction()
  }

  private func laneFault(_ failure: Transactions.Failure) -> LaneFault {
    let message =
      switch failure {
      case .aborted(let reason): "the transaction was aborted: \(reason)"
      case .unknown(let reason):
        "no broker says whether the last transaction is committed; start the lane again, and it goes on where the group's offsets "
          + "stand: \(reason)"
      case .fenced(let reason):
        "the brokers have fenced this worker's transactional.id: a transaction was open for longer than transaction.timeout.ms, as that "
          + "of a process that was frozen, or another process has the same group.instance.id: \(reason)"
      case .fatal(let reason): "the transaction failed, and its producer can't go on: \(reason)"
      }
    return LaneFault(lane: lane.name, message: message)
  }

  private func aborted(_ reason: KafkaError) throws(LaneFault) {
    statistics.add(1, to: .commitFailures)
    // A group that moves on takes its generation's transactions with it, and a record that is refused for what it is goes another way
    // the next time.
    if !Self.generation.contains(reason.code), !publisher.takeNewRefusals() { abortsInARow += 1 }
    log.warning("transaction aborted; its records are read again", metadata: ["error": "\(reason)", "in a row": "\(abortsInARow)"])
    publisher.abandonRecords()
    clearBatch()
    mustRewind = true
    if abortsInARow >= Self.maxAborts {
      throw LaneFault(lane: lane.name, message: "\(abortsInARow) transactions in a row were aborted, the last because: \(reason)")
    }
  }

  /// The partitions are gone: what the open transaction holds is not this member's to commit.
  func abandonTransaction() {
    guard transactions?.isOpen == true else { return }
    publisher.abandonRecords()
    clearBatch()
    do throws(Transactions.Failure) {
      try transactions?.abort()
      mustRewind = true
    } catch {
      fault = laneFault(error)
    }
  }

  /// Goes back to what is committed. The records polled meanwhile come again.
  func rewind(dropping records: Slice<UnsafeMutableBufferPointer<KafkaRecord>>) throws(LaneFault) {
    for record in records {
      // What is dropped here counts as handled, so that its partition goes back too.
      let partition = table.index(of: record, tracker: &tracker)
      if tracker.owns(partition) { tracker.handle(partition, offset: record.offset) }
      record.destroy()
    }
    if let replay { for index in table.entries.indices { dropHeld(replay, of: index, countingAsHandled: true) } }
    mustRewind = false
    let rewound = tracker.rewind()
    ends.removeAll { end in rewound.contains { $0.partition == end.partition } }
    for (partition, next) in rewound {
      let place = PartitionOffset(table.entries[partition].partition, offset: next)
      if let replay { resume(partition, replay) }
      do {
        try consumer.seek([place])
      } catch {
        throw LaneFault(lane: lane.name, message: "can't go back to \(place) after an aborted transaction: \(error)")
      }
    }
  }
}
