import EventDecoding
import KafkaClient

/// Sends a worker's predictions and dead letters, and knows when each is acknowledged. One thread.
///
/// Every record it is given ends as exactly one acknowledged output. A prediction that its topic does not take for what it is (too large,
/// say) becomes a dead letter, and a dead letter that is too large goes in a smaller form. Whatever else can't be sent is a fault, and the
/// record's offset stays uncommitted.
final class Publisher {
  let lane: String
  let producer: KafkaProducer
  let predictions: ProducerTopic
  let deadLetters: ProducerTopic
  let envelope: OutputEnvelope
  let statistics: WorkerStatistics
  /// Of the other lanes that a replay serves; a flight's owner 1 is the first.
  private let statisticsOfOthers: [WorkerStatistics]
  @exclusivity(unchecked) private(set) var flights: Flights
  /// Set by a delivery report; the worker looks here after each poll.
  var fault: LaneFault?
  /// A failed delivery fails the transaction, whose commit says so.
  let isTransactional: Bool
  var refusals = Refusals()
  /// How large outputs may be, where that is known for certain before they are sent; `Int.max` where it isn't.
  let largest: (prediction: Int, deadLetter: Int)
  private let deadlineMs: Int64
  /// Wall clock of the poll that runs, for latencies.
  private var wallClockMs: Int64 = 0

  /// - Parameters:
  ///   - limits: of the topics.
  ///   - flightCapacity: records of one batch at most.
  ///   - others: figures of the other lanes that the worker serves.
  init(
    _ lane: Lane, producer: KafkaProducer, envelope: OutputEnvelope, limits: OutputLimits = .unknown, flightCapacity: Int,
    statistics: WorkerStatistics,
    others: [WorkerStatistics] = []
  ) throws {
    self.lane = lane.name
    self.producer = producer
    self.envelope = envelope
    self.statistics = statistics
    predictions = try producer.topic(lane.delivery.predictionTopic)
    deadLetters = try producer.topic(lane.delivery.deadLetterTopic)
    statisticsOfOthers = others
    isTransactional = lane.delivery.transactionInterval != nil
    // What is compressed may fit after all, which only the broker sees.
    largest =
      lane.clients.compresses
      ? (.max, .max) : (limits[lane.delivery.predictionTopic] ?? .max, limits[lane.delivery.deadLetterTopic] ?? .max)
    producer.keepsRefusedValues = !isTransactional
    deadlineMs = lane.scoring.deadline?.millisecondsRoundedUp ?? .max
    flights = Flights(capacity: flightCapacity)
    producer.onDelivery = { [unowned(unsafe) self] reports in delivered(reports) }
    producer.onError = { [unowned self] error in
      statistics.pulse.update { $0.produceError = "\(error)" }
      if error.isFatal { fail("the producer can't go on: \(error)") }
    }
  }

  /// Takes ownership of a record; returns its place in the open flight.
  @inline(__always)
  func take(_ record: KafkaRecord, partition: Int, timestampMs: Int64, owner: UInt8) -> Int {
    flights.openFlight.add(record, partition: partition, timestampMs: timestampMs, owner: owner)
  }

  /// Gives a record of a flight back, for which nothing was sent: it gets no output.
  func drop(_ index: Int, of flight: Flight) {
    if flight.record(index) != nil { flights.land(flight, record: index) }
  }

  /// Sends the prediction of a record of a flight.
  /// - Parameter hasHeaders: of the record, which is not asked again: by now that would be a cache miss.
  func predict(
    _ index: Int, of flight: Flight, value: UnsafeRawBufferPointer, entry: PartitionTable.Entry, hasHeaders: Bool
  ) throws(LaneFault) {
    guard let record = flight.record(index) else { return }
    let output = Output(record: record, flight: flight, index: index, token: flights.token(flight, record: index))
    if !refusals.isEmpty, let why = way(of: output).prediction { return try refused(output, why: why) }
    let key = record.key
    let least = OutputLimits.leastBytes(keyAndValue: value.count + (key?.count ?? 0), headers: 0)
    if least > largest.prediction { return try refused(output, tooLarge(predictions, least, largest.prediction)) }
    while true {
      switch producer.produce(
        to: predictions, key: key, value: value, headers: envelope.predictionHeaders(of: record, entry, hasHeaders),
        timestampMs: envelope.predictionTimestampMs(of: record), token: output.token)
      {
      case .accepted: return
      case .queueFull: try waitForRoom()
      case .rejected(let error) where isDoomed(error): return
      case .rejected(let error): return try refused(output, error)
      }
    }
  }

  /// Sends a record of a flight to the dead letter topic.
  func reject(_ index: Int, of flight: Flight, _ stage: FailureStage, _ message: FailureText) throws(LaneFault) {
    guard let record = flight.record(index) else { return }
    flight.setOutcome(index, Outcome(stage))
    let token = flights.token(flight, record: index)
    try sendDeadLetter(of: Output(record: record, flight: flight, index: index, token: token), stage, message)
  }

  /// Whether outputs were refused for what they are since this was asked last: read again, their records take another way.
  func takeNewRefusals() -> Bool { refusals.takeNew() }

  /// The records before this offset are committed, or the partition is given back.
  func forgetRefusals(of partition: Int, before offset: Int64 = .max) {
    if !refusals.isEmpty { refusals.remove(partition: partition, before: offset) }
  }

  /// Sends the open flight on its way with the marks that its acknowledgement moves.
  func launch(sealing ledger: PartitionLedger) {
    ledger.seal(into: &flights.openFlight.marks)
    flights.openFlight.launchedAt = .now
    flights.launch()
  }

  /// Runs delivery reports, then moves the ledger past the flights that are complete.
  func poll(timeoutMs: Int32 = 0, _ ledger: PartitionLedger) throws(LaneFault) {
    wallClockMs = MonotonicTime.wallClockMs
    _ = producer.poll(timeoutMs: timeoutMs)
    if let fault { throw fault }
    if !refusals.lonely.isEmpty { try sendAlone(ledger) }
    while flights.retire({ marks, launchedAt in
      ledger.acknowledge(marks)
      statistics.publishing.record(microseconds: (MonotonicTime.now - launchedAt).nanoseconds / 1000)
    }) {}
  }

  /// Gives back the records whose outputs are not acknowledged; must come before the consumer closes.
  func abandonRecords() {
    flights.abandon()
    refusals.abandon()
  }

  /// Drops what is not acknowledged.
  func close() {
    try? producer.purge()
    producer.close()
  }

  private func delivered(_ reports: UnsafeBufferPointer<DeliveryReport>) {
    for place in reports.indices {
      if place + Self.lookAhead < reports.count { prefetch(reports[place + Self.lookAhead].token) }
      delivered(reports[place])
    }
  }

  /// How many reports before its own a record is sent for: enough to hide the way to memory.
  private static let lookAhead = 8

  @inline(__always)
  private func prefetch(_ token: UInt) {
    if let (flight, index) = flights.find(token) { flight.record(index)?.prefetch() }
  }

  @inline(__always)
  private func delivered(_ report: DeliveryReport) {
    guard let (flight, index) = flights.find(report.token) else { return }
    if let error = report.error { return undelivered(flight, index, report.token, error) }
    if !refusals.isEmpty, !isTransactional { forgetRefusal(flight, index) }
    // What has more than one output counts with the last of them.
    guard flights.land(flight, record: index) else { return }
    let owner = flight.owner(index)
    let statistics = owner == 0 ? statistics : statisticsOfOthers[owner - 1]
    if let stage = flight.outcome(index).stage {
      statistics.add(1, to: stage.counter)
      refusals.letters[report.token] = nil
    } else {
      statistics.add(1, to: .predicted)
      let timestamp = flight.timestampMs(index)
      if timestamp >= 0 {
        // A timestamp far in the future, in nanoseconds say, must not overflow.
        let latencyMs = max(0, wallClockMs - timestamp)
        statistics.latency.record(microseconds: latencyMs * 1000)
        if latencyMs > deadlineMs { statistics.add(1, to: .missedDeadlines) }
      }
    }
  }

  /// The producer's queue is full: its reports make room.
  func waitForRoom() throws(LaneFault) {
    // It may take many calls to make room: the time counts from the first.
    if !statistics.pulse.isIn(.waitingForRoom) { statistics.pulse.enter(.waitingForRoom) }
    _ = producer.poll(timeoutMs: 100)
    if let fault { throw fault }
  }

  func fail(_ message: String) {
    if fault == nil { fault = LaneFault(lane: lane, message: message) }
  }
}
