import EventDecoding
import KafkaClient
import Logging

/// One thread, one member of the lane's group, one producer: polls, routes, decodes, scores, publishes and commits, in this order, to
/// completion. Workers share nothing but the model.
final class Worker {
  let lane: Lane
  let control: WorkerControl
  let ledger: PartitionLedger
  let intake: Intake
  let stages: LaneStages
  @exclusivity(unchecked) var batcher: Batcher
  let publisher: Publisher
  let committer: Committer
  let reporter: Reporter
  @exclusivity(unchecked) var now = MonotonicTime.now
  /// nil while the lane doesn't wait for a model.
  @exclusivity(unchecked) var hold: ModelHold?
  /// Set inside callbacks; thrown by the loop.
  @exclusivity(unchecked) var fault: LaneFault?

  /// How long the loop may sleep with nothing to do.
  static let idle = Duration.seconds(1)

  init(_ lane: Lane, index: Int, control: WorkerControl, statistics: WorkerStatistics, log: Logger) throws {
    self.lane = lane
    self.control = control
    let clients = try WorkerClients(lane, index: index, limits: control.limits, log: log)
    do {
      ledger = PartitionLedger(programByTopic: lane.decoding.programByTopic)
      let replay = control.replay.map { [ledger] in RangeReader($0, ledger: ledger) }
      let others = control.replay?.statistics(worker: index) ?? []
      intake = Intake(clients.consumer, lane: lane, ledger: ledger, replay: replay, statistics: statistics, log: log)
      publisher = try Publisher(
        lane, producer: clients.producer,
        envelope: OutputEnvelope(group: lane.groupID, payload: try DeadLetterPayload(lane), replay: control.replay?.name),
        limits: control.limits, flightCapacity: max(lane.batching.maxRows, Intake.pollSize), statistics: statistics, others: others)
      reporter = Reporter(control, statistics, ledger, clients.consumer, log: log)
      committer = try Committer(
        lane, consumer: clients.consumer, ledger: ledger, publisher: publisher, reporter: reporter, replay: replay, log: log)
      let served = [(lane, statistics)] + zip(control.replay?.otherLanes ?? [], others)
      let made = try served.enumerated().map { [publisher, ledger, reporter] owner, served in
        try LaneStage(
          served.0, owner: UInt8(owner), capacity: lane.batching.maxRows, publisher: publisher, ledger: ledger, reporter: reporter,
          statistics: served.1, attempts: control.attempts(of: served.0, served.1))
      }
      stages = LaneStages(own: made[0], others: Array(made[1...]))
    } catch {
      clients.close()
      throw error
    }
    batcher = Batcher(maxRows: lane.batching.maxRows, maxDelay: lane.batching.maxDelay, sizing: lane.batching.sizing)
    listen(to: clients, statistics)
  }

  private func listen(to clients: WorkerClients, _ statistics: WorkerStatistics) {
    clients.notify(control.wakeup)
    clients.consumer.onRebalance = { [unowned self] _, change in rebalance(change) }
    clients.consumer.onError = { [unowned self] error, partition in consumerError(error, partition) }
    clients.consumer.onCommit = { [unowned self] offsets, error in committer.commitDone(offsets, error) }
    clients.consumer.onStatistics = { [unowned self] text in reporter.note(statistics: text) }
    clients.consumer.onEndOfPartition = { [unowned self] partition, next in endOfPartition(partition, next) }
    clients.producer.onStatistics = { statistics.journal.note(producerStatistics: $0) }
  }

  /// Runs until it is told to stop, or fails. Closes the clients in any case.
  func run() throws(LaneFault) {
    defer { close() }
    do {
      try intake.consumer.subscribe(to: lane.topics)
    } catch {
      throw LaneFault(lane: lane.name, message: "can't subscribe to \(lane.topics.joined(separator: ", ")): \(error)")
    }
    while !control.isStopping { try step() }
    try finish()
  }

  /// One turn: take what is there, publish what is due, commit what is acknowledged, and sleep if there is nothing to do.
  private func step() throws(LaneFault) {
    try steer()
    if hold != nil { return try waitForModel() }
    try intake.readUnread()
    let hasRoom = publisher.flights.recordsInFlight < lane.delivery.maxInFlight
    let goesOn = hasRoom && !intake.kept.isEmpty
    let records = hasRoom && !goesOn ? intake.take() : intake.nothing
    now = .now
    if let fault {
      // Of a callback inside the poll: nothing goes on with it.
      for record in records { record.destroy() }
      throw fault
    }
    reporter.clock?.close(.consume)
    reporter.pulse.enter(.reading, at: now)
    reporter.pulse.setLoad(unacknowledged: publisher.flights.recordsInFlight, isFull: !hasRoom)
    if committer.mustRewind { return try rewind(dropping: records) }
    if batcher.rows == 0 { stages.takeModels() }
    if goesOn { try handle(intake.takeKept()) } else { try handle(records) }
    reporter.clock?.close(.decode)
    let isBusy = goesOn || !records.isEmpty
    if isBusy && lane.batching.maxDelay == .zero { try closeBatch(.delay) }
    var wait = Worker.idle
    switch batcher.decide(at: now, drained: hasRoom && records.count < Intake.pollSize) {
    case .close(let reason): try closeBatch(reason)
    case .wait(let due): wait = due - now
    case .idle: if publisher.flights.openFlight.count > 0 { try closeBatch(.delay) }
    }
    try settle()
    reporter.clock?.close(.settle)
    if let fault { throw fault }
    reporter.report(at: now)
    if !isBusy {
      sleep(hasRoom ? min(wait, committer.wait(at: now), intake.replay?.wait ?? Worker.idle) : .milliseconds(100))
    }
  }

  /// Does what was asked for since the last turn, and notes how things are when it is time.
  private func steer() throws(LaneFault) {
    if lane.active != nil, control.drain == nil { try keepHours() }
    intake.gate.close(for: .operatorsWish, control.isPaused)
    if intake.gate.hasChanged { reporter.pulse.setPause(byOperator: control.isPaused, hold: hold?.reason) }
    intake.applyGate(at: now)
    reporter.survey(at: now, isPaused: intake.gate.isClosed)
  }

  func handle<Records: RandomAccessCollection<KafkaRecord>>(_ records: Records) throws(LaneFault) where Records.Index == Int {
    let isTransactional = committer.isTransactional
    for index in records.indices {
      if hold != nil { return keep(records[index...]) }
      if isTransactional && mustSettle(before: records[index]) { return intake.keep(records[index...]) }
      do throws(LaneFault) {
        try handle(records[index])
      } catch {
        // librdkafka's close waits for records that were not given back.
        for rest in records[(index + 1)...] { rest.destroy() }
        throw error
      }
    }
  }

  /// Takes ownership of a record.
  @inline(__always)
  private func handle(_ record: KafkaRecord) throws(LaneFault) {
    let partition = ledger.index(of: record)
    if record.offset >= ledger.limit(partition) { return intake.passOver(record, of: partition) }
    let statistics = stages.own.statistics
    statistics.add(1, to: .consumed)
    let timestampMs = record.timestampMs
    // Whatever has to see every record of a partition, own or not, sees it here.
    ledger.took(partition, timestampMs: timestampMs)
    let entry = ledger.entry(partition)
    let routing = stages.own.route(record.view(topic: entry.topic, timestampMs: timestampMs), program: entry.program)
    if routing.failedRules > 0 { statistics.add(routing.failedRules, to: .failedRules) }
    if routing.lane == lane.index {
      try take(record, of: partition, entry, timestampMs, into: stages.own)
    } else if let other = stages.other(routing.lane) {
      other.statistics.add(1, to: .consumed)
      // Its decoder has to see the record before it can decode it.
      _ = other.route(record.view(topic: entry.topic, timestampMs: timestampMs), program: entry.program)
      try take(record, of: partition, entry, timestampMs, into: other)
    } else {
      ledger.handle(partition, offset: record.offset)
      statistics.add(1, to: .skipped)
      record.destroy()
    }
  }

  /// Puts a record into the open batch.
  @inline(__always)
  private func take(
    _ record: KafkaRecord, of partition: Int, _ entry: PartitionTable.Entry, _ timestampMs: Int64, into stage: LaneStage
  ) throws(LaneFault) {
    do throws(LaneFault) {
      try committer.take(record, at: now)
    } catch {
      record.destroy()
      throw error
    }
    let place = publisher.take(record, partition: partition, timestampMs: timestampMs, owner: stage.owner)
    if try stage.decode(record, at: place, of: publisher.flights.openFlight, program: entry.program) { batcher.admit(at: now) }
    ledger.handle(partition, offset: record.offset)
    if batcher.isFull || publisher.flights.openFlight.isFull { try closeBatch(.size) }
  }

  /// Scores and publishes the rows of the open batch, and sends its flight on its way.
  func closeBatch(_ reason: CloseReason) throws(LaneFault) {
    let flight = publisher.flights.openFlight
    if flight.count == 0 || isWaiting { return }
    if batcher.rows > 0 {
      reporter.clock?.close(.decode)
      let (start, startOfThread) = (MonotonicTime.now, MonotonicTime.ofThread)
      let before = reporter.pulse.enter(.scoring, at: start)
      var (isClean, paused) = (true, Duration.zero)
      for stage in stages.all where !stage.batch.isEmpty {
        let outcome = try stage.score(in: flight, closedBy: reason)
        if let waits = outcome.waits { return try wait(for: stage, because: waits, before) }
        isClean = isClean && outcome.isClean
        paused += stage.attempts.paused
      }
      let end = MonotonicTime.now
      reporter.pulse.enter(before, at: end)
      // Halving a batch says nothing about what batches of its size cost, and neither does waiting for the model.
      if isClean { batcher.scored(rows: batcher.rows, from: start + paused, to: end, processorTime: .ofThread - startOfThread) }
    }
    publisher.launch(sealing: ledger)
    clearBatch()
    stages.takeModels()
  }

  func clearBatch() {
    for stage in stages.all { stage.clear() }
    batcher.clear()
  }

  /// Runs delivery reports and commits what they have acknowledged, when it is time.
  func settle() throws(LaneFault) {
    try publisher.poll(ledger)
    if ledger.hasGaps { reporter.lookIntoGaps(resetsToEnd: lane.clients.resetsToEnd) }
    stages.own.statistics.setInFlight(publisher.flights.recordsInFlight + publisher.flights.openFlight.count)
    // Records before the ends may be among those that are kept.
    if intake.kept.isEmpty { ledger.passEnds() }
    if publisher.flights.isEmpty && publisher.flights.openFlight.count == 0 && !committer.mustRewind {
      ledger.acknowledgeHandled()
      // What an open transaction holds may still be aborted, and would then be read again.
      if let goal = control.drain, !committer.isOpen {
        for index in ledger.owned { goal.handled(ledger.name(index), next: ledger[index].handled) }
      }
    }
    intake.replay?.noteProgress(at: now, isCommitted: committer.isTransactional)
    switch committer.due(at: now) {
    case .later: break
    case .offsets: committer.commitAsync(at: now)
    case .transaction: try commitTransaction()
    }
  }

  private func close() {
    reporter.pulse.enter(.closing)
    defer { reporter.pulse.enter(.ended) }
    committer.close()
    // What is given back from here on was committed by `finish`, or must not be.
    intake.consumer.onRebalance = nil
    dropWaiting()
    publisher.abandonRecords()
    intake.consumer.close()
    publisher.close()
  }
}
