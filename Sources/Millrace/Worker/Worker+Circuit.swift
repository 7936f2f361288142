import KafkaClient
import Logging
import ModelRuntime

/// What becomes of rows that the model did not answer, and of a worker that waits for its model. On the worker's own thread.
///
/// A worker that waits keeps the open batch and what it has polled, pauses its partitions, and goes on polling, so that it stays in its
/// group. When the breaker lets an attempt through, the batch is that attempt. With transactions there is nothing to keep: what a held
/// batch shares its transaction with would time out, so the transaction is aborted, and read again when the wait is over.
extension Worker {
  /// Finds answers, dead letters or patience for these rows, by `on_open`.
  func settle(unanswered left: [(rows: Range<Int>, why: Unanswered)]) throws {
    var held: [Range<Int>] = []
    for (range, why) in left {
      switch (why.reason, lane.onOpen) {
      case (.stopping, _), (.circuitOpen, .pause): held.append(range)
      case (_, .fallback): try fallBack(range, .score, lane.words(of: why))
      case (.usedUp, .pause), (_, .deadLetter):
        let words = lane.words(of: why)
        for row in range { try reject(rows[row].record, .score, words) }
      }
    }
    if let why = left.last?.why, !held.isEmpty { try hold(held, because: lane.words(of: why)) }
  }

  /// Publishes the fallback's answers for these rows of the open batch.
  /// - Parameters:
  ///   - stage: where a row fails that the fallback can't answer either.
  ///   - why: the lane's model did not answer.
  func fallBack(_ range: Range<Int>, _ stage: FailureStage, _ why: FailureText) throws {
    guard let fallback else { throw LaneFault(lane: lane.name, text: "there is no fallback, and \(why)") }
    statistics.add(range.count, to: .fallbacks)
    guard let scorer = fallback.scorer else {
      for row in range { try publish(row, fallback.writer, self.scorer.session, sessionRow: 0, else: stage) }
      return
    }
    try scorer.score(
      range,
      scored: { session, range in
        for row in range {
          try publish(row, fallback.writer, session, sessionRow: row - range.lowerBound, else: stage, because: "\(why); of the fallback: ")
        }
      },
      rejected: { row, error in try reject(rows[row].record, stage, "\(why); the fallback failed too: \(lane.words(of: error))") },
      unanswered: { range, fault in
        for row in range { try reject(rows[row].record, stage, "\(why); the fallback failed too: \(lane.words(of: fault.error))") }
      })
  }

  private func hold(_ ranges: [Range<Int>], because reason: FailureText) throws(LaneFault) {
    if replay != nil, !control.isStopping {
      throw LaneFault(lane: lane.name, text: "\(reason). Start the replay again when the model answers: it goes on where it was")
    }
    if holdReason == nil {
      log.warning("the lane waits for its model; nothing is lost", metadata: ["reason": "\(reason.full)"])
    }
    holdReason = reason.shown
    mustSteer = true
    unscored = ranges
    if transactions == nil { return }
    abandonTransaction()
    if let fault { throw fault }
  }

  /// One turn of a worker that waits for its model.
  func wait() throws(LaneFault) {
    let taken = consumer.poll(into: buffer)
    now = .now
    pulse.enter(.reading, at: now)
    pulse.setLoad(unacknowledged: publisher.flights.recordsInFlight, isFull: false)
    keep(buffer[..<taken])
    if !unread.isEmpty { try readUnread() }
    let due = scorer.attempts.breaker?.reopensAt ?? now
    if transactions != nil {
      // What an aborted transaction read is unhandled, so nothing is settled before it is read again.
      try publisher.poll(&tracker)
      if now >= due { goOn() }
    } else {
      try closeBatch(.delay)
      if publisher.flights.openFlight.count == 0 {
        goOn()
        let records = kept
        kept.removeAll()
        try handle(records)
      }
      try settle()
    }
    if let fault { throw fault }
    report()
    if holdReason != nil { sleep(min(max(due - now, .milliseconds(10)), untilCommit)) }
  }

  private func goOn() {
    holdReason = nil
    mustSteer = true
    if transactions == nil { log.notice("the model answers again; the lane goes on", metadata: ["records": "\(kept.count)"]) }
  }

  /// Puts records aside until the worker goes on.
  func keep(_ records: some Sequence<KafkaRecord>) {
    for record in records {
      let partition = table.index(of: record, tracker: &tracker)
      // Whatever gives records isn't paused, whoever has resumed it.
      stopped.remove(partition)
      mustSteer = true
      if transactions == nil {
        kept.append(record)
      } else {
        // It counts as handled, so that its partition goes back to it.
        if tracker.owns(partition) { tracker.handle(partition, offset: record.offset) }
        record.destroy()
      }
    }
  }

  /// Whether the open batch waits, and it is not time to try it again.
  var isWaiting: Bool {
    guard holdReason != nil else { return false }
    if control.isStopping, scorer.attempts.breaker?.isOpen != true { return true }
    return scorer.attempts.breaker?.reopensAt.map { MonotonicTime.now < $0 } ?? false
  }

  /// Gives back what waits of a partition that goes: its next owner reads it.
  func dropHeld(of partition: Int) {
    var count = 0
    for row in unscored.joined() where publisher.flights.openFlight.partition(rows[row].record) == partition {
      publisher.drop(rows[row].record)
      count += 1
    }
    kept.removeAll { record in
      guard table.index(of: record, tracker: &tracker) == partition else { return false }
      record.destroy()
      count += 1
      return true
    }
    if count > 0 { logLeft(count, of: table.entries[partition].partition.description) }
  }

  /// Says what a worker that ends leaves behind, and gives it back.
  func dropKept() {
    let count = kept.count + unscored.reduce(0) { $0 + $1.count }
    for record in kept { record.destroy() }
    kept.removeAll()
    if count > 0 { logLeft(count, of: "all partitions") }
  }

  private func logLeft(_ count: Int, of partitions: String) {
    log.notice(
      "records that waited for the model are left, uncommitted: they are read again",
      metadata: ["records": "\(count)", "partitions": "\(partitions)", "reason": "\(holdReason ?? "")"])
  }
}
