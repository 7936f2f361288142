import KafkaClient

/// Reads partitions from given offsets to given ends, several at once, and on behind the ends where it is to follow. One thread.
///
/// It ends by position, not by counting: the last offsets of a partition may hold no record, because they are the mark of a transaction or
/// were compacted away. Committed offsets play no part, and nothing is committed. A replay reads through its group instead
/// (`ReplayReader`): its processes share the partitions, and the next one goes on where the last was stopped.
///
/// What it holds ahead of its caller is bounded by the properties (`queued.max.messages.kbytes`), whatever the number of partitions.
/// `isolation.level` of the properties says whether records of open and aborted transactions are seen. To cancel, stop polling and close
/// it.
final class PartitionReader {
  /// The client, for a caller that keeps its place in a group.
  let consumer: KafkaConsumer
  /// Called with errors that may pass: librdkafka goes on trying.
  var onDisturbance: ((KafkaError) -> Void)?
  private let patience: Duration
  private var parts: [Part] = []
  private var partByName: [TopicPartition: Int] = [:]
  /// The parts by what a record carries.
  private var partByHandle: [Handle: Int] = [:]
  /// The part of the last record, which is nearly always the next one's, too.
  private var last: (handle: Handle, part: Int)?
  /// Ends of logs that were met inside a poll: the records before them are handed out by the same poll.
  private var logEnds: [(partition: TopicPartition, next: Int64)] = []
  /// How long was waited in polls, so that a caller's own pauses are no silence.
  private var waited = Duration.zero
  private var lastError: KafkaError?
  private var fault: PartitionFault?

  private struct Part {
    let partition: TopicPartition
    var progress: PartitionProgress
    /// What `waited` was when something was heard of it.
    var heardAt = Duration.zero
  }

  private struct Handle: Hashable {
    let topic: UInt
    let partition: Int32
  }

  /// Makes the client, which reads nothing yet.
  /// - Parameters:
  ///   - properties: a consumer's. What reading whole partitions needs is set over them, and a group is not joined.
  ///   - patience: a partition of which nothing is heard for so long, while records are waited for, is a fault.
  init(_ properties: KafkaProperties, patience: Duration = .seconds(120), log: ClientLog) throws(KafkaError) {
    var properties = properties
    properties["group.instance.id"] = nil
    properties["enable.auto.commit"] = "false"
    properties["enable.auto.offset.store"] = "false"
    // An end without a record behind it is told in no other way.
    properties["enable.partition.eof"] = "true"
    // What is deleted while it is read is a gap. From the end on, as users may have it for their lanes, would be a hole.
    properties["auto.offset.reset"] = "earliest"
    self.patience = patience
    consumer = try KafkaConsumer(properties, log: log.write)
    consumer.onEndOfPartition = { [unowned self] partition, next in logEnds.append((partition, next)) }
    consumer.onError = { [unowned self] error, partition in failed(error, partition) }
  }

  func close() {
    end()
    consumer.close()
  }

  /// Begins to read these offsets, in place of what was read before.
  /// - Parameter follows: what comes behind the ends is read, too; `hasReachedEnds` then says that all is read that was there.
  func begin(_ ranges: [TopicPartition: Range<Int64>], follows: Bool = false) throws(PartitionFault) {
    forget()
    parts = ranges.sorted { $0.key < $1.key }.map { Part(partition: $0.key, progress: PartitionProgress($0.value, follows: follows)) }
    partByName = Dictionary(uniqueKeysWithValues: parts.enumerated().map { ($0.element.partition, $0.offset) })
    partByHandle = [:]
    (last, fault, lastError, waited) = (nil, nil, nil, .zero)
    logEnds.removeAll()
    do throws(KafkaError) {
      let open = parts.filter { !$0.progress.isDone }
      if open.isEmpty { return try consumer.unassign() }
      try consumer.assign(open.map { PartitionOffset($0.partition, offset: $0.progress.position) })
    } catch {
      throw PartitionFault(kind: .refused(error), partition: nil, progress: nil)
    }
  }

  /// Reads nothing from now on, until it begins anew.
  func end() {
    forget()
    try? consumer.unassign()
  }

  private func forget() {
    // A partition that was paused stays so, whoever assigns it next.
    let paused = parts.filter(\.progress.isDone).map(\.partition)
    if !paused.isEmpty { try? consumer.resume(paused) }
    parts = []
  }

  /// Whether every partition has reached its end.
  var hasReachedEnds: Bool { parts.allSatisfy(\.progress.hasReachedEnd) }

  /// How far each partition is, by name. What the last poll handed out counts as read.
  var progress: [(partition: TopicPartition, progress: PartitionProgress)] { parts.map { ($0.partition, $0.progress) } }

  /// Takes records that have come, and where there are none waits for the first. Those of one partition come in order. The caller owns
  /// them, and handles them before it asks how far the reading is.
  /// - Throws: when it can't go on. What the same poll would have handed out is given back.
  func poll(into buffer: UnsafeMutableBufferPointer<KafkaRecord>, timeoutMs: Int32) throws(PartitionFault) -> Int {
    let start = MonotonicTime.now
    let taken = consumer.poll(into: buffer, timeoutMs: timeoutMs)
    waited += MonotonicTime.now - start
    var kept = 0
    for index in 0..<taken {
      if isWanted(buffer[index]) {
        buffer[kept] = buffer[index]
        kept += 1
      } else {
        buffer[index].destroy()
      }
    }
    for (partition, next) in logEnds { reachedLogEnd(partition, next) }
    logEnds.removeAll(keepingCapacity: true)
    if taken == 0 { noteSilence() }
    if let fault {
      for record in buffer[..<kept] { record.destroy() }
      throw fault
    }
    return kept
  }

  private func isWanted(_ record: KafkaRecord) -> Bool {
    guard let index = part(of: record) else { return false }
    parts[index].heardAt = waited
    let wasDone = parts[index].progress.isDone
    switch parts[index].progress.take(record.offset) {
    case .wanted:
      if parts[index].progress.isDone { dropRest(of: index) }
      return true
    case .beyond:
      if !wasDone { dropRest(of: index) }
    case .replaced:
      fail(.replaced, index)
    }
    return false
  }

  private func part(of record: KafkaRecord) -> Int? {
    let handle = Handle(topic: UInt(bitPattern: record.topicHandle), partition: record.partition)
    if let last, last.handle == handle { return last.part }
    let known = partByHandle[handle] ?? partByName[record.topicPartition]
    if let known {
      partByHandle[handle] = known
      last = (handle, known)
    }
    return known
  }

  private func reachedLogEnd(_ partition: TopicPartition, _ next: Int64) {
    guard let index = partByName[partition] else { return }
    parts[index].heardAt = waited
    let wasDone = parts[index].progress.isDone
    if !parts[index].progress.reachLogEnd(next) { return fail(.replaced, index) }
    if parts[index].progress.isDone && !wasDone { dropRest(of: index) }
  }

  /// Nothing more is fetched of it, and what is queued is dropped.
  private func dropRest(of index: Int) { try? consumer.pause([parts[index].partition]) }

  private func noteSilence() {
    guard let index = parts.firstIndex(where: { !$0.progress.hasReachedEnd && waited - $0.heardAt >= patience }) else { return }
    fail(.silent(patience, lastError), index)
  }

  private static let missing: Set<KafkaError.Code> = [.unknownTopic, .unknownTopicOrPartition, .unknownPartition]
  private static let refusals: Set<KafkaError.Code> = [.topicAuthorizationFailed, .groupAuthorizationFailed, .fatal]

  /// Takes an error of the client, inside a poll.
  private func failed(_ error: KafkaError, _ partition: TopicPartition?) {
    // Of a partition that is gone librdkafka tells the client as a whole: `consumer: events [9]: desired partition is not available`.
    let index =
      partition.map { partByName[$0] }
      ?? parts.firstIndex { error.reason.contains("\($0.partition.topic) [\($0.partition.partition)]:") }
    // Of a partition that is read, or belongs to what was read before, nothing is wanted any more.
    if !error.isFatal, index.map({ parts[$0].progress.isDone }) ?? (partition != nil) { return }
    if Self.missing.contains(error.code) && !error.isFatal {
      fail(.missing(error), index)
    } else if error.isFatal || Self.refusals.contains(error.code) {
      fail(.refused(error), index)
    } else {
      lastError = error
      onDisturbance?(error)
    }
  }

  private func fail(_ kind: PartitionFault.Kind, _ index: Int?) {
    fault = fault ?? PartitionFault(kind: kind, partition: index.map { parts[$0].partition }, progress: index.map { parts[$0].progress })
  }
}
