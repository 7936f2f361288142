import KafkaClient
import Logging

/// One redrive under way. One thread.
final class RedriveRun {
  var report = RedriveReport()
  private let redrive: Redrive
  private let consumer: KafkaConsumer
  private let sender: RedriveSender
  private let source: SourceReader
  private var target: (any RedriveTarget)?
  private let filter: RedriveFilter.Matcher?
  private var ranges: [RedriveRange] = []
  private var rangeByPartition: [Int32: Int] = [:]
  private var pace: RedrivePace
  /// Letters that are sent and not yet acknowledged.
  private var pending: [UInt: Pending] = [:]
  private var nextToken: UInt = 1
  private var lastCommit = MonotonicTime.now
  private var hasReachedLimit = false
  /// Ends of partitions that were met while polling: the letters before them may still be in the buffer.
  private var ends: [(partition: Int32, next: Int64)] = []
  /// Set inside callbacks.
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
    pace = RedrivePace(perSecond: redrive.options.isDryRun ? nil : redrive.options.rate)
    filter = try redrive.filter.map { try RedriveFilter.Matcher($0) }
    let log = ClientLog(redrive.log)
    var clients: [() -> Void] = []
    do {
      consumer = try KafkaConsumer(redrive.consumerProperties(), log: log.write)
      clients.append(consumer.close)
      let producer = try KafkaProducer(redrive.producerProperties(), log: log.write)
      clients.append(producer.close)
      sender = RedriveSender(producer)
      source = try SourceReader(redrive.consumerProperties(), log: log)
      clients.append(source.close)
      try start(ClusterCheck(redrive.configuration.kafka.values, log: log))
    } catch {
      for close in clients.reversed() { close() }
      throw error
    }
  }

  /// Fixes the ends, and finds where the last redrive stopped.
  private func start(_ cluster: ClusterCheck) throws {
    let topic = redrive.configuration.deadLetter.topic.value
    let (marks, counts) = try cluster.watermarks(of: topic, partitionsOf: redrive.configuration.allTopics)
    let places = marks.keys.sorted()
    let committed = try consumer.committed(places, timeoutMs: 30_000)
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
    consumer.onError = { [unowned self] error, partition in consumerError(error, partition) }
    consumer.onEndOfPartition = { [unowned self] partition, next in ends.append((partition.partition, next)) }
    sender.producer.onDelivery = { [unowned self] reports in for report in reports { delivered(report) } }
    sender.producer.onError = { [unowned self] error in
      if error.isFatal { fault = fault ?? RedriveFault(description: "the producer can't go on: \(error)") }
    }
    let open = ranges.filter { !$0.isDone }
    if !open.isEmpty { try consumer.assign(open.map { PartitionOffset($0.partition, offset: $0.position) }) }
  }

  /// Ends at the fixed ends, at the limit, when it is told to, or at a fault; what is on its way is waited for and committed in any case.
  func run() throws {
    do {
      while !isDone {
        try step()
        if let fault { throw fault }
      }
    } catch {
      try? finish()
      throw error
    }
    try finish()
  }

  func close() {
    try? sender.producer.purge()
    sender.producer.close()
    source.close()
    consumer.close()
  }

  private var isDone: Bool { isEnding || ranges.allSatisfy(\.isDone) }

  /// What is not handled yet is left for the next time.
  private var isEnding: Bool { redrive.isStopping || hasReachedLimit || fault != nil }

  private func step() throws {
    try withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: Self.pollSize) { buffer in
      let taken = consumer.poll(into: buffer, timeoutMs: 100)
      defer { for record in buffer[..<taken] { record.destroy() } }
      for record in buffer[..<taken] where !isEnding { try handle(record) }
    }
    if !isEnding {
      for (partition, next) in ends { rangeByPartition[partition].map { ranges[$0].reachEnd(next) } }
    }
    ends.removeAll()
    sender.producer.poll()
    if MonotonicTime.now - lastCommit >= Self.commitInterval { commit() }
  }

  private func handle(_ letter: KafkaRecord) throws {
    guard let index = rangeByPartition[letter.partition], letter.offset < ranges[index].end else { return }
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
    if record.omittedBytes != nil {
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

  /// Waits for the pace, and for room among what is on its way.
  private func waitForTurn() throws {
    while !redrive.isStopping {
      if let fault { throw fault }
      let delay = pace.delay(at: .now)
      if delay == .zero && pending.count < Self.maxPending { return pace.go(at: .now) }
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

  private func consumerError(_ error: KafkaError, _ partition: TopicPartition?) {
    let isPermanent = [.topicAuthorizationFailed, .groupAuthorizationFailed, .unknownTopicOrPartition, .fatal].contains(error.code)
    if error.isFatal || isPermanent {
      fault = fault ?? RedriveFault(description: "can't read the dead letters\(partition.map { " of \($0)" } ?? ""): \(error)")
    } else {
      redrive.log.warning("reading dead letters is disturbed; trying again", metadata: ["error": "\(error)"])
    }
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
        try consumer.commit([offset])
        ranges[index].didCommit()
      } catch {
        redrive.log.warning("commit failed; the next one covers it", metadata: ["offset": "\(offset)", "error": "\(error)"])
      }
    }
  }
}
