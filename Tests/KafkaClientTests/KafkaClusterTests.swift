import Foundation
import KafkaClient
import Testing

/// What the mock cluster can't show. Needs a cluster: MILLRACE_TEST_BROKERS=host:port.
@Suite(.enabled(if: Harness.realBrokers != nil, "MILLRACE_TEST_BROKERS names no cluster"))
struct KafkaClusterTests {
  @Test func topicsAreCreatedDescribedAndDeleted() throws {
    try withTopic(partitions: 3, properties: ["cleanup.policy": "compact"]) { topic, admin in
      let described = try admin.describe([topic])
      #expect(described[0].error == nil)
      #expect(described[0].partitions.count == 3)
      #expect(try admin.properties(ofTopic: topic)["cleanup.policy"] == "compact")
      let failures = try admin.createTopics([NewTopic(topic, partitions: 3, replicationFactor: 1)])
      #expect(failures[topic]?.code == .topicAlreadyExists)
      #expect(try admin.deleteTopics([topic]).isEmpty)
      #expect(try admin.deleteTopics([topic])[topic]?.code == .unknownTopicOrPartition)
    }
  }

  @Test func offsetsAreFoundByTime() throws {
    try withTopic { topic, admin in
      let partition = TopicPartition(topic: topic, partition: 0)
      let start: Int64 = 1_700_000_000_000
      try Harness.withProducer(brokers) { producer in
        let handle = try producer.topic(topic)
        for index in Int64(0)..<5 {
          // One batch each: some brokers look up whole batches.
          _ = producer.produce(to: handle, partition: 0, key: nil, value: nil, headers: nil, timestampMs: start + index * 1000)
          try producer.flush(timeoutMs: 60_000)
        }
      }
      let found = try admin.offsets(forTimes: [partition: start + 2500])
      #expect(found.map(\.offset) == [3])
      #expect(try admin.offsets(forTimes: [partition: start + 60_000]).map(\.offset) == [PartitionOffset.end])
      #expect(try admin.watermarks(of: partition) == Watermarks(low: 0, high: 5))
    }
  }

  @Test func anAbortedTransactionIsNotRead() throws {
    try withTopic { topic, _ in
      try Harness.withProducer(brokers, ["transactional.id": topic]) { producer in
        try producer.initTransactions(timeoutMs: 60_000)
        for (value, commits) in [(UInt8(1), true), (2, false), (3, true)] {
          try producer.beginTransaction()
          try producer.send(topic, [value])
          try producer.flush(timeoutMs: 60_000)
          if commits { try producer.commitTransaction(timeoutMs: 60_000) } else { try producer.abortTransaction(timeoutMs: 60_000) }
        }
      }
      try Harness.withConsumer(brokers, ["group.id": topic]) { consumer in
        try consumer.assign([PartitionOffset(topic: topic, partition: 0, offset: PartitionOffset.beginning)])
        var values: [[UInt8]?] = []
        try Harness.run(until: values.count == 2) { values += consumer.take().map(\.value) }
        #expect(values == [[1], [3]])
      }
    }
  }

  @Test func aTransactionCommitsTheConsumersOffsets() throws {
    try withTopic { topic, _ in
      try Harness.withConsumer(brokers, ["group.id": topic]) { consumer in
        try Harness.withProducer(brokers, ["transactional.id": topic]) { producer in
          try producer.initTransactions(timeoutMs: 60_000)
          try producer.beginTransaction()
          try producer.send(topic, [1])
          try producer.sendOffsets([PartitionOffset(topic: topic, partition: 0, offset: 1)], of: consumer, timeoutMs: 60_000)
          try producer.commitTransaction(timeoutMs: 60_000)
        }
        let partition = TopicPartition(topic: topic, partition: 0)
        #expect(try consumer.committed([partition], timeoutMs: 60_000).map(\.offset) == [1])
      }
    }
  }

  @Test(arguments: ["range", "cooperative-sticky"])
  func whatIsCommittedWhileBeingRevokedIsWhereTheNextMemberBegins(_ strategy: String) throws {
    try withTopic(partitions: 2) { topic, _ in
      let properties: KafkaProperties = ["group.id": topic, "partition.assignment.strategy": strategy]
      let first = try Harness.makeConsumer(brokers, properties)
      defer { first.close() }
      var held: Set<TopicPartition> = []
      var failures: [any Error] = []
      first.onRebalance = { consumer, change in
        switch change {
        case .assigned(let offsets): held.formUnion(offsets.map(\.partition))
        case .revoked(let partitions), .lost(let partitions):
          held.subtract(partitions)
          do { try consumer.commit(partitions.map { PartitionOffset($0, offset: 7) }) } catch { failures.append(error) }
        }
        return nil
      }
      try first.subscribe(to: [topic])
      try Harness.run(until: held.count == 2) { _ = first.take() }
      let second = try Harness.makeConsumer(brokers, properties)
      defer { second.close() }
      try second.subscribe(to: [topic])
      try Harness.run(until: held.count == 1 && second.assignment.count == 1) {
        _ = first.take()
        _ = second.take()
      }
      #expect(failures.isEmpty, "\(failures)")
      #expect(try second.committed(second.assignment, timeoutMs: 60_000).map(\.offset) == [7])
    }
  }

  private var brokers: String { Harness.realBrokers ?? "" }

  /// A topic of its own for each test.
  private func withTopic(partitions: Int = 1, properties: [String: String] = [:], _ body: (String, KafkaAdmin) throws -> Void) throws {
    let topic = "millrace-test-\(UUID().uuidString.lowercased())"
    let admin = try KafkaAdmin(["bootstrap.servers": brokers])
    defer { admin.close() }
    let failures = try admin.createTopics(
      [NewTopic(topic, partitions: partitions, replicationFactor: 1, properties: properties)], timeoutMs: 60_000)
    #expect(failures.isEmpty, "\(failures)")
    defer { _ = try? admin.deleteTopics([topic]) }
    try Harness.run(until: (try? admin.describe([topic]).first?.partitions.count) == partitions) {}
    try body(topic, admin)
  }
}
