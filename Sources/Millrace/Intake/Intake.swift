import KafkaClient
import Logging

/// Takes a worker's records from its consumer: polls, pauses and resumes as the gate says, keeps what was polled while the worker waits,
/// and takes partitions again that librdkafka does not read. One thread, the worker's.
final class Intake {
  let consumer: KafkaConsumer
  /// nil for a worker that follows its topics.
  let replay: RangeReader?
  /// The lane's; nil: it always runs.
  private var hours: LaneHours?
  @exclusivity(unchecked) var gate = IntakeGate()
  /// Polled, and not handled before the worker goes on.
  private(set) var kept: [KafkaRecord] = []
  /// Assigned partitions that librdkafka doesn't read: their committed offsets were refused.
  private var unread: Set<TopicPartition> = []
  /// When the consumer is told again what it has refused.
  private var sayAgainAt: MonotonicTime?
  private let lane: String
  private let ledger: PartitionLedger
  private let buffer: UnsafeMutableBufferPointer<KafkaRecord>
  private let statistics: WorkerStatistics
  private let log: Logger

  /// Records taken from librdkafka at once.
  static let pollSize = 512

  init(
    _ consumer: KafkaConsumer, lane: Lane, ledger: PartitionLedger, replay: RangeReader?, statistics: WorkerStatistics, log: Logger
  ) {
    self.consumer = consumer
    self.lane = lane.name
    hours = lane.active.map { LaneHours($0) }
    self.ledger = ledger
    self.replay = replay
    self.statistics = statistics
    self.log = log
    buffer = .allocate(capacity: Self.pollSize)
  }

  deinit { buffer.deallocate() }

  // MARK: Records

  /// The records that may be handled now; they are the caller's.
  func take() -> Slice<UnsafeMutableBufferPointer<KafkaRecord>> {
    let count = replay.map { $0.take(from: consumer, into: buffer, &gate) } ?? consumer.poll(into: buffer)
    return buffer[..<count]
  }

  /// What a worker takes that has no room for more.
  var nothing: Slice<UnsafeMutableBufferPointer<KafkaRecord>> { buffer[..<0] }

  /// What the consumer has although nothing is to be handled; the records are the caller's.
  func poll(timeoutMs: Int32 = 0) -> Slice<UnsafeMutableBufferPointer<KafkaRecord>> {
    buffer[..<consumer.poll(into: buffer, timeoutMs: timeoutMs)]
  }

  /// A record that is not to be handled: its partition was given back meanwhile, or its range ends before it.
  func passOver(_ record: KafkaRecord, of partition: Int) {
    if ledger.owns(partition) { replay?.reachedEnd(partition, record.offset, &gate) }
    record.destroy()
  }

  /// Whatever gives records isn't paused, whoever has resumed it.
  func noteReading(_ records: some Sequence<KafkaRecord>) {
    for record in records { gate.isRead(ledger.index(of: record)) }
  }

  /// Puts records aside until the worker goes on.
  func keep(_ records: some Sequence<KafkaRecord>) { kept.append(contentsOf: records) }

  /// Gives records back that are read again: they count as handled, so that their partitions go back to them.
  func leave(_ records: some Sequence<KafkaRecord>) {
    for record in records {
      let partition = ledger.index(of: record)
      if record.offset < ledger.limit(partition) { ledger.handle(partition, offset: record.offset) }
      record.destroy()
    }
  }

  /// Gives back what waits for its time; all of it is read again.
  func leaveHeld() {
    guard let replay else { return }
    for partition in ledger.indices { leave(replay.removeHeld(of: partition)) }
  }

  /// Hands over what was kept.
  func takeKept() -> [KafkaRecord] {
    defer { kept.removeAll() }
    return kept
  }

  /// The partition goes: gives back what was kept of it, which its next owner reads, and returns how much that was.
  func release(_ partition: Int) -> Int {
    if gate.release(partition) { resume([partition]) }
    let count = kept.count
    kept.removeAll { record in
      guard ledger.index(of: record) == partition else { return false }
      record.destroy()
      return true
    }
    for record in replay?.removeHeld(of: partition) ?? [] { record.destroy() }
    return count - kept.count
  }

  /// Gives everything back.
  func drop() {
    for record in kept { record.destroy() }
    kept.removeAll()
    for partition in ledger.indices { for record in replay?.removeHeld(of: partition) ?? [] { record.destroy() } }
  }

  // MARK: Partitions

  /// The partition was given to the worker and the ledger.
  func acquire(_ partition: Int) { gate.acquire(partition) }

  /// Whether the lane rests from now on, by its hours; nil where nothing has changed.
  func keepHours(at now: MonotonicTime, wallClockMs: () -> Int64) -> Bool? {
    guard let rests = hours?.look(at: now, wallClockMs: wallClockMs) else { return nil }
    gate.close(for: .hours, rests)
    return rests
  }

  /// Pauses and resumes what has to be. What the consumer refuses is tried again a second later.
  func applyGate(at now: MonotonicTime) {
    if let time = sayAgainAt, now >= time {
      sayAgainAt = nil
      gate.sayAgain()
    }
    let action = gate.action()
    if action.isEmpty { return }
    if pause(action.pause) { gate.said(IntakeGate.Action(pause: action.pause)) } else { sayAgainAt = now + .seconds(1) }
    if resume(action.resume) { gate.said(IntakeGate.Action(resume: action.resume)) } else { sayAgainAt = now + .seconds(1) }
  }

  private func pause(_ partitions: [Int]) -> Bool {
    partitions.isEmpty || tell { () throws(KafkaError) in try consumer.pause(partitions.map(ledger.name)) }
  }

  @discardableResult
  private func resume(_ partitions: [Int]) -> Bool {
    partitions.isEmpty || tell { () throws(KafkaError) in try consumer.resume(partitions.map(ledger.name)) }
  }

  /// Whether the consumer does what it is told.
  private func tell(_ what: () throws(KafkaError) -> Void) -> Bool {
    do {
      try what()
      return true
    } catch {
      statistics.journal.note(error: "\(error)")
      log.warning("can't pause or resume", metadata: ["error": "\(error)"])
      return false
    }
  }

  /// Goes back to these places after an aborted transaction. The records polled meanwhile come again.
  func goBack(to places: [(partition: Int, next: Int64)], at now: MonotonicTime) throws(LaneFault) {
    for (partition, next) in places {
      gate.close(partition, for: .endOfRange, false)
      gate.close(partition, for: .pace, false)
      // Before the seek: a partition that is resumed goes on where it was when it was paused.
      applyGate(at: now)
      let place = PartitionOffset(ledger.name(partition), offset: next)
      do {
        try consumer.seek([place])
      } catch {
        throw LaneFault(lane: lane, message: "can't go back to \(place) after an aborted transaction: \(error)")
      }
    }
  }

  /// What an error of the consumer means: the end of the lane, or that something has to be tried again.
  /// - Parameter hasRead: the worker was given partitions before.
  func fault(for error: KafkaError, _ partition: TopicPartition?, hasRead: Bool) -> LaneFault? {
    // A topic that is missing once the lane runs may be a broker that doesn't know it yet, and a password may be about to change
    // everywhere; at the start either is a mistake.
    let isMistake = (Self.missingTopic.contains(error.code) || error.isRefusal) && !hasRead
    if error.isFatal || isMistake || Self.permanent.contains(error.code) {
      let place = partition.map { " \($0)" } ?? ""
      return LaneFault(lane: lane, message: "can't read\(place): \(error)\(error.advice)")
    }
    // The coordinator didn't tell the partition's committed offset, so librdkafka does not read it.
    if let partition, Self.untoldOffset.contains(error.code) { unread.insert(partition) }
    var metadata: [String: String] = ["error": "\(error)"]
    if let partition { metadata["partition"] = "\(partition)" }
    log.warning("reading is disturbed; trying again", metadata: metadata.mapValues { "\($0)" })
    return nil
  }

  /// With a partition, these say that its committed offset could not be read.
  private static let untoldOffset: Set<KafkaError.Code> = [
    .notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress, .requestTimedOut, .transport, .timedOut,
  ]
  /// What no retry mends: someone has to change an ACL, a topic or the configuration.
  private static let permanent: Set<KafkaError.Code> = [
    .topicAuthorizationFailed, .groupAuthorizationFailed, .fencedInstance, .fatal, .autoOffsetReset,
  ]
  static let missingTopic: Set<KafkaError.Code> = [.unknownTopic, .unknownTopicOrPartition]

  /// Takes partitions again whose committed offsets the coordinator didn't tell: nobody else would.
  func readUnread() throws(LaneFault) {
    if unread.isEmpty { return }
    let indices = unread.sorted().map { ledger.index(of: $0) }.filter { index in
      // One that has given records already is being read.
      ledger.owns(index) && ledger[index].handled < 0
    }
    unread.removeAll()
    if indices.isEmpty { return }
    let names = TopicPartition.names(indices.map(ledger.name))
    do {
      try consumer.takeAgain(indices.map { PartitionOffset(ledger.name($0), offset: ledger[$0].begin ?? PartitionOffset.invalid) })
    } catch {
      throw LaneFault(lane: lane, message: "can't read \(names), whose committed offsets nobody told: \(error)")
    }
    // Nothing of them is paused any more.
    for index in indices { gate.isRead(index) }
    log.info("partitions taken again", metadata: ["partitions": "\(names)"])
  }
}

extension TopicPartition {
  /// `payments/0, payments/3`, for people.
  static func names(_ partitions: [TopicPartition]) -> String {
    partitions.sorted().map(\.description).joined(separator: ", ")
  }
}
