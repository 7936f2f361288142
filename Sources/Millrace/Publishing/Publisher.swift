import EventDecoding
import KafkaClient

/// Sends a worker's predictions and dead letters, and knows when each is acknowledged. One thread.
///
/// Every record it is given ends as exactly one acknowledged output. An output that the broker refuses for itself (too large,
/// say) becomes a dead letter; a dead letter that is too large goes without the source's value. Whatever else can't be sent is
/// a fault, and the record's offset stays uncommitted.
final class Publisher {
  let lane: String
  let group: String
  let producer: KafkaProducer
  let predictions: ProducerTopic
  let deadLetters: ProducerTopic
  let payload: DeadLetterPayload
  let statistics: WorkerStatistics
  /// Of the lanes that a replay takes along; a flight's owner 1 is the first.
  private var guests: [WorkerStatistics] = []
  /// The header `millrace-replay` of what a replay publishes.
  private(set) var replayName: [UInt8]?
  @exclusivity(unchecked) private(set) var flights: Flights
  /// Set by a delivery report; the worker looks here after each poll.
  var fault: LaneFault?
  /// A failed delivery fails the transaction, whose commit says so.
  let isTransactional: Bool
  var refusals = Refusals()
  private let deadlineMs: Int64
  /// The value of the header `millrace-source`.
  @exclusivity(unchecked) private var source = ByteBuffer()
  /// Wall clock of the poll that runs, for latencies.
  private var wallClockMs: Int64 = 0

  init(
    lane: String, group: String, producer: KafkaProducer, predictions: String, deadLetters: String, payload: DeadLetterPayload,
    flightCapacity: Int, deadline: Duration?, isTransactional: Bool, statistics: WorkerStatistics
  ) throws {
    self.lane = lane
    self.group = group
    self.producer = producer
    self.predictions = try producer.topic(predictions)
    self.deadLetters = try producer.topic(deadLetters)
    self.payload = payload
    self.statistics = statistics
    self.isTransactional = isTransactional
    deadlineMs = deadline?.millisecondsRoundedUp ?? .max
    flights = Flights(capacity: flightCapacity)
    producer.onDelivery = { [unowned(unsafe) self] reports in delivered(reports) }
    producer.onError = { [unowned self] error in
      statistics.pulse.update { $0.produceError = "\(error)" }
      if error.isFatal { fail("the producer can't go on: \(error)") }
    }
  }

  /// From now on predictions say that they are a replay's, and have their sources' timestamps.
  func mark(replay name: String?, guests: [WorkerStatistics]) {
    replayName = name.map { Array($0.utf8) }
    self.guests = guests
  }

  /// Takes ownership of a record; returns its place in the open flight.
  @inline(__always)
  func take(_ record: KafkaRecord, partition: Int, timestampMs: Int64, owner: UInt8 = 0) -> Int {
    flights.openFlight.add(record, partition: partition, timestampMs: timestampMs, owner: owner)
  }

  func record(_ index: Int) -> KafkaRecord? { flights.openFlight.record(index) }

  /// Gives a record of the open flight back, for which nothing was sent: it gets no output.
  func drop(_ index: Int) {
    if record(index) != nil { flights.land(flights.openFlight, record: index) }
  }

  /// Sends the prediction of a record of the open flight.
  /// - Parameter hasHeaders: of the record, which is not asked again: by now that would be a cache miss.
  func predict(_ index: Int, value: UnsafeRawBufferPointer, entry: PartitionTable.Entry, hasHeaders: Bool) throws(LaneFault) {
    guard let record = flights.openFlight.record(index) else { return }
    let token = flights.token(record: index)
    if !refusals.isEmpty, let refused = refusals.of(partition: flights.openFlight.partition(index), offset: record.offset) {
      let why = if case .prediction(let why) = refused { FailureText(why) } else { withoutValue(of: record, entry.partition) }
      flights.openFlight.setOutcome(index, .deadLetterPublish)
      return try sendDeadLetter(
        record, .publish, why, token: token, source: entry.partition, omittingValue: refused == .deadLetter)
    }
    while true {
      switch producer.produce(
        to: predictions, key: record.key, value: value, headers: predictionHeaders(of: record, entry, hasHeaders),
        timestampMs: replayName == nil ? 0 : max(0, record.timestampMs), token: token)
      {
      case .accepted: return
      case .queueFull: try waitForRoom()
      case .rejected(let error) where isDoomed(error): return
      case .rejected(let error): return try refused(record, flights.openFlight, index, token, entry.partition, error)
      }
    }
  }

  /// Sends a record of the open flight to the dead letter topic.
  func reject(_ index: Int, _ stage: FailureStage, _ message: FailureText, entry: PartitionTable.Entry) throws(LaneFault) {
    let flight = flights.openFlight
    guard let record = flight.record(index) else { return }
    flight.setOutcome(index, Outcome(stage))
    let isTooLarge = !refusals.isEmpty && refusals.of(partition: flight.partition(index), offset: record.offset) == .deadLetter
    try sendDeadLetter(
      record, stage, isTooLarge ? withoutValue(of: record, entry.partition) : message, token: flights.token(record: index),
      source: entry.partition, omittingValue: isTooLarge)
  }

  /// Whether outputs were refused for what they are since this was asked last: read again, their records take another way.
  func takeNewRefusals() -> Bool { refusals.takeNew() }

  /// The records before this offset are committed, or the partition is given back.
  func forgetRefusals(of partition: Int, before offset: Int64 = .max) {
    if !refusals.isEmpty { refusals.remove(partition: partition, before: offset) }
  }

  /// Sends the open flight on its way with the marks that its acknowledgement moves.
  func launch(sealing tracker: inout OffsetTracker) {
    tracker.seal(into: &flights.openFlight.marks)
    flights.openFlight.launchedAt = .now
    flights.launch()
  }

  /// Runs delivery reports, then moves the tracker past the flights that are complete.
  func poll(timeoutMs: Int32 = 0, _ tracker: inout OffsetTracker) throws(LaneFault) {
    wallClockMs = MonotonicTime.wallClockMs
    _ = producer.poll(timeoutMs: timeoutMs)
    if let fault { throw fault }
    while flights.retire({ marks, launchedAt in
      tracker.acknowledge(marks)
      statistics.publishing.record(microseconds: (MonotonicTime.now - launchedAt).nanoseconds / 1000)
    }) {}
  }

  /// Records of the open flight go to the model now: counts how long each has waited since its timestamp.
  func measureWaits(of places: some Sequence<Int>) {
    let now = MonotonicTime.wallClockMs
    let flight = flights.openFlight
    for place in places {
      let timestamp = flight.timestampMs(place)
      guard timestamp >= 0 else { continue }
      statistics.waiting.record(microseconds: max(0, now - timestamp) * 1000)
    }
  }

  /// Gives back the records whose outputs are not acknowledged; must come before the consumer closes.
  func abandonRecords() { flights.abandon() }

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
    let owner = flight.owner(index)
    let statistics = owner == 0 ? statistics : guests[owner - 1]
    if let stage = flight.outcome(index).stage {
      statistics.add(1, to: stage.counter)
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
    flights.land(flight, record: index)
  }

  /// The producer's queue is full: its reports make room.
  func waitForRoom() throws(LaneFault) {
    // It may take many calls to make room: the time counts from the first.
    if !statistics.pulse.isIn(.waitingForRoom) { statistics.pulse.enter(.waitingForRoom) }
    _ = producer.poll(timeoutMs: 100)
    if let fault { throw fault }
  }

  @inline(__always)
  private func predictionHeaders(of record: KafkaRecord, _ entry: PartitionTable.Entry, _ hasHeaders: Bool) -> RecordHeaders {
    var headers = RecordHeaders(capacity: 3)
    source.removeAll()
    source.append(entry.sourcePrefix)
    source.append(record.offset)
    headers.add("millrace-source", source.bytes)
    if let replayName { replayName.withUnsafeBytes { headers.add("millrace-replay", $0) } }
    if hasHeaders {
      if let value = record.header("traceparent") { headers.add("traceparent", value) }
      if let value = record.header("tracestate") { headers.add("tracestate", value) }
    }
    return headers
  }

  func fail(_ message: String) {
    if fault == nil { fault = LaneFault(lane: lane, message: message) }
  }
}
