import KafkaClient
import Logging

/// What the group does to a worker. All of it runs on the worker's own thread, inside its poll.
extension Worker {
  func rebalance(_ change: Rebalance) -> [PartitionOffset]? {
    statistics.add(1, to: .rebalances)
    mustSteer = true
    table.forgetHandles()
    defer { report(always: true) }
    switch change {
    case .assigned(let offsets):
      do throws(LaneFault) {
        let partitions = offsets.map(\.partition)
        let starts = if let replay { takeShares(partitions, in: replay) } else { try take(partitions) }
        log.info("partitions assigned", metadata: ["partitions": "\(Self.names(partitions))"])
        return starts
      } catch {
        fault = error
      }
    case .revoked(let partitions):
      // They stay this member's until this returns: what is in flight is finished and committed first.
      do {
        if try !drain() { giveUp(partitions) }
        try commitNow()
      } catch {
        fault = error
      }
      release(partitions)
      log.info("partitions revoked", metadata: ["partitions": "\(Self.names(partitions))"])
    case .lost(let partitions):
      // Another member may have them by now: what was read is read again there, and a commit would be refused.
      release(partitions)
      pulse.update { $0.isAssigned = false }
      abandonTransaction()
      dropWorkIfNothingIsOwned()
      log.warning("partitions lost: the group gave them to others without asking", metadata: ["partitions": "\(Self.names(partitions))"])
    }
    return nil
  }

  /// Ends well: scores and publishes what was taken, waits for the acknowledgements, commits.
  func finish() throws(LaneFault) {
    guard try drain() else { throw LaneFault(lane: lane.name, message: "\(drainFailure); their records will be read again") }
    // The answers to commits that are under way may come too late: what they commit is committed once more.
    if transactions == nil { for index in table.entries.indices { tracker.uncommitted(index) } }
    let deadline = MonotonicTime.now + lane.drainTimeout
    idle(until: deadline) { !self.consumer.isJoining }
    try commitNow()
    control.arriveAtDeparture()
    idle(until: deadline) { self.control.mayDepart }
    if let fault { throw fault }
  }

  /// Stays a good member of the group until something is so. The records that come meanwhile are left to be read again.
  private func idle(until deadline: MonotonicTime, _ isEnough: () -> Bool) {
    while !isEnough(), MonotonicTime.now < deadline, fault == nil {
      let count = consumer.poll(into: buffer, timeoutMs: 20)
      for record in buffer[..<count] { record.destroy() }
    }
  }

  /// Publishes the open batch and waits until everything in flight is acknowledged. False if that takes longer than `drain_timeout`.
  func drain() throws(LaneFault) -> Bool {
    let deadline = MonotonicTime.now + lane.drainTimeout
    let before = pulse.enter(.draining)
    defer { pulse.enter(before) }
    // Should it hang, this is what was left.
    report(always: true)
    if transactions != nil {
      try commitTransaction()
      return true
    }
    try closeBatch(.drain)
    while !publisher.flights.isEmpty {
      try publisher.poll(timeoutMs: 50, &tracker)
      pulse.setLoad(unacknowledged: publisher.flights.recordsInFlight, isFull: false)
      if MonotonicTime.now >= deadline && !publisher.flights.isEmpty { return false }
    }
    // What waits for its model is handled and has no output.
    if publisher.flights.openFlight.count == 0 { tracker.acknowledgeHandled() }
    return true
  }

  private var drainFailure: String {
    "\(publisher.flights.recordsInFlight) outputs were not acknowledged within drain_timeout (\(lane.drainTimeout))"
  }

  /// The partitions go although not all of their outputs are acknowledged. No reason to fail: their next owner reads those records
  /// again, and this worker goes on with what it keeps.
  private func giveUp(_ partitions: [TopicPartition]) {
    log.warning(
      "partitions are given up before they are drained; their records are read again",
      metadata: ["partitions": "\(Self.names(partitions))", "reason": "\(drainFailure)"])
  }

  /// With no partition left, nothing that was taken is this worker's to score or to commit.
  private func dropWorkIfNothingIsOwned() {
    if transactions != nil || table.entries.indices.contains(where: { tracker.owns($0) }) { return }
    publisher.abandonRecords()
    clearBatch()
  }

  private func release(_ partitions: [TopicPartition]) {
    for partition in partitions {
      let index = table.index(of: partition, tracker: &tracker)
      tracker.release(index)
      confirmed[index] = nil
      begins[index] = nil
      stopped.remove(index)
      // One that comes back may begin before the end that it had.
      ends.removeAll { $0.partition == index }
      publisher.forgetRefusals(of: index)
      dropHeld(of: index)
      if let replay { dropHeld(replay, of: index, countingAsHandled: false) }
    }
  }

  func consumerError(_ error: KafkaError, _ partition: TopicPartition?) {
    noteReadError(error)
    statistics.journal.note(error: "\(error)")
    // A topic that is missing once the lane runs may be a broker that doesn't know it yet, and a password may be about to change
    // everywhere; at the start either is a mistake.
    let isMistake = (Self.missingTopic.contains(error.code) || error.isRefusal) && statistics.value(.rebalances) == 0
    if error.isFatal || isMistake || Self.permanent.contains(error.code) {
      let place = partition.map { " \($0)" } ?? ""
      fault = fault ?? LaneFault(lane: lane.name, message: "can't read\(place): \(error)\(error.advice)")
    } else {
      if let partition, Self.untoldOffset.contains(error.code) { unread.insert(partition) }
      var metadata: [String: String] = ["error": "\(error)"]
      if let partition { metadata["partition"] = "\(partition)" }
      log.warning("reading is disturbed; trying again", metadata: metadata.mapValues { "\($0)" })
    }
  }

  /// Takes partitions again whose committed offsets the coordinator didn't tell: nobody else would.
  func readUnread() throws(LaneFault) {
    let partitions = unread.filter { partition in
      let index = table.index(of: partition, tracker: &tracker)
      // One that has given records already is being read.
      return tracker.owns(index) && tracker.handled(index) < 0
    }.sorted()
    unread.removeAll()
    if partitions.isEmpty { return }
    do {
      try consumer.takeAgain(
        partitions.map { PartitionOffset($0, offset: begins[table.index(of: $0, tracker: &tracker)] ?? PartitionOffset.invalid) })
    } catch {
      throw LaneFault(lane: lane.name, message: "can't read \(Self.names(partitions)), whose committed offsets nobody told: \(error)")
    }
    // Nothing of them is paused any more.
    for partition in partitions { stopped.remove(table.index(of: partition, tracker: &tracker)) }
    mustSteer = true
    log.info("partitions taken again", metadata: ["partitions": "\(Self.names(partitions))"])
  }

  /// With a partition, these say that its committed offset could not be read.
  private static let untoldOffset: Set<KafkaError.Code> = [
    .notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress, .requestTimedOut, .transport, .timedOut,
  ]
  /// What no retry mends: someone has to change an ACL, a topic or the configuration.
  private static let permanent: Set<KafkaError.Code> = [
    .topicAuthorizationFailed, .groupAuthorizationFailed, .fencedInstance, .fatal, .autoOffsetReset,
  ]
  private static let missingTopic: Set<KafkaError.Code> = [.unknownTopic, .unknownTopicOrPartition]

  func endOfPartition(_ partition: TopicPartition, _ next: Int64) {
    let index = table.index(of: partition, tracker: &tracker)
    if let replay { return reachedEnd(index, next, replay) }
    ends.append((index, next))
  }

  /// The records before these ends have been handled by now, so what is left before them is nothing a consumer ever sees.
  func passEnds() {
    if !kept.isEmpty { return }
    for (index, next) in ends where tracker.owns(index) { tracker.passGap(index, to: next) }
    ends.removeAll(keepingCapacity: true)
  }

  func reportProgress(to goal: DrainGoal) {
    for (index, entry) in table.entries.enumerated() where tracker.owns(index) {
      goal.handled(entry.partition, next: tracker.handled(index))
    }
  }

  static func names(_ partitions: [TopicPartition]) -> String {
    partitions.sorted().map(\.description).joined(separator: ", ")
  }
}
