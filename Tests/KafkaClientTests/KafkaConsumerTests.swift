import Foundation
import Synchronization
import Testing

@testable import KafkaClient

@Suite struct KafkaConsumerTests {
  @Test func seekingReadsAgainFromThere() throws {
    try withRecords(50) { consumer, _ in
      var offsets = try read(consumer, 50)
      #expect(offsets == Array(0..<50))
      try consumer.seek([PartitionOffset(topic: "in", partition: 0, offset: 40)])
      offsets = try read(consumer, 10)
      #expect(offsets == Array(40..<50))
      #expect(try consumer.position([TopicPartition(topic: "in", partition: 0)]).map(\.offset) == [50])
    }
  }

  @Test func aPausedPartitionIsSilentUntilItIsResumed() throws {
    try withRecords(5) { consumer, producer in
      let partition = TopicPartition(topic: "in", partition: 0)
      #expect(try read(consumer, 5).count == 5)
      try consumer.pause([partition])
      for _ in 0..<5 { try producer.send("in", [2]) }
      for _ in 0..<5 { try producer.send("in", [3], partition: 1) }
      try producer.flush(timeoutMs: 60_000)
      // The other partition's records show that fetching went on.
      var copies: [Copy] = []
      try Harness.run(until: copies.count >= 5) { copies += consumer.take() }
      #expect(copies.allSatisfy { $0.partition == 1 })
      try consumer.resume([partition])
      copies = []
      try Harness.run(until: copies.count >= 5) { copies += consumer.take() }
      #expect(copies.map(\.partition) == [0, 0, 0, 0, 0])
      #expect(copies.map(\.offset) == Array(5..<10))
    }
  }

  @Test func noRecordIsSkippedWhenPartitionsArePausedWhileAPollRuns() throws {
    let count = 20_000
    try withRecords(count) { consumer, _ in
      // As librdkafka's own thread does in each rebalance.
      let pauser = Pauser(consumer, TopicPartition(topic: "in", partition: 0))
      defer { pauser.stop() }
      var next: Int64 = 0
      try Harness.run(until: next == count) {
        for copy in consumer.take() where copy.offset >= next {
          #expect(copy.offset == next)
          next = copy.offset + 1
        }
      }
    }
  }

  /// Pauses and resumes a partition from a thread of its own. Unchecked: of the consumer it uses librdkafka's handle only.
  private final class Pauser: @unchecked Sendable {
    private let isOver = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)

    init(_ consumer: KafkaConsumer, _ partition: TopicPartition) {
      nonisolated(unsafe) let consumer = consumer
      Thread {
        while !self.isOver.load(ordering: .relaxed) {
          try? consumer.pause([partition])
          try? consumer.resume([partition])
          Thread.sleep(forTimeInterval: 0.03)
        }
        self.ended.signal()
      }.start()
    }

    func stop() {
      isOver.store(true, ordering: .relaxed)
      ended.wait()
    }
  }

  @Test func theEndOfAPartitionIsReportedAndNoRecord() throws {
    try withRecords(3, ["enable.partition.eof": "true"]) { consumer, _ in
      var ends: [TopicPartition: Int64] = [:]
      consumer.onEndOfPartition = { ends[$0] = $1 }
      var copies: [Copy] = []
      try Harness.run(until: ends.count == 2) { copies += consumer.take() }
      #expect(ends == [TopicPartition(topic: "in", partition: 0): 3, TopicPartition(topic: "in", partition: 1): 0])
      #expect(copies.count == 3)
    }
  }

  @Test func aPollTakesAtMostWhatFits() throws {
    try withRecords(100) { consumer, _ in
      var copies: [Copy] = []
      try Harness.run(until: copies.count == 100) {
        let some = consumer.take(7)
        #expect(some.count <= 7)
        copies += some
      }
      #expect(copies.map(\.offset) == Array(0..<100))
    }
  }

  @Test func whatAPollHasTakenOfAPartitionThatIsGivenBackMeanwhileIsNotReturned() throws {
    try withRecords(6) { consumer, producer, mock in
      for _ in 0..<6 { try producer.send("in", [2], partition: 1) }
      try producer.flush(timeoutMs: 60_000)
      let arrived = try Wakeup()
      consumer.notify(arrived)
      // The first record brings along what else is in front of the records.
      var first: [Copy] = []
      try Harness.run(until: first.count == 1) { first = consumer.take(1) }
      try Harness.run(until: consumer.queueLength == 11) { _ = arrived.wait(timeoutMs: 5) }
      // An event behind the records, as the call to give partitions back may be.
      try mock.setBroker(isUp: false)
      try Harness.run(until: consumer.queueLength > 11) { _ = arrived.wait(timeoutMs: 5) }
      var errors = 0
      consumer.onError = { _, _ in
        errors += 1
        consumer.dropTaken(of: [TopicPartition(topic: "in", partition: 0)])
      }
      let copies = consumer.take()
      #expect(errors > 0)
      #expect(copies.allSatisfy { $0.partition == 1 })
      #expect(copies.map(\.offset).suffix(5) == [1, 2, 3, 4, 5])
    }
  }

  @Test func theEndsOfAPartitionWhoseLeaderMovedAreAskedOfTheNewOne() throws {
    try Harness.withMock(brokers: 2) { mock in
      try mock.createTopic("in", partitions: 1, replicationFactor: 2)
      let partition = TopicPartition(topic: "in", partition: 0)
      try mock.setLeader(of: partition, to: 1)
      // It reads nothing: nothing makes it look for new leaders on its own.
      try Harness.withConsumer(mock.bootstrapServers) { consumer in
        #expect(try consumer.watermarks(of: partition, timeoutMs: 30_000) == Watermarks(low: 0, high: 0))
        try mock.setLeader(of: partition, to: 2)
        #expect(try consumer.watermarks(of: partition, timeoutMs: 30_000) == Watermarks(low: 0, high: 0))
      }
    }
  }

  @Test func watermarksAreAskedForAndRemembered() throws {
    try withRecords(12) { consumer, _ in
      let partition = TopicPartition(topic: "in", partition: 0)
      let asked = try consumer.watermarks(of: partition, timeoutMs: 30_000)
      #expect(asked == Watermarks(low: 0, high: 12))
      #expect(try read(consumer, 12).count == 12)
      #expect(consumer.cachedWatermarks(of: partition)?.high == 12)
      #expect(consumer.cachedWatermarks(of: TopicPartition(topic: "in", partition: 77)) == nil)
    }
  }

  @Test func offsetsAndMetadataAreCommittedAndReadBack() throws {
    try withRecords(1) { consumer, _ in
      let partition = TopicPartition(topic: "in", partition: 0)
      let other = TopicPartition(topic: "in", partition: 1)
      #expect(try consumer.committed([partition], timeoutMs: 30_000).map(\.offset) == [PartitionOffset.invalid])
      try consumer.commit([PartitionOffset(partition, offset: 1, metadata: "tür 1"), PartitionOffset(other, offset: 0)])
      let read = try consumer.committed([partition, other], timeoutMs: 30_000)
      #expect(read.map(\.offset) == [1, 0])
      #expect(read.map(\.metadata) == ["tür 1", nil])
      try consumer.commit([])

      var commits: [[PartitionOffset]] = []
      consumer.onCommit = { offsets, error in
        #expect(error == nil)
        commits.append(offsets)
      }
      try consumer.commitAsync([PartitionOffset(partition, offset: 2, metadata: "again")])
      try Harness.run(until: !commits.isEmpty) { _ = consumer.take() }
      #expect(commits.first?.first?.partition == partition)
      #expect(try consumer.committed([partition], timeoutMs: 30_000).first?.metadata == "again")
    }
  }

  @Test func aCommitThatTheCoordinatorRefusesThrowsItsError() throws {
    try withRecords(1) { consumer, _, mock in
      mock.pushRequestErrors(.offsetCommit, [.groupAuthorizationFailed])
      let error = #expect(throws: KafkaError.self) {
        try consumer.commit([PartitionOffset(topic: "in", partition: 0, offset: 1)])
      }
      #expect(error?.code == .groupAuthorizationFailed)
      #expect(error?.description.contains("in/0") == true)
    }
  }

  @Test func anOffsetOutOfRangeWithoutResetIsAnErrorOfThePartition() throws {
    try withRecords(3, ["auto.offset.reset": "error"], start: 500) { consumer, _ in
      var errors: [(KafkaError, TopicPartition?)] = []
      consumer.onError = { errors.append(($0, $1)) }
      try Harness.run(until: !errors.isEmpty) { #expect(consumer.take().isEmpty) }
      #expect(errors.first?.0.code == .autoOffsetReset)
      #expect(errors.first?.1 == TopicPartition(topic: "in", partition: 0))
    }
  }

  @Test func unreachableBrokersAreReportedWithTheirAddress() throws {
    try Harness.withConsumer("127.0.0.1:1") { consumer in
      var errors: [KafkaError] = []
      consumer.onError = { error, partition in
        #expect(partition == nil)
        errors.append(error)
      }
      try consumer.subscribe(to: ["in"])
      try Harness.run(until: errors.contains { $0.code == .allBrokersDown }) { _ = consumer.take() }
      #expect(errors.contains { $0.reason.contains("127.0.0.1:1") }, "\(errors)")
    }
  }

  @Test func aClosedConsumerAnswersWithErrorsAndNothing() throws {
    let consumer = try Harness.makeConsumer("127.0.0.1:1")
    consumer.close()
    consumer.close()
    #expect(throws: KafkaError.self) { try consumer.subscribe(to: ["in"]) }
    #expect(throws: KafkaError.self) { try consumer.commit([PartitionOffset(topic: "in", partition: 0, offset: 1)]) }
    #expect(consumer.take().isEmpty)
    #expect(consumer.assignment.isEmpty)
    #expect(consumer.memberID == nil)
  }

  @Test func statisticsArriveAsJSON() throws {
    try withRecords(1, ["statistics.interval.ms": "10"]) { consumer, _ in
      var statistics: [String] = []
      consumer.onStatistics = { statistics.append($0) }
      try Harness.run(until: !statistics.isEmpty) { _ = consumer.take() }
      #expect(statistics[0].hasPrefix("{"))
    }
  }

  private func read(_ consumer: KafkaConsumer, _ count: Int) throws -> [Int64] {
    var copies: [Copy] = []
    try Harness.run(until: copies.count >= count) { copies += consumer.take() }
    return copies.map(\.offset)
  }

  /// A consumer that is assigned both partitions of a topic, the first of which holds so many records.
  private func withRecords(
    _ count: Int, _ properties: KafkaProperties = [:], start: Int64 = PartitionOffset.beginning,
    _ body: (KafkaConsumer, KafkaProducer, MockCluster) throws -> Void
  ) throws {
    try Harness.withMock { mock in
      try mock.createTopic("in", partitions: 2)
      try Harness.withProducer(mock.bootstrapServers) { producer in
        for _ in 0..<count { try producer.send("in", [1]) }
        try producer.flush(timeoutMs: 60_000)
        try Harness.withConsumer(mock.bootstrapServers, properties) { consumer in
          try consumer.assign([
            PartitionOffset(topic: "in", partition: 0, offset: start),
            PartitionOffset(topic: "in", partition: 1, offset: PartitionOffset.beginning),
          ])
          #expect(consumer.assignment.count == 2)
          try body(consumer, producer, mock)
        }
      }
    }
  }

  private func withRecords(
    _ count: Int, _ properties: KafkaProperties = [:], start: Int64 = PartitionOffset.beginning,
    _ body: (KafkaConsumer, KafkaProducer) throws -> Void
  ) throws {
    try withRecords(count, properties, start: start) { consumer, producer, _ in try body(consumer, producer) }
  }
}
