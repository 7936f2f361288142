import EventDecoding
import KafkaClient
import Logging
import ModelRuntime

/// One thread, one member of the lane's group, one producer: polls, routes, decodes, scores, publishes and commits, in this
/// order, to completion. Workers share nothing but the model.
final class Worker {
  let lane: Lane
  let control: WorkerControl
  let statistics: WorkerStatistics
  let log: Logger
  let consumer: KafkaConsumer
  let publisher: Publisher
  var tracker = OffsetTracker()
  var table: PartitionTable
  var batcher: Batcher
  /// nil for a lane that delivers at least once.
  var transactions: Transactions?
  /// A transaction was aborted: what it read must be read again.
  var mustRewind = false
  /// Aborts since the last commit: a record that fails every transaction must not do so for ever.
  var abortsInARow = 0
  /// Outside of its lane's hours: the rebalances that had been when it last paused its partitions.
  var resting: Int?
  /// When it looks at the time of day again.
  var hoursDue = MonotonicTime.now
  /// nil for a worker that follows its topics.
  let replay: ReplayReader?
  private let producer: KafkaProducer
  private let scorer: Scorer
  private let writer: PredictionWriter
  /// One per list of routes that the lane's topics have.
  private let decoders: [EventDecoder]
  let buffer: UnsafeMutableBufferPointer<KafkaRecord>
  /// The row's record in the open flight, and where its event members end in `members`.
  private var rows: [(record: Int, membersEnd: Int)] = []
  private var members = ByteBuffer()
  private var json = ByteBuffer()
  private var lastCommit = MonotonicTime.now
  var now = MonotonicTime.now
  /// Ends of partitions that were met while polling.
  var ends: [(partition: Int, next: Int64)] = []
  /// Set inside callbacks; thrown by the loop.
  var fault: LaneFault?

  /// Records taken from librdkafka at once.
  private static let pollSize = 512
  /// How long the loop may sleep with nothing to do.
  private static let idle = Duration.seconds(1)

  init(_ lane: Lane, index: Int, control: WorkerControl, statistics: WorkerStatistics, log: Logger) throws {
    self.lane = lane
    self.control = control
    self.statistics = statistics
    self.log = log
    table = PartitionTable(programByTopic: lane.programByTopic)
    let sink = ClientLog(log)
    let clientID = "millrace-\(lane.groupID)-\(index)"
    consumer = try KafkaConsumer(
      lane.consumerProperties(clientID: clientID, worker: index, untilDrained: control.drain != nil), log: sink.write)
    do {
      producer = try KafkaProducer(lane.producerProperties(clientID: clientID, worker: index), log: sink.write)
    } catch {
      consumer.close()
      throw error
    }
    batcher = Batcher(maxRows: lane.maxBatchSize, maxDelay: lane.maxDelay)
    let flightCapacity = max(lane.maxBatchSize, Worker.pollSize)
    do {
      publisher = try Publisher(
        lane: lane.name, group: lane.groupID, producer: producer, predictions: lane.predictionTopic, deadLetters: lane.deadLetterTopic,
        flightCapacity: flightCapacity, deadline: lane.deadline, isTransactional: lane.transactionInterval != nil, statistics: statistics)
      if let interval = lane.transactionInterval { transactions = try Transactions(producer, interval: interval) }
      scorer = try Scorer(lane.model, inputs: lane.inputs, outputs: lane.outputs.map(\.tensor), capacity: lane.maxBatchSize)
      decoders = try lane.decoders(writingTo: scorer.inputs)
      replay = try control.replay.map { try ReplayReader($0, worker: index, capacity: lane.maxBatchSize) }
    } catch {
      consumer.close()
      producer.close()
      throw error
    }
    writer = lane.makeWriter()
    publisher.mark(replay: control.replay?.name, guests: control.replay?.statistics(worker: index) ?? [])
    buffer = .allocate(capacity: Worker.pollSize)
    consumer.notify(control.wakeup)
    producer.notify(control.wakeup)
    consumer.onRebalance = { [unowned self] _, change in rebalance(change) }
    consumer.onError = { [unowned self] error, partition in consumerError(error, partition) }
    consumer.onCommit = { [unowned self] offsets, error in commitDone(offsets, error) }
    consumer.onEndOfPartition = { [unowned self] partition, next in endOfPartition(partition, next) }
  }

  /// Runs until it is told to stop, or fails. Closes the clients in any case.
  func run() throws(LaneFault) {
    defer { close() }
    do {
      try consumer.subscribe(to: lane.topics)
    } catch {
      throw LaneFault(lane: lane.name, message: "can't subscribe to \(lane.topics.joined(separator: ", ")): \(error)")
    }
    while !control.isStopping {
      try step()
    }
    try finish()
  }

  /// One turn: take what is there, publish what is due, commit what is acknowledged, and sleep if there is nothing to do.
  private func step() throws(LaneFault) {
    if let window = lane.active, control.drain == nil { try keepHours(window) }
    let hasRoom = publisher.flights.recordsInFlight < lane.maxInFlight
    let taken = !hasRoom ? 0 : replay.map(takeReplayed) ?? consumer.poll(into: buffer)
    now = .now
    if mustRewind { return try rewind(dropping: buffer[..<taken]) }
    try handle(buffer[..<taken])
    if taken > 0 && lane.maxDelay == .zero { try closeBatch(.delay) }
    var wait = Worker.idle
    switch batcher.decide(at: now) {
    case .close(let reason): try closeBatch(reason)
    case .wait(let due): wait = due - now
    case .idle: if publisher.flights.openFlight.count > 0 { try closeBatch(.delay) }
    }
    try settle()
    if let fault { throw fault }
    if taken == 0 { sleep(hasRoom ? min(wait, untilCommit, replay?.wait ?? Worker.idle) : .milliseconds(100)) }
  }

  private func handle(_ records: Slice<UnsafeMutableBufferPointer<KafkaRecord>>) throws(LaneFault) {
    for (index, record) in records.enumerated() {
      do throws(LaneFault) {
        try handle(record)
      } catch {
        // librdkafka's close waits for records that were not given back.
        for rest in records.dropFirst(index + 1) { rest.destroy() }
        throw error
      }
    }
  }

  /// Takes ownership of a record.
  @inline(__always)
  private func handle(_ record: KafkaRecord) throws(LaneFault) {
    let partition = table.index(of: record, tracker: &tracker)
    guard tracker.owns(partition) else { return record.destroy() }
    statistics.add(1, to: .consumed)
    let entry = table.entries[partition]
    let decoder = decoders[entry.program]
    let routing = decoder.route(record.view(topic: entry.partition.topic))
    if routing.failedRules > 0 { statistics.add(routing.failedRules, to: .failedRules) }
    guard routing.lane == lane.index else {
      if let guest = replay?.guest(routing.lane) { return try handle(record, partition: partition, of: guest) }
      tracker.handle(partition, offset: record.offset)
      statistics.add(1, to: .skipped)
      return record.destroy()
    }
    if let transactions, !transactions.isOpen {
      do throws(LaneFault) {
        try openTransaction(at: now)
      } catch {
        record.destroy()
        throw error
      }
    }
    let place = publisher.take(record, partition: partition)
    if let failure = decoder.decode(row: rows.count, members: &members) {
      members.truncate(to: rows.last?.membersEnd ?? 0)
      try publisher.reject(place, .decode, failure.description, entry: entry)
    } else {
      rows.append((place, members.count))
      batcher.admit(at: now)
    }
    tracker.handle(partition, offset: record.offset)
    if batcher.isFull || publisher.flights.openFlight.isFull { try closeBatch(.size) }
  }

  /// Scores and publishes the rows of the open batch, and sends its flight on its way.
  func closeBatch(_ reason: CloseReason) throws(LaneFault) {
    if publisher.flights.openFlight.count == 0 { return }
    if !rows.isEmpty {
      statistics.countBatch(rows: rows.count, reason: reason)
      let start = MonotonicTime.now
      do {
        try scorer.score(
          0..<rows.count,
          scored: { session, range in for row in range { try publish(row, session, sessionRow: row - range.lowerBound) } },
          rejected: { row, error in try reject(row, error.message) })
      } catch let fault as LaneFault {
        throw fault
      } catch {
        throw LaneFault(lane: lane.name, message: "\(error)")
      }
      statistics.inference.record(microseconds: (MonotonicTime.now - start).nanoseconds / 1000)
    }
    if let replay { try scoreGuests(replay, reason) }
    publisher.launch(sealing: &tracker)
    clearBatch()
  }

  func clearBatch() {
    rows.removeAll(keepingCapacity: true)
    members.removeAll()
    replay?.benches.forEach { $0.clear() }
    batcher.clear()
  }

  private func publish(_ row: Int, _ session: any ModelSession, sessionRow: Int) throws(LaneFault) {
    let (place, end) = rows[row]
    let start = row == 0 ? 0 : rows[row - 1].membersEnd
    let event = UnsafeRawBufferPointer(rebasing: members.bytes[start..<end])
    if let failure = writer.write(event, session, row: sessionRow, into: &json) { return try reject(row, failure) }
    try publisher.predict(place, value: json.bytes, entry: entry(of: place))
  }

  private func reject(_ row: Int, _ message: String) throws(LaneFault) {
    try publisher.reject(rows[row].record, .score, message, entry: entry(of: rows[row].record))
  }

  func entry(of place: Int) -> PartitionTable.Entry { table.entries[publisher.flights.openFlight.partition(place)] }

  /// Runs delivery reports and commits what they have acknowledged, when it is time.
  func settle() throws(LaneFault) {
    try publisher.poll(&tracker)
    passEnds()
    if publisher.flights.isEmpty && publisher.flights.openFlight.count == 0 {
      tracker.acknowledgeHandled()
      // What an open transaction holds may still be aborted, and would then be read again.
      if let goal = control.drain, transactions?.isOpen != true { reportProgress(to: goal) }
    }
    if let replay { noteProgress(replay) }
    if let transactions, transactions.isOpen {
      if transactions.isDue(at: now) { try commitTransaction() }
    } else if now - lastCommit >= lane.commitInterval {
      commitAsync()
    }
  }

  private var untilCommit: Duration {
    if let due = transactions?.due { return max(.milliseconds(1), due - now) }
    return max(.milliseconds(1), lane.commitInterval - (now - lastCommit))
  }

  func commitAsync() {
    lastCommit = now
    statistics.setLag(lag)
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

  /// Records that the owned partitions hold beyond what is handled, as far as the last fetches told.
  private var lag: Int64 {
    table.entries.indices.reduce(0) { sum, index in
      guard tracker.owns(index), let marks = consumer.cachedWatermarks(of: table.entries[index].partition) else { return sum }
      return sum + max(0, marks.high - max(tracker.handled(index), marks.low))
    }
  }

  func committable() -> [PartitionOffset] {
    tracker.committable().map {
      PartitionOffset(table.entries[$0.partition].partition, offset: $0.next, metadata: replay?.metadata($0.partition))
    }
  }

  private func sleep(_ time: Duration) {
    let milliseconds = min(time.millisecondsRoundedUp, Worker.idle.millisecondsRoundedUp)
    _ = control.wakeup.wait(timeoutMs: Int32(max(0, milliseconds)))
  }

  private func close() {
    // Undone rather than left to time out, which would hold read_committed consumers up.
    try? transactions?.abort()
    // What is given back from here on was committed by `finish`, or must not be.
    consumer.onRebalance = nil
    publisher.abandonRecords()
    if let replay { for index in table.entries.indices { dropHeld(replay, of: index, countingAsHandled: false) } }
    consumer.close()
    publisher.close()
    buffer.deallocate()
  }
}
