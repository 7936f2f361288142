import KafkaClient
import Logging

/// What the group does to a worker. All of it runs on the worker's own thread, inside its poll.
extension Worker {
  func rebalance(_ change: Rebalance) -> [PartitionOffset]? {
    statistics.add(1, to: .rebalances)
    switch change {
    case .assigned(let offsets):
      for offset in offsets { tracker.acquire(table.index(of: offset.partition, tracker: &tracker)) }
      log.info("partitions assigned", metadata: ["partitions": "\(Self.names(offsets.map(\.partition)))"])
      if let replay { return starts(of: offsets.map(\.partition), in: replay) }
    case .revoked(let partitions):
      // They stay this member's until this returns: what is in flight is finished and committed first.
      do {
        try drain()
        try commitNow()
      } catch {
        fault = error
      }
      release(partitions)
      log.info("partitions revoked", metadata: ["partitions": "\(Self.names(partitions))"])
    case .lost(let partitions):
      // Another member may have them by now: what was read is read again there, and a commit would be refused.
      release(partitions)
      abandonTransaction()
      log.warning("partitions lost: the group gave them to others without asking", metadata: ["partitions": "\(Self.names(partitions))"])
    }
    return nil
  }

  /// Ends well: scores and publishes what was taken, waits for the acknowledgements, commits.
  func finish() throws(LaneFault) {
    try drain()
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

  /// Publishes the open batch and waits until everything in flight is acknowledged, at most `drain_timeout`.
  func drain() throws(LaneFault) {
    let deadline = MonotonicTime.now + lane.drainTimeout
    if transactions != nil { return try commitTransaction() }
    try closeBatch(.drain)
    while !publisher.flights.isEmpty {
      try publisher.poll(timeoutMs: 50, &tracker)
      guard MonotonicTime.now < deadline || publisher.flights.isEmpty else {
        throw LaneFault(
          lane: lane.name,
          message: "\(publisher.flights.recordsInFlight) predictions were not acknowledged within drain_timeout "
            + "(\(lane.drainTimeout)); their records will be read again")
      }
    }
    tracker.acknowledgeHandled()
  }

  func commitNow() throws(LaneFault) {
    if mustRewind { return }
    let offsets = committable()
    if offsets.isEmpty { return }
    do {
      try consumer.commit(offsets)
      for offset in offsets { tracker.committed(table.index(of: offset.partition, tracker: &tracker), next: offset.offset) }
      statistics.add(1, to: .commits)
    } catch {
      // The group has moved on, or no coordinator answers: the records since the last commit are read again.
      commitDone(offsets, error)
    }
  }

  private func release(_ partitions: [TopicPartition]) {
    for partition in partitions {
      let index = table.index(of: partition, tracker: &tracker)
      tracker.release(index)
      if let replay { dropHeld(replay, of: index, countingAsHandled: false) }
    }
  }

  func commitDone(_ offsets: [PartitionOffset], _ error: KafkaError?) {
    guard let error = error ?? offsets.lazy.compactMap(\.error).first else { return }
    statistics.add(1, to: .commitFailures)
    // While a group rebalances, the coordinator refuses commits as a matter of course.
    log.log(
      level: error.code == .rebalanceInProgress ? .debug : .warning, "commit failed; the next one covers it, or the records are read again",
      metadata: ["partitions": "\(Self.names(offsets.map(\.partition)))", "error": "\(error)"])
    for offset in offsets { tracker.uncommitted(table.index(of: offset.partition, tracker: &tracker)) }
  }

  func consumerError(_ error: KafkaError, _ partition: TopicPartition?) {
    // A topic that is missing once the lane runs may be a broker that doesn't know it yet; at the start it is a mistake.
    let isMissingTopic = Self.missingTopic.contains(error.code) && statistics.value(.rebalances) == 0
    if error.isFatal || isMissingTopic || Self.permanent.contains(error.code) {
      let place = partition.map { " of \($0)" } ?? ""
      fault = fault ?? LaneFault(lane: lane.name, message: "can't read\(place): \(error)")
    } else {
      var metadata: [String: String] = ["error": "\(error)"]
      if let partition { metadata["partition"] = "\(partition)" }
      log.warning("reading is disturbed; trying again", metadata: metadata.mapValues { "\($0)" })
    }
  }

  /// What no retry mends: someone has to change an ACL, a topic or the configuration.
  private static let permanent: Set<KafkaError.Code> = [
    .topicAuthorizationFailed, .groupAuthorizationFailed, .fencedInstance, .fatal,
  ]
  private static let missingTopic: Set<KafkaError.Code> = [.unknownTopic, .unknownTopicOrPartition]

  func endOfPartition(_ partition: TopicPartition, _ next: Int64) {
    let index = table.index(of: partition, tracker: &tracker)
    if let replay { return reachedEnd(index, next, replay) }
    ends.append((index, next))
  }

  /// The records before these ends have been handled by now, so what is left before them is nothing a consumer ever sees.
  func passEnds() {
    for (index, next) in ends where tracker.owns(index) { tracker.passGap(index, to: next) }
    ends.removeAll(keepingCapacity: true)
  }

  func reportProgress(to goal: DrainGoal) {
    for (index, entry) in table.entries.enumerated() where tracker.owns(index) {
      goal.handled(entry.partition, next: tracker.handled(index))
    }
  }

  private static func names(_ partitions: [TopicPartition]) -> String {
    partitions.sorted().map(\.description).joined(separator: ", ")
  }
}
