import EventDecoding
import KafkaClient
import Logging

/// Reads the ranges of some partitions and hands each record to its lane's pair. Commits nothing, joins nothing. One thread.
final class ComparisonReader {
  private let session: ReplaySession
  private let consumer: KafkaConsumer
  private let router: [EventDecoder]
  /// By the lane's place in the configuration.
  private var pairs: [ComparisonPair?]
  private var table: PartitionTable
  private var left: [TopicPartition: Int64]
  private var tally: ComparisonTally
  /// Ends that were met while polling: the records before them may still be in the buffer.
  private var ends: [(partition: TopicPartition, next: Int64)] = []
  private var fault: ReplayFault?

  private static let pollSize = 512

  init(_ setup: Comparison.Setup, shares: [TopicPartition: ReplayShare], session: ReplaySession, index: Int, log: Logger) throws {
    self.session = session
    left = shares.mapValues(\.range.to)
    tally = ComparisonTally(threshold: setup.options.threshold)
    table = PartitionTable(programByTopic: setup.lanesA[0].decoding.programByTopic)
    pairs = Array(repeating: nil, count: (setup.lanesA.map(\.index).max() ?? 0) + 1)
    var router: [EventDecoder]?
    for (a, b) in zip(setup.lanesA, setup.lanesB) {
      let pair = try ComparisonPair(a, b, setup.options)
      pairs[a.index] = pair
      if router == nil { router = try a.decoding.programs.map { try EventDecoder($0, lane: a.index) } }
    }
    self.router = router ?? []
    var properties = setup.lanesA[0].clients.consumerProperties(
      clientID: "millrace-\(setup.lanesA[0].groupID)-\(index)", worker: index)
    properties["group.instance.id"] = nil
    consumer = try KafkaConsumer(properties, log: ClientLog(log).write)
    consumer.onEndOfPartition = { [unowned self] partition, next in ends.append((partition, next)) }
    consumer.onError = { [unowned self] error, partition in
      let isMissing = error.code == .unknownTopic || error.code == .unknownTopicOrPartition
      if error.isFatal || isMissing { fault = ReplayFault("can't read\(partition.map { " \($0)" } ?? ""): \(error)") }
    }
    do {
      try consumer.assign(shares.map { PartitionOffset($0.key, offset: $0.value.next) })
    } catch {
      consumer.close()
      throw error
    }
  }

  /// Reads until the ranges are done or `isStopping` says so.
  func run(isStopping: () -> Bool) throws -> ComparisonTally {
    defer { consumer.close() }
    try withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: Self.pollSize) { buffer in
      while !left.isEmpty && !isStopping() {
        let capacity = session.rate?.take(Self.pollSize, at: .now) ?? Self.pollSize
        if capacity == 0 {
          try scoreAll()
          WorkerThread.sleep(session.rate?.wait ?? .milliseconds(1))
          continue
        }
        let taken = consumer.poll(into: UnsafeMutableBufferPointer(rebasing: buffer[..<capacity]), timeoutMs: 50)
        session.rate?.giveBack(capacity - taken)
        try handle(buffer[..<taken])
        for (partition, next) in ends { reached(partition, next) }
        ends.removeAll()
        if taken == 0 { try scoreAll() }
        if let fault { throw fault }
      }
    }
    try scoreAll()
    return tally
  }

  private func handle(_ records: Slice<UnsafeMutableBufferPointer<KafkaRecord>>) throws {
    defer { for record in records { record.destroy() } }
    for record in records {
      let partition = table.index(of: record)
      let entry = table.entries[partition]
      guard let end = left[entry.partition] else { continue }
      guard record.offset < end else {
        reached(entry.partition, end)
        continue
      }
      tally.consumed += 1
      let lane = router[entry.program].route(record.view).lane
      if lane < pairs.count, let pair = pairs[lane] {
        pair.take(record, entry, partition: partition, &tally)
        if pair.isFull { try pair.score(table, &tally) }
      } else {
        tally.skipped += 1
      }
      if record.offset + 1 == end { reached(entry.partition, end) }
    }
    if let last = records.last { session.goal.handled(last.topicPartition, next: last.offset + 1) }
  }

  private func scoreAll() throws {
    for pair in pairs { try pair?.score(table, &tally) }
  }

  /// The log of the partition was read up to here.
  private func reached(_ partition: TopicPartition, _ next: Int64) {
    session.goal.handled(partition, next: next)
    guard let end = left[partition], next >= end else { return }
    left[partition] = nil
    // What is still fetched of it is dropped.
    try? consumer.pause([partition])
  }
}
