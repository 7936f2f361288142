import KafkaClient
import Logging

/// One redrive under way: reads the letters, hands them to their target, and commits behind acknowledgements. One thread.
final class RedriveRun {
  var report = RedriveReport()
  private let redrive: Redrive
  private let reader: PartitionReader
  private let sender: RedriveSender
  private let source: SourceReader
  private var target: (any RedriveTarget)?
  private let filter: RedriveFilter.Matcher?
  private var ranges: [RedriveRange] = []
  private var rangeByPartition: [Int32: Int] = [:]
  private let pacer: Pacer
  /// Letters that are sent and not yet acknowledged.
  private var pending: [UInt: Pending] = [:]
  private var nextToken: UInt = 1
  private var lastCommit = MonotonicTime.now
  private var hasReachedLimit = false
  /// Why it can't go on; set inside callbacks.
  private var fault: RedriveFault?

  private struct Pending {
    let range: Int
    let offset: Int64
    let letter: MovedLetter
    let outcome: RedriveOutcome
  }

  private static let pollSize = 100
  private static let maxPending = 1000
  private static let commitInterval = Duration.seconds(1)

  init(_ redrive: Redrive) throws {
    self.redrive = redrive
    report.isDryRun = redrive.options.isDryRun
    pacer = Pacer(perSecond: (redrive.options.isDryRun ? nil : redrive.options.rate) ?? .infinity, from: .now, burst: 1)
    filter = try redrive.filter.map { try RedriveFilter.Matcher($0) }
    let log = ClientLog(redrive.log)
    var clients: [() -> Void] = []
    do {
      reader = try PartitionReader(redrive.consumerProperties(), log: log)
      clients.append(reader.close)
      let producer = try KafkaProducer(redrive.producerProperties(), log: log.write)
      clients.append(producer.close)
      sender = RedriveSender(producer)
      source = try SourceReader(redrive.consumerProperties(), log: log)
      clients.append(source.close)
      try start(ClusterCheck(redrive.configuration.kafka.values, log: log))
    } catch {
      for close in clients.reversed() { close() }
      throw RedriveFault.telling(error)
    }
  }

  /// Fixes the ends, and finds where the last redrive stopped.
  private func start(_ cluster: ClusterCheck) throws {
    let topic = redrive.configuration.deadLetter.topic.value
    let (marks, counts) = try cluster.watermarks(of: topic, partitionsOf: redrive.configuration.allTopics)
    let places = marks.keys.sorted()
    let committed = try reader.consumer.committed(places, timeoutMs: 30_000)
    if let error = committed.lazy.compactMap(\.error).first { throw error }
    for place in places {
      guard let mark = marks[place] else { continue }
      rangeByPartition[place.partition] = ranges.count
      ranges.append(RedriveRange(place, mark, committed: committed.first { $0.partition == place && $0.offset >= 0 }))
    }
    target =
      if let lane = redrive.lane {
        try LaneTarget(lane, sender)
      } else {
        SourceTarget(sender: sender, partitions: counts, restamps: redrive.options.restamps)
      }
    reader.onDisturbance = { [log = redrive.log] error in
      log.warning("reading dead letters is disturbed; trying again", metadata: ["error": "\(error)"])
    }
    sender.producer.onDelivery = { [unowned self] reports in for report in reports { delivered(report) } }
    sender.producer.onError = { [unowned self] error in
      if error.isFatal { fault = fault ?? RedriveFault(description: "the producer can't go on: \(error)") }
    }
    try reader.begin(Dictionary(uniqueKeysWithValues: ranges.map { ($0.partition, min($0.position, $0.end)..<$0.end) }))
  }

  /// Moves letters up to the fixed ends, to the limit, until it is told to stop, or to a fault; what is on its way is waited for and
  /// committed in any case.
  func run() throws {
    do {
      while !isDone {
        try step()
        if let fault { throw fault }
      }
    } catch {
      try? finish()
      throw RedriveFault.telling(error)
    }
    try finish()
  }

  func close() {
    try? sender.producer.purge()
    sender.producer.close()
    source.close()
    reader.close()
  }

  private var isDone: Bool { isEnding || ranges.allSatisfy(\.isDone) }

  /// Whether what is not handled yet is left for the next time.
  private var isEnding: Bool { redrive.isStopping || hasReachedLimit || fault != nil }

  private func step() throws {
    try withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: Self.pollSize) { buffer in
      let taken = try reader.poll(into: buffer, timeoutMs: 100)
      defer { for record in buffer[..<taken] { record.destroy() } }
      for record in buffer[..<taken] where !isEnding { try handle(record) }
    }
    // Letters that were handed out and not handled are not read.
    if !isEnding { for (partition, progress) in reader.progress { note(progress, of: partition.partition) } }
    sender.producer.poll()
    if MonotonicTime.now - lastCommit >= Self.commitInterval { commit() }
  }

  /// Notes how far a partition is read, once the letters up to there are handled: between and behind them there may be offsets without one.
  private func note(_ progress: PartitionProgress, of partition: Int32) {
    guard let index = rangeByPartition[partition] else { return }
    ranges[index].pass(to: progress.position)
    if progress.isAtLogEnd { ranges[index].reachEnd() }
  }

  private func handle(_ letter: KafkaRecord) throws {
    guard let index = rangeByPartition[letter.partition] else { return }
    if ranges[index].planned.contains(letter.offset) {
      ranges[index].read(letter.offset)
      (report.read, report.movedBefore) = (report.read + 1, report.movedBefore + 1)
      return
    }
    if let limit = redrive.options.limit, report.moved + pending.count >= limit {
      hasReachedLimit = true
      return
    }
    switch try decide(letter, ranges[index]) {
    case .leave(let leaving): report.leave(leaving)
    case .move(let record):
      defer { record.original?.destroy() }
      try move(record, index)
      if redrive.isStopping && !redrive.options.isDryRun && !ranges[index].planned.contains(letter.offset) { return }
    }
    report.read += 1
    ranges[index].read(letter.offset)
  }

  private enum Decision {
    case leave(RedriveLeaving)
    /// The caller owns the original.
    case move(ReturnedRecord)
  }

  private func decide(_ letter: KafkaRecord, _ range: RedriveRange) throws -> Decision {
    guard var record = ReturnedRecord(letter), record.group.hasPrefix(redrive.configuration.group.value + "."),
      redrive.configuration.allTopics.contains(record.origin.partition.topic)
    else { return .leave(.foreign) }
    if let lane = redrive.lane, lane.decoding.programByTopic[record.origin.partition.topic] == nil { return .leave(.foreign) }
    if let filter {
      let (isMatch, hasFailed) = filter.matches(letter)
      if hasFailed { report.filterFailed += 1 }
      if !isMatch { return .leave(.filter) }
    }
    if record.deliveries >= redrive.options.maxDeliveries { return .leave(.deliveries) }
    guard range.planned.hasRoom(for: letter.offset) else { return .leave(.room) }
    if record.omitted != .nothing {
      guard let original = try source.original(of: record) else { return .leave(.value) }
      record.original = original
    }
    return .move(record)
  }

  private func move(_ record: ReturnedRecord, _ index: Int) throws {
    let origin = record.origin
    let moved = MovedLetter(stage: record.stage, message: record.message, source: "\(origin.partition)/\(origin.offset)")
    if redrive.options.isDryRun { return report.move(moved, as: redrive.lane == nil ? .redriven : .predicted) }
    try waitForTurn()
    if redrive.isStopping { return }
    let token = nextToken
    nextToken += 1
    guard let outcome = try target?.send(record, token: token) else { return report.leave(.refused) }
    ranges[index].plan(record.letter.offset)
    pending[token] = Pending(range: index, offset: record.letter.offset, letter: moved, outcome: outcome)
  }

  /// Waits until the pace lets the next letter go and there is room among those on their way.
  private func waitForTurn() throws {
    while !redrive.isStopping {
      if let fault { throw fault }
      if pending.count < Self.maxPending && pacer.take(1, at: .now) == 1 { return }
      let delay = pacer.delay(at: .now)
      sender.producer.poll(timeoutMs: Int32(clamping: min(100, max(1, delay.millisecondsRoundedUp))))
      if MonotonicTime.now - lastCommit >= Self.commitInterval { commit() }
    }
  }

  private func delivered(_ delivery: DeliveryReport) {
    guard let letter = pending.removeValue(forKey: delivery.token) else { return }
    if let error = delivery.error {
      if error.isRefusalOfRecord { return report.leave(.refused) }
      let place = "\(ranges[letter.range].partition)/\(letter.offset)"
      fault = fault ?? RedriveFault(description: "the dead letter \(place), record \(letter.letter.source), can't be moved: \(error)")
      return
    }
    ranges[letter.range].acknowledge(letter.offset)
    report.move(letter.letter, as: letter.outcome)
  }

  /// Waits for what is on its way, and commits.
  private func finish() throws {
    if redrive.options.isDryRun { return }
    let limit = redrive.configuration.shutdownTimeout.value
    let deadline = MonotonicTime.now + limit
    while !pending.isEmpty && fault == nil && MonotonicTime.now < deadline { sender.producer.poll(timeoutMs: 50) }
    commit()
    if let fault { throw fault }
    if !pending.isEmpty {
      throw RedriveFault(description: "\(pending.count) letters were not acknowledged within \(limit); they are moved again the next time")
    }
    if let open = ranges.first(where: { !$0.isCommitted }) {
      throw RedriveFault(description: "what was moved of \(open.partition) could not be committed; it is moved again the next time")
    }
  }

  private func commit() {
    lastCommit = .now
    if redrive.options.isDryRun { return }
    for index in ranges.indices {
      guard let offset = ranges[index].commit else { continue }
      do throws(KafkaError) {
        try reader.consumer.commit([offset])
        ranges[index].didCommit()
      } catch {
        redrive.log.warning("commit failed; the next one covers it", metadata: ["offset": "\(offset)", "error": "\(error)"])
      }
    }
  }
}
