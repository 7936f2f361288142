import Foundation
import KafkaClient
import Logging
import Testing

@testable import Millrace

/// Partitions read from offsets to ends, without a group.
@Suite(.timeLimit(.minutes(2))) struct PartitionReaderTests {
  private static let log = ClientLog(Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

  private struct Fixture {
    let mock: MockCluster

    func properties(_ more: KafkaProperties = [:]) -> KafkaProperties {
      var all: KafkaProperties = [
        "bootstrap.servers": mock.bootstrapServers, "group.id": "reader", "fetch.wait.max.ms": "20", "reconnect.backoff.ms": "10",
        "reconnect.backoff.max.ms": "100", "topic.metadata.refresh.fast.interval.ms": "50", "fetch.error.backoff.ms": "50",
        "topic.metadata.propagation.max.ms": "500",
      ]
      all.merge(more)
      return all
    }

    func fill(_ partition: Int32, _ records: Int, bytes: Int = 1, topic: String = "events") throws {
      let producer = try KafkaProducer(["bootstrap.servers": mock.bootstrapServers, "linger.ms": "5", "batch.num.messages": "20"])
      defer { producer.close() }
      let target = try producer.topic(topic)
      let value = [UInt8](repeating: 7, count: bytes)
      for _ in 0..<records {
        value.withUnsafeBytes { value in
          while case .queueFull = producer.produce(to: target, partition: partition, key: nil, value: value, headers: nil) {
            producer.poll(timeoutMs: 10)
          }
        }
      }
      try producer.flush(timeoutMs: 20_000)
    }

    func watermarks(_ partition: Int32) throws -> Watermarks {
      let admin = try KafkaAdmin(["bootstrap.servers": mock.bootstrapServers])
      defer { admin.close() }
      return try admin.watermarks(of: TopicPartition(topic: "events", partition: partition))
    }
  }

  private func with(
    _ more: KafkaProperties = [:], patience: Duration = .seconds(60), _ body: (Fixture, PartitionReader) throws -> Void
  ) throws {
    let mock = try MockCluster()
    defer { mock.close() }
    try mock.createTopic("events", partitions: 4)
    let fixture = Fixture(mock: mock)
    let reader = try PartitionReader(fixture.properties(more), patience: patience, log: Self.log)
    defer { reader.close() }
    try body(fixture, reader)
  }

  private func place(_ partition: Int32) -> TopicPartition { TopicPartition(topic: "events", partition: partition) }

  /// Polls once; the offsets by partition are added to `seen`.
  private func poll(_ reader: PartitionReader, _ seen: inout [Int32: [Int64]], capacity: Int = 100) throws {
    try withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: capacity) { buffer in
      for record in buffer[..<(try reader.poll(into: buffer, timeoutMs: 50))] {
        seen[record.partition, default: []].append(record.offset)
        record.destroy()
      }
    }
  }

  private func readAll(_ reader: PartitionReader) throws -> [Int32: [Int64]] {
    var seen: [Int32: [Int64]] = [:]
    while !reader.hasReachedEnds { try poll(reader, &seen) }
    return seen
  }

  /// What reading ends with.
  private func endOfReading(_ reader: PartitionReader) -> PartitionFault? {
    do {
      _ = try readAll(reader)
      return nil
    } catch {
      return error as? PartitionFault
    }
  }

  @Test func severalPartitionsAreReadEachToItsEnd() throws {
    try with { fixture, reader in
      for partition in 0..<3 { try fixture.fill(Int32(partition), 300) }
      // The last one is empty.
      try reader.begin([place(0): 0..<300, place(1): 20..<21, place(2): 100..<250, place(3): 0..<0])
      #expect(try readAll(reader) == [0: Array(0..<300), 1: [20], 2: Array(100..<250)])
      #expect(reader.progress.map(\.partition) == (0..<4).map(place))
      #expect(reader.progress.map(\.progress.position) == [300, 21, 250, 0])
      #expect(reader.progress.map(\.progress.end) == [300, 21, 250, 0])
    }
  }

  /// A mock broker keeps 5 MiB of a partition, so that the first of these records are gone.
  @Test func offsetsWithoutRecordsAtTheEndAreNotWaitedFor() throws {
    try with { fixture, reader in
      try fixture.fill(0, 130, bytes: 65_536)
      let low = try fixture.watermarks(0).low
      try #require(low > 10)
      try reader.begin([place(0): 2..<low - 1])
      #expect(try readAll(reader).isEmpty)
      #expect(reader.progress.map(\.progress.position) == [low - 1])
      try reader.begin([place(0): 2..<low + 2])
      #expect(try readAll(reader) == [0: [low, low + 1]])
    }
  }

  @Test func theMarkOfATransactionIsAnEndToo() throws {
    try with(["isolation.level": "read_committed"]) { fixture, reader in
      let producer = try KafkaProducer(["bootstrap.servers": fixture.mock.bootstrapServers, "transactional.id": "t"])
      defer { producer.close() }
      try producer.initTransactions(timeoutMs: 20_000)
      let target = try producer.topic("events")
      for _ in 0..<3 {
        try producer.beginTransaction()
        _ = producer.produce(to: target, partition: 1, key: nil, value: nil, headers: nil)
        try producer.commitTransaction(timeoutMs: 20_000)
      }
      let marks = try fixture.watermarks(1)
      try reader.begin([place(1): marks.low..<marks.high])
      #expect(try readAll(reader)[1]?.count == 3)
      #expect(reader.progress.map(\.progress.position) == [marks.high])
    }
  }

  @Test func whoFollowsReadsOnWhereTheEndWas() throws {
    try with { fixture, reader in
      try fixture.fill(0, 10)
      try reader.begin([place(0): 0..<10, place(1): 0..<0], follows: true)
      var seen = try readAll(reader)
      #expect(seen == [0: Array(0..<10)])
      try fixture.fill(0, 2)
      try fixture.fill(1, 3)
      while seen[0]?.count != 12 || seen[1]?.count != 3 { try poll(reader, &seen) }
      #expect(seen == [0: Array(0..<12), 1: [0, 1, 2]] && reader.hasReachedEnds)
    }
  }

  @Test func aReaderBeginsAnew() throws {
    try with { fixture, reader in
      try fixture.fill(0, 50)
      for _ in 0..<3 {
        try reader.begin([place(0): 10..<13])
        #expect(try readAll(reader) == [0: [10, 11, 12]])
      }
      reader.end()
      #expect(reader.hasReachedEnds && reader.consumer.assignment.isEmpty)
      try reader.begin([place(0): 5..<7])
      #expect(try readAll(reader) == [0: [5, 6]])
    }
  }

  @Test func aPartitionThatIsNotThereIsAFaultThatNamesIt() throws {
    try with { fixture, reader in
      try fixture.fill(0, 3)
      try reader.begin([place(0): 0..<3, place(9): 0..<5])
      let fault = try #require(endOfReading(reader))
      guard case .missing = fault.kind else { throw fault }
      #expect(fault.description.hasPrefix("can't read events/9 at offset 0 of 5: "))
    }
  }

  @Test func aTopicThatIsDeletedMeanwhileIsAFaultThatSaysHowFarItWasRead() throws {
    try with { fixture, reader in
      try fixture.fill(0, 3)
      try reader.begin([place(0): 0..<5])
      var seen: [Int32: [Int64]] = [:]
      while seen[0]?.count != 3 { try poll(reader, &seen) }
      fixture.mock.setTopicError("events", .unknownTopicOrPartition)
      // Clients learn of it when they have to look for the leader.
      fixture.mock.pushRequestErrors(.fetch, Array(repeating: .notLeaderForPartition, count: 3))
      let fault = try #require(endOfReading(reader))
      guard case .missing = fault.kind else { throw fault }
      #expect(fault.description.hasPrefix("can't read events/0 at offset 3 of 5: "))
    }
  }

  @Test func aTopicThatWasMadeAnewIsAFault() throws {
    try with { fixture, reader in
      try fixture.fill(0, 3)
      for partition in [0, 1] as [Int32] {
        try reader.begin([place(partition): 500..<900])
        let fault = try #require(endOfReading(reader))
        #expect(fault.kind == .replaced && fault.place == "events/\(partition) at offset 500 of 900")
      }
    }
  }

  @Test func silenceIsAFaultThatNamesPartitionAndOffset() throws {
    try with(patience: .milliseconds(300)) { fixture, reader in
      try fixture.fill(1, 3)
      try fixture.mock.setLeader(of: place(1), to: nil)
      try reader.begin([place(1): 1..<3])
      let fault = try #require(endOfReading(reader))
      guard case .silent(.milliseconds(300), _) = fault.kind else { throw fault }
      #expect(fault.description.hasPrefix("can't read events/1 at offset 1 of 3: nothing came for 0.3 seconds"))
      #expect(reader.progress.map(\.progress.position) == [1])
    }
  }

  /// What an open transaction holds back looks the same as an end that the log has not reached.
  @Test func aLogThatEndsEarlyIsSaidToBe() throws {
    try with(patience: .seconds(3)) { fixture, reader in
      try fixture.fill(0, 3)
      try reader.begin([place(0): 0..<4])
      let fault = try #require(endOfReading(reader))
      #expect(fault.description.hasPrefix("can't read events/0 at offset 3 of 4: nothing came for 3.0 seconds; a transaction"))
    }
  }

  @Test func whoStopsInTheMiddleWaitsForNothing() throws {
    try with { fixture, reader in
      for partition in 0..<4 { try fixture.fill(Int32(partition), 1000) }
      try reader.begin(Dictionary(uniqueKeysWithValues: (0..<4).map { (place($0), 0..<1000) }))
      var seen: [Int32: [Int64]] = [:]
      while seen.isEmpty { try poll(reader, &seen, capacity: 10) }
      #expect(!reader.hasReachedEnds)
      try fixture.mock.setBroker(isUp: false)
      let start = MonotonicTime.now
      reader.close()
      #expect(MonotonicTime.now - start < .seconds(10))
    }
  }

  /// A slow caller's queue holds what the properties allow, and not what the partitions hold.
  @Test func whatIsReadAheadIsBounded() throws {
    try with(["queued.max.messages.kbytes": "64", "fetch.message.max.bytes": "16384", "queued.min.messages": "100000"]) { fixture, reader in
      for partition in 0..<4 { try fixture.fill(Int32(partition), 1000, bytes: 1000) }
      try reader.begin(Dictionary(uniqueKeysWithValues: (0..<4).map { (place($0), 0..<1000) }))
      var (seen, longest): ([Int32: [Int64]], Int) = ([:], 0)
      while !reader.hasReachedEnds {
        try poll(reader, &seen, capacity: 10)
        longest = max(longest, reader.consumer.queueLength)
      }
      #expect(seen.values.map(\.count) == [1000, 1000, 1000, 1000])
      #expect(longest < 1000, "of 4000, in batches of 20")
    }
  }
}
