import KafkaClient
import Logging

/// Exactly once: predictions, dead letters and offsets in one transaction.
extension Worker {
  /// So many transactions in a row may fail before the lane does.
  private static let maxAborts = 10

  func openTransaction(at now: MonotonicTime) throws(LaneFault) {
    do {
      try transactions?.open(at: now)
    } catch {
      throw LaneFault(lane: lane.name, message: "can't begin a transaction: \(error)")
    }
  }

  /// Closes the batch, and commits everything since the transaction was opened. An aborted one is read again.
  func commitTransaction() throws(LaneFault) {
    // Dead letters of the open batch are in the transaction already, so its records must be as well.
    try closeBatch(.drain)
    let sealed = tracker.sealedBeyondCommit()
    let offsets = sealed.map { noted($0.partition, next: $0.next) }
    guard transactions?.isOpen == true else { return tracker.acknowledgeHandled() }
    do throws(Transactions.Failure) {
      try transactions?.commit(offsets, of: consumer)
    } catch {
      switch error {
      case .aborted(let reason): return try aborted(reason)
      case .fatal(let reason): throw LaneFault(lane: lane.name, message: "the transaction failed: \(reason)")
      }
    }
    abortsInARow = 0
    statistics.add(1, to: .commits)
    noteCommit(offsets, nil)
    try publisher.poll(&tracker)
    for (partition, next) in sealed { tracker.transacted(partition, next: next) }
  }

  private func aborted(_ reason: KafkaError) throws(LaneFault) {
    statistics.add(1, to: .commitFailures)
    abortsInARow += 1
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
      fault = LaneFault(lane: lane.name, message: "the transaction of lost partitions can't be aborted: \(error)")
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
