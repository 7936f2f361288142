import KafkaClient
import Logging

/// When the worker commits, and what. On the worker's own thread.
extension Worker {
  /// Runs delivery reports and commits what they have acknowledged, when it is time.
  func settle() throws(LaneFault) {
    try publisher.poll(&tracker)
    statistics.setInFlight(publisher.flights.recordsInFlight + publisher.flights.openFlight.count)
    passEnds()
    if publisher.flights.isEmpty && publisher.flights.openFlight.count == 0 && !mustRewind {
      tracker.acknowledgeHandled()
      // What an open transaction holds may still be aborted, and would then be read again.
      if let goal = control.drain, transactions?.isOpen != true { reportProgress(to: goal) }
    }
    if let replay { noteProgress(replay) }
    let isTimeToCommit = now - lastCommit >= lane.commitInterval
    if let transactions {
      if transactions.isDue(at: now) { try commitTransaction() } else if !transactions.isOpen && isTimeToCommit { try commitSkipped() }
    } else if isTimeToCommit {
      commitAsync()
    }
  }

  var untilCommit: Duration {
    if let due = transactions?.due { return max(.milliseconds(1), due - now) }
    return max(.milliseconds(1), lane.commitInterval - (now - lastCommit))
  }

  private func commitAsync() {
    lastCommit = now
    // Later, then; a rebalance takes seconds at most.
    if consumer.isJoining { return }
    let offsets = committable()
    if offsets.isEmpty { return }
    do {
      try consumer.commitAsync(offsets)
      for offset in offsets { tracker.committed(table.index(of: offset.partition, tracker: &tracker), next: offset.offset) }
      statistics.add(1, to: .commits)
    } catch {
      commitDone(offsets, error)
    }
  }

  func committable() -> [PartitionOffset] {
    tracker.committable().map { noted($0.partition, next: $0.next) }
  }

  func commitNow() throws(LaneFault) {
    // A lane with transactions has committed by one already.
    if transactions != nil { return }
    let offsets = committable()
    if offsets.isEmpty { return }
    let before = pulse.enter(.committing)
    defer { pulse.enter(before) }
    do {
      try consumer.commit(offsets)
      noteCommit(offsets, nil)
      for offset in offsets { tracker.committed(table.index(of: offset.partition, tracker: &tracker), next: offset.offset) }
      statistics.add(1, to: .commits)
    } catch {
      // The group has moved on, or no coordinator answers: the records since the last commit are read again.
      commitDone(offsets, error, isLast: true)
    }
  }

  /// - Parameter isLast: the partitions go, so no later commit covers this one.
  func commitDone(_ offsets: [PartitionOffset], _ error: KafkaError?, isLast: Bool = false) {
    noteCommit(offsets, error ?? offsets.lazy.compactMap(\.error).first)
    guard let error = error ?? offsets.lazy.compactMap(\.error).first else { return }
    statistics.add(1, to: .commitFailures)
    if error.code != .rebalanceInProgress { statistics.journal.note(error: "commit failed: \(error)") }
    // While a group rebalances, the coordinator refuses commits as a matter of course.
    log.log(
      level: error.code == .rebalanceInProgress && !isLast ? .debug : .warning,
      "commit failed; the next one covers it, or the records are read again",
      metadata: ["partitions": "\(Self.names(offsets.map(\.partition)))", "error": "\(error)"])
    for offset in offsets { tracker.uncommitted(table.index(of: offset.partition, tracker: &tracker)) }
  }
}
