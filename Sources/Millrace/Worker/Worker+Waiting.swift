import KafkaClient
import Logging

/// A lane's wait for a model that does not answer.
struct ModelHold {
  let stage: LaneStage
  let reason: String
}

/// When a worker takes no records: outside of its lane's hours, and while it waits for its model. On the worker's own thread.
///
/// A worker that waits for its model keeps the open batch and what it has polled, pauses its partitions, and goes on polling, so that it
/// stays in its group. When the breaker lets an attempt through, the batch is that attempt. With transactions there is nothing to keep:
/// what a held batch shares its transaction with would time out, so the transaction is aborted, and read again when the wait is over.
extension Worker {
  /// Rests or goes on by the lane's hours. What was taken is finished and committed, and the partitions are kept, but paused: the group
  /// stays as it is, so nothing moves when the hours begin again.
  func keepHours() throws(LaneFault) {
    guard let rests = intake.keepHours(at: .now, wallClockMs: control.wallClockMs) else { return }
    if rests {
      // What is not acknowledged in time is acknowledged later; it is in flight all the same.
      _ = try drain()
      committer.commitNow()
    }
    reporter.pulse.update { $0.isResting = rests }
    reporter.log.info(
      rests ? "the lane's hours are over; it rests" : "the lane's hours begin",
      metadata: ["active": "\(lane.active.map(\.description) ?? "")"])
  }

  /// Rows of the open batch wait for their model.
  /// - Parameter before: what the worker was at before it scored.
  func wait(for stage: LaneStage, because reason: FailureText, _ before: WorkerPulse.Activity) throws(LaneFault) {
    reporter.pulse.enter(before)
    if intake.replay != nil, !control.isStopping {
      throw LaneFault(
        lane: stage.lane.name, text: "\(reason). Start the replay again when the model answers: it goes on where it was")
    }
    if hold == nil { reporter.log.warning("the lane waits for its model; nothing is lost", metadata: ["reason": "\(reason.full)"]) }
    hold = ModelHold(stage: stage, reason: reason.shown)
    intake.gate.close(for: .model, true)
    reporter.pulse.setPause(byOperator: control.isPaused, hold: reason.shown)
    if committer.isTransactional { try abandonTransaction() }
  }

  /// One turn of a worker that waits for its model.
  func waitForModel() throws(LaneFault) {
    let records = intake.poll()
    now = .now
    reporter.pulse.enter(.reading, at: now)
    reporter.pulse.setLoad(unacknowledged: publisher.flights.recordsInFlight, isFull: false)
    keep(records)
    if let fault { throw fault }
    try intake.readUnread()
    let due = hold?.stage.attempts.breaker?.reopensAt ?? now
    if committer.isTransactional {
      // What an aborted transaction read is unhandled, so nothing is settled before it is read again.
      try publisher.poll(ledger)
      if now >= due { goOn() }
    } else {
      try closeBatch(.delay)
      if publisher.flights.openFlight.count == 0 {
        reporter.log.notice("the model answers again; the lane goes on", metadata: ["records": "\(intake.kept.count)"])
        goOn()
        try handle(intake.takeKept())
      }
      try settle()
    }
    if let fault { throw fault }
    reporter.report(at: now)
    if hold == nil { return }
    let wait = max(due - now, .milliseconds(10))
    // With transactions nothing is committed before the wait is over.
    sleep(committer.isTransactional ? wait : min(wait, committer.wait(at: now)))
  }

  /// Sleeps, for a second at most, until something arrives.
  func sleep(_ time: Duration) {
    let milliseconds = min(time.millisecondsRoundedUp, Worker.idle.millisecondsRoundedUp)
    _ = control.wakeup.wait(timeoutMs: Int32(max(0, milliseconds)))
  }

  private func goOn() {
    hold = nil
    intake.gate.close(for: .model, false)
  }

  /// Puts records aside until the worker goes on. With transactions they are read again.
  func keep(_ records: some Sequence<KafkaRecord>) {
    intake.noteReading(records)
    if committer.isTransactional { intake.leave(records) } else { intake.keep(records) }
  }

  /// Whether the open batch waits, and it is not time to try it again.
  var isWaiting: Bool {
    guard let breaker = hold.map(\.stage.attempts.breaker) else { return false }
    if control.isStopping, breaker?.isOpen != true { return true }
    return breaker?.reopensAt.map { MonotonicTime.now < $0 } ?? false
  }

  /// Says what a worker that ends leaves behind, and gives it back.
  func dropWaiting() {
    let count = intake.kept.count + stages.all.reduce(0) { $0 + $1.batch.unscoredCount }
    intake.drop()
    if count > 0 { logLeft(count, of: "all partitions") }
  }

  func logLeft(_ count: Int, of partitions: String) {
    reporter.log.notice(
      "records that waited for the model are left, uncommitted: they are read again",
      metadata: ["records": "\(count)", "partitions": "\(partitions)", "reason": "\(hold?.reason ?? "")"])
  }
}
