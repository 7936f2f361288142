import KafkaClient
import Logging

/// What the group does to a worker, and how it leaves. All of it runs on the worker's own thread, most inside its poll.
extension Worker {
  func rebalance(_ change: Rebalance) -> [PartitionOffset]? {
    stages.own.statistics.add(1, to: .rebalances)
    ledger.forgetHandles()
    defer { reporter.report(at: now, always: true) }
    do throws(LaneFault) {
      switch change {
      case .assigned(let offsets): return try take(offsets.map(\.partition))
      case .revoked(let partitions): try giveBack(partitions)
      case .lost(let partitions): try lose(partitions)
      }
    } catch {
      fault = fault ?? error
    }
    return nil
  }

  private func take(_ partitions: [TopicPartition]) throws(LaneFault) -> [PartitionOffset] {
    let before = reporter.pulse.enter(.starting)
    defer { reporter.pulse.enter(before) }
    let finder = StartFinder(
      lane: lane, consumer: intake.consumer, ledger: ledger, log: reporter.log, isStopping: { [control] in control.isStopping })
    let starts = if let replay = intake.replay { try finder.take(partitions, in: replay) } else { try finder.take(partitions) }
    for partition in partitions {
      intake.acquire(ledger.index(of: partition))
      reporter.noteThere(partition.topic)
    }
    if partitions.allSatisfy({ ledger.owns(ledger.index(of: $0)) }) { reporter.noteAssigned() }
    reporter.log.info("partitions assigned", metadata: ["partitions": "\(TopicPartition.names(partitions))"])
    return starts
  }

  /// The partitions stay this member's until this returns: what is in flight is finished and committed first.
  private func giveBack(_ partitions: [TopicPartition]) throws(LaneFault) {
    defer {
      release(partitions)
      reporter.log.info("partitions revoked", metadata: ["partitions": "\(TopicPartition.names(partitions))"])
    }
    if try !drain() {
      // No reason to fail: their next owner reads those records again, and this worker goes on with what it keeps.
      reporter.log.warning(
        "partitions are given up before they are drained; their records are read again",
        metadata: ["partitions": "\(TopicPartition.names(partitions))", "reason": "\(drainFailure)"])
    }
    committer.commitNow()
  }

  /// Another member may have the partitions by now: what was read is read again there, and a commit would be refused.
  private func lose(_ partitions: [TopicPartition]) throws(LaneFault) {
    release(partitions)
    reporter.pulse.update { $0.isAssigned = false }
    reporter.log.warning(
      "partitions lost: the group gave them to others without asking", metadata: ["partitions": "\(TopicPartition.names(partitions))"])
    try abandonTransaction()
    // With no partition left, nothing that was taken is this worker's to score or to commit.
    if !committer.isTransactional, ledger.owned.isEmpty { abandonBatch() }
  }

  private func release(_ partitions: [TopicPartition]) {
    for partition in partitions {
      let index = ledger.index(of: partition)
      ledger.release(index)
      publisher.forgetRefusals(of: index)
      let unscored = stages.all.reduce(0) { $0 + $1.dropUnscored(of: index, in: publisher.flights.openFlight) }
      let count = unscored + intake.release(index)
      if count > 0 { logLeft(count, of: partition.description) }
    }
  }

  func consumerError(_ error: KafkaError, _ partition: TopicPartition?) {
    let statistics = stages.own.statistics
    reporter.pulse.update { $0.note(readError: error) }
    if Intake.missingTopic.contains(error.code) { reporter.note(missing: topics(of: error, partition)) }
    statistics.journal.note(error: "\(error)")
    fault = fault ?? intake.fault(for: error, partition, hasRead: statistics.value(.rebalances) > 0)
  }

  /// The lane's topics that an error is about. Of a topic as a whole librdkafka tells in words: `Subscribed topic not available: NAME: …`.
  private func topics(of error: KafkaError, _ partition: TopicPartition?) -> [String] {
    if let partition { return [partition.topic] }
    let words = error.reason.split { " :,[]".contains($0) }
    return lane.topics.filter { words.contains($0[...]) }
  }

  func endOfPartition(_ partition: TopicPartition, _ next: Int64) {
    let index = ledger.index(of: partition)
    reporter.noteThere(partition.topic)
    if let replay = intake.replay { replay.reachedEnd(index, next, &intake.gate) } else { ledger.meetEnd(index, next) }
  }

  // MARK: Ending

  /// Ends well: scores and publishes what was taken, waits for the acknowledgements, commits.
  func finish() throws(LaneFault) {
    guard try drain() else { throw LaneFault(lane: lane.name, message: "\(drainFailure); their records will be read again") }
    committer.forgetAsked()
    let deadline = MonotonicTime.now + lane.delivery.drainTimeout
    // A group whose topic is gone may never have joined again; with nothing to commit there is nothing to wait for.
    idle(until: deadline) { !intake.consumer.isJoining || reporter.misses && ledger.committable().isEmpty }
    committer.commitNow()
    control.arriveAtDeparture()
    idle(until: deadline) { control.mayDepart }
    if let fault { throw fault }
  }

  /// Stays a good member of the group until something is so. The records that come meanwhile are left to be read again.
  private func idle(until deadline: MonotonicTime, _ isEnough: () -> Bool) {
    while !isEnough(), MonotonicTime.now < deadline, fault == nil {
      for record in intake.poll(timeoutMs: 20) { record.destroy() }
    }
  }

  /// Publishes the open batch and waits until everything in flight is acknowledged. False if that takes longer than `drain_timeout`.
  func drain() throws(LaneFault) -> Bool {
    let deadline = MonotonicTime.now + lane.delivery.drainTimeout
    let before = reporter.pulse.enter(.draining)
    defer { reporter.pulse.enter(before) }
    // Should it hang, this is what was left.
    reporter.report(at: now, always: true)
    if committer.isTransactional {
      try commitTransaction()
      return true
    }
    try closeBatch(.drain)
    while !publisher.flights.isEmpty {
      try publisher.poll(timeoutMs: 50, ledger)
      reporter.pulse.setLoad(unacknowledged: publisher.flights.recordsInFlight, isFull: false)
      if MonotonicTime.now >= deadline && !publisher.flights.isEmpty { return false }
    }
    // What waits for its model is handled and has no output.
    if publisher.flights.openFlight.count == 0 { ledger.acknowledgeHandled() }
    return true
  }

  private var drainFailure: String {
    "\(publisher.flights.recordsInFlight) outputs were not acknowledged within drain_timeout (\(lane.delivery.drainTimeout))"
  }

  // MARK: Transactions

  /// Closes the batch and commits the transaction: dead letters of the open batch are in it already, so its records must be as well.
  func commitTransaction() throws(LaneFault) {
    if committer.mustRewind { return }
    try closeBatch(.drain)
    if committer.mustRewind { return }
    if try committer.commitTransaction(at: now) == .aborted { abandonBatch() }
  }

  /// Aborts the transaction that is open, and with it all that it holds.
  func abandonTransaction() throws(LaneFault) {
    guard committer.isOpen else { return }
    abandonBatch()
    try committer.abort()
  }

  /// Whether the open transaction has to end before a record may be taken: it has no room, or the record, of which an output was refused
  /// before, has to be alone in one.
  func mustSettle(before record: KafkaRecord) -> Bool {
    if committer.isFull { return true }
    if publisher.refusals.isEmpty { return false }
    let isApart = publisher.mustBeAlone(partition: ledger.index(of: record), offset: record.offset)
    if committer.isOpen, isApart || publisher.refusals.isAlone {
      committer.endTransaction()
      return true
    }
    publisher.refusals.isAlone = isApart
    return false
  }

  private func abandonBatch() {
    publisher.abandonRecords()
    clearBatch()
  }

  /// Goes back to what is committed. The records polled meanwhile come again.
  func rewind(dropping records: some Sequence<KafkaRecord>) throws(LaneFault) {
    // What is dropped here counts as handled, so that its partition goes back too.
    intake.leave(records)
    intake.leave(intake.takeKept())
    intake.leaveHeld()
    committer.hasRewound()
    try intake.goBack(to: ledger.rewind(), at: now)
  }
}
