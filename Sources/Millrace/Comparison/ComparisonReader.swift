import EventDecoding
import KafkaClient
import Logging

/// One worker of a comparison: reads the ranges of some partitions and hands each record to its lane's pair. One thread.
final class ComparisonReader {
  private let session: ReplaySession
  private let reader: PartitionReader
  private let router: [EventDecoder]
  /// The lanes of the comparison, by their place in the configuration.
  private var pairs: [ComparisonPair?]
  private var table: PartitionTable
  private var tally: ComparisonTally
  /// How far each partition was, when the session was last told.
  private var told: [TopicPartition: Int64]

  private static let pollSize = 512

  init(_ setup: Comparison.Setup, shares: [TopicPartition: ReplayShare], session: ReplaySession, index: Int, log: Logger) throws {
    self.session = session
    told = shares.mapValues(\.next)
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
    let properties = setup.lanesA[0].clients.consumerProperties(
      clientID: "millrace-\(setup.lanesA[0].groupID)-\(index)", worker: index)
    reader = try PartitionReader(properties, log: ClientLog(log))
    do throws(PartitionFault) {
      try reader.begin(shares.mapValues { $0.next..<$0.range.to })
    } catch {
      reader.close()
      throw ReplayFault("\(error)")
    }
  }

  /// Reads until the ranges are done or `isStopping` says so.
  func run(isStopping: () -> Bool) throws -> ComparisonTally {
    defer { reader.close() }
    try withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: Self.pollSize) { buffer in
      while !reader.hasReachedEnds && !isStopping() {
        let capacity = session.rate?.take(Self.pollSize, at: .now) ?? Self.pollSize
        if capacity == 0 {
          try scoreAll()
          WorkerThread.sleep(session.rate?.wait ?? .milliseconds(1))
          continue
        }
        let taken = try poll(UnsafeMutableBufferPointer(rebasing: buffer[..<capacity]))
        session.rate?.giveBack(capacity - taken)
        try handle(buffer[..<taken])
        tellProgress()
        if taken == 0 { try scoreAll() }
      }
    }
    try scoreAll()
    return tally
  }

  private func poll(_ buffer: UnsafeMutableBufferPointer<KafkaRecord>) throws(ReplayFault) -> Int {
    do throws(PartitionFault) {
      return try reader.poll(into: buffer, timeoutMs: 50)
    } catch {
      throw ReplayFault("\(error)")
    }
  }

  private func handle(_ records: Slice<UnsafeMutableBufferPointer<KafkaRecord>>) throws {
    defer { for record in records { record.destroy() } }
    for record in records {
      let partition = table.index(of: record)
      let entry = table.entries[partition]
      tally.consumed += 1
      let lane = router[entry.program].route(record.view).lane
      if lane < pairs.count, let pair = pairs[lane] {
        pair.take(record, entry, partition: partition, &tally)
        if pair.isFull { try pair.score(table, &tally) }
      } else {
        tally.skipped += 1
      }
    }
  }

  private func scoreAll() throws {
    for pair in pairs { try pair?.score(table, &tally) }
  }

  private func tellProgress() {
    for (partition, progress) in reader.progress where told[partition] != progress.position {
      told[partition] = progress.position
      session.goal.handled(partition, next: progress.position)
    }
  }
}
