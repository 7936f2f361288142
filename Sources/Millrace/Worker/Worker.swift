import EventDecoding
import KafkaClient
import Logging
import ModelRuntime

/// One thread, one member of the lane's group, one producer: polls, routes, decodes, scores, publishes and commits, in this
/// order, to completion. Workers share nothing but the model.
///
/// What the loop writes for every record is not checked for overlapping accesses: each of these checks costs as much as its write.
final class Worker {
  let lane: Lane
  let control: WorkerControl
  let statistics: WorkerStatistics
  let log: Logger
  let consumer: KafkaConsumer
  let publisher: Publisher
  @exclusivity(unchecked) var tracker = OffsetTracker()
  @exclusivity(unchecked) var table: PartitionTable
  @exclusivity(unchecked) var batcher: Batcher
  /// nil: nobody wants to know.
  var stages: StageClock?
  /// nil: the process has no tracer.
  let tracing: BatchTracing?
  /// nil for a lane that delivers at least once.
  var transactions: Transactions?
  /// A transaction was aborted: what it read must be read again.
  var mustRewind = false
  /// Aborts since the last commit: a record that fails every transaction must not do so for ever.
  var abortsInARow = 0
  /// It is outside of its lane's hours.
  var isResting = false
  /// When it looks at the time of day again.
  var hoursDue = MonotonicTime.now
  /// nil for a worker that follows its topics.
  let replay: ReplayReader?
  private let producer: KafkaProducer
  let scorer: Scorer
  let writer: PredictionWriter
  /// One per list of routes that the lane's topics have.
  private let decoders: [EventDecoder]
  let buffer: UnsafeMutableBufferPointer<KafkaRecord>
  @exclusivity(unchecked) var rows: [Row] = []
  @exclusivity(unchecked) var members = ByteBuffer()
  var json = ByteBuffer()
  var lastCommit = MonotonicTime.now
  var now = MonotonicTime.now
  /// For each partition, by its index, from where on the lane's routes have been in force; none where nothing was committed yet.
  var routesSince: [Int: Int64] = [:]
  /// For each partition, by its index, what the coordinator has confirmed as committed.
  var confirmed: [Int: Int64] = [:]
  var lastReport = MonotonicTime(nanoseconds: 0)
  @exclusivity(unchecked) var newest = NewestTimestamps()
  var isPaused = false
  /// The assignment changed: what is paused must be said again.
  var mustSteer = false
  var lastLook = MonotonicTime(nanoseconds: 0)
  var lastAsked = MonotonicTime(nanoseconds: 0)
  /// What a paused worker was told of its partitions' ends.
  var pausedEnds: [Int: Watermarks] = [:]
  /// Ends of partitions that were met while polling.
  var ends: [(partition: Int, next: Int64)] = []
  /// For each partition, by its index, where it began to be read; none where librdkafka was left to decide.
  var begins: [Int: Int64] = [:]
  /// Assigned partitions that librdkafka doesn't read: their committed offsets were refused.
  var unread: Set<TopicPartition> = []
  var limits: DeadLetterLimits
  /// nil: the lane has none.
  let fallback: FallbackBench?
  /// Rows of the open batch whose scoring was begun and that have no output yet.
  var unscored: [Range<Int>] = []
  /// Why the worker waits for its model and takes no records; nil while it doesn't.
  var holdReason: String?
  /// Polled, and not handled before the worker goes on.
  var kept: [KafkaRecord] = []
  /// Partitions, by their index, that `steer` has paused.
  var stopped: Set<Int> = []
  /// Set inside callbacks; thrown by the loop.
  var fault: LaneFault?

  struct Row {
    /// Its place in the open flight.
    let record: Int
    /// Where its event members end in `members`.
    let membersEnd: Int
    /// Asked for while the end of the payload, behind which headers lie, is still in the cache.
    let hasHeaders: Bool
  }

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
    limits = lane.deadLetterLimits
    tracing = control.tracer.map(BatchTracing.init)
    let sink = ClientLog(log)
    let clientID = "millrace-\(lane.groupID)-\(index)"
    consumer = try KafkaConsumer(
      lane.consumerProperties(clientID: clientID, worker: index), log: sink.write)
    do {
      producer = try KafkaProducer(lane.producerProperties(clientID: clientID, worker: index), log: sink.write)
    } catch {
      consumer.close()
      throw error
    }
    batcher = Batcher(maxRows: lane.maxBatchSize, maxDelay: lane.maxDelay, sizing: lane.batchSizing)
    let flightCapacity = max(lane.maxBatchSize, Worker.pollSize)
    do {
      publisher = try Publisher(
        lane: lane.name, group: lane.groupID, producer: producer, predictions: lane.predictionTopic, deadLetters: lane.deadLetterTopic,
        payload: try DeadLetterPayload(lane), flightCapacity: flightCapacity, deadline: lane.deadline,
        isTransactional: lane.transactionInterval != nil, statistics: statistics)
      if let interval = lane.transactionInterval {
        transactions = try Transactions(producer, interval: interval, patience: lane.drainTimeout)
      }
      scorer = try Scorer(
        lane.model, inputs: lane.inputs, outputs: lane.outputs.map(\.tensor), capacity: lane.maxBatchSize,
        attempts: lane.attempts(statistics, control))
      let inputs = scorer.inputs
      fallback = try lane.fallback.map { try FallbackBench($0, of: lane, sharing: inputs) }
      decoders = try lane.decoders(writingTo: scorer.inputs)
      replay = try control.replay.map { try ReplayReader($0, worker: index, capacity: lane.maxBatchSize, control: control) }
    } catch {
      consumer.close()
      producer.close()
      throw error
    }
    writer = lane.makeWriter()
    publisher.mark(replay: control.replay?.name, guests: control.replay?.statistics(worker: index) ?? [])
    if control.measuresStages { stages = StageClock(statistics) }
    buffer = .allocate(capacity: Worker.pollSize)
    consumer.notify(control.wakeup)
    producer.notify(control.wakeup)
    consumer.onRebalance = { [unowned self] _, change in rebalance(change) }
    consumer.onError = { [unowned self] error, partition in consumerError(error, partition) }
    consumer.onCommit = { [unowned self] offsets, error in commitDone(offsets, error) }
    consumer.onStatistics = { [unowned self] text in noteStatistics(text) }
    producer.onStatistics = { statistics.journal.note(producerStatistics: $0) }
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
    steer()
    if holdReason != nil { return try self.wait() }
    let hasRoom = publisher.flights.recordsInFlight < lane.maxInFlight
    let taken = !hasRoom ? 0 : replay.map(takeReplayed) ?? consumer.poll(into: buffer)
    now = .now
    stages?.close(.consume)
    pulse.enter(.reading, at: now)
    pulse.setLoad(unacknowledged: publisher.flights.recordsInFlight, isFull: !hasRoom)
    if mustRewind { return try rewind(dropping: buffer[..<taken]) }
    if !unread.isEmpty { try readUnread() }
    try handle(buffer[..<taken])
    stages?.close(.decode)
    if taken > 0 && lane.maxDelay == .zero { try closeBatch(.delay) }
    var wait = Worker.idle
    switch batcher.decide(at: now, drained: hasRoom && taken < buffer.count) {
    case .close(let reason): try closeBatch(reason)
    case .wait(let due): wait = due - now
    case .idle: if publisher.flights.openFlight.count > 0 { try closeBatch(.delay) }
    }
    try settle()
    stages?.close(.settle)
    if let fault { throw fault }
    report()
    if taken == 0 { sleep(hasRoom ? min(wait, untilCommit, replay?.wait ?? Worker.idle) : .milliseconds(100)) }
  }

  func handle<Records: RandomAccessCollection<KafkaRecord>>(_ records: Records) throws(LaneFault) where Records.Index == Int {
    for index in records.indices {
      if holdReason != nil { return keep(records[index...]) }
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
    let partition = table.index(of: record, tracker: &tracker)
    guard tracker.owns(partition) else { return record.destroy() }
    if let replay, isBeyondRange(record, partition, replay) { return record.destroy() }
    statistics.add(1, to: .consumed)
    let timestampMs = record.timestampMs
    newest.took(partition, timestampMs: timestampMs)
    let entry = table.entries[partition]
    let decoder = decoders[entry.program]
    let routing = decoder.route(record.view(topic: entry.topic, timestampMs: timestampMs))
    if routing.failedRules > 0 { statistics.add(routing.failedRules, to: .failedRules) }
    guard routing.lane == lane.index else {
      if let guest = replay?.guest(routing.lane) { return try handle(record, partition: partition, of: guest) }
      tracker.handle(partition, offset: record.offset)
      statistics.add(1, to: .skipped)
      return record.destroy()
    }
    if transactions?.isOpen == false {
      do throws(LaneFault) {
        try openTransaction(at: now)
      } catch {
        record.destroy()
        throw error
      }
    }
    let place = publisher.take(record, partition: partition, timestampMs: timestampMs)
    if let failure = decoder.decode(row: rows.count, members: &members) {
      members.truncate(to: rows.last?.membersEnd ?? 0)
      try reject(place, .decode, lane.words(of: failure))
    } else {
      if limits.isOn { limits.passed(.decode) }
      rows.append(Row(record: place, membersEnd: members.count, hasHeaders: record.hasHeaders))
      batcher.admit(at: now)
    }
    tracker.handle(partition, offset: record.offset)
    if batcher.isFull || publisher.flights.openFlight.isFull { try closeBatch(.size) }
  }

  func sleep(_ time: Duration) {
    let milliseconds = min(time.millisecondsRoundedUp, Worker.idle.millisecondsRoundedUp)
    _ = control.wakeup.wait(timeoutMs: Int32(max(0, milliseconds)))
  }

  private func close() {
    pulse.enter(.closing)
    defer { pulse.enter(.ended) }
    // Undone rather than left to time out, which would hold read_committed consumers up.
    try? transactions?.abort()
    // What is given back from here on was committed by `finish`, or must not be.
    consumer.onRebalance = nil
    dropKept()
    publisher.abandonRecords()
    if let replay { for index in table.entries.indices { dropHeld(replay, of: index, countingAsHandled: false) } }
    consumer.close()
    publisher.close()
    buffer.deallocate()
  }
}
