import KafkaClient
import Testing

@Suite struct KafkaAdminTests {
  @Test func topicsAreListedWithTheirPartitionsAndOnesThatDoNotExistAreNotMade() throws {
    try withAdmin(brokers: 3) { mock, admin in
      try mock.createTopic("a", partitions: 2, replicationFactor: 3)
      try mock.createTopic("b")
      let cluster = try admin.cluster(timeoutMs: 60_000)
      #expect(cluster.brokers.count == 3)
      #expect(cluster.topics.map(\.name) == ["a", "b"])
      #expect(cluster.topics[0].partitions.map(\.id) == [0, 1])
      #expect(cluster.topics[0].partitions.allSatisfy { $0.replicas.count == 3 && $0.leader > 0 })
      let described = try admin.describe(["b", "c"], timeoutMs: 60_000)
      #expect(described.map(\.name) == ["b", "c"])
      #expect(described.map { $0.error?.code } == [nil, .unknownTopicOrPartition])
      #expect(try admin.topics(timeoutMs: 60_000).map(\.name) == ["a", "b"])
    }
  }

  @Test func aGroupsOffsetsCanBeReadFromOutside() throws {
    try withAdmin { mock, admin in
      try mock.createTopic("a", partitions: 2)
      let first = TopicPartition(topic: "a", partition: 0)
      let second = TopicPartition(topic: "a", partition: 1)
      try Harness.withConsumer(mock.bootstrapServers, ["group.id": "lane"]) { consumer in
        try consumer.commit([PartitionOffset(first, offset: 11, metadata: "m")])
      }
      let named = try admin.committedOffsets(group: "lane", partitions: [first, second], timeoutMs: 60_000)
      #expect(named.sorted { $0.partition < $1.partition }.map(\.offset) == [11, PartitionOffset.invalid])
    }
  }

  @Test func watermarksNeedNoConsumer() throws {
    try withAdmin { mock, admin in
      try mock.createTopic("a")
      try Harness.withProducer(mock.bootstrapServers) { producer in
        for _ in 0..<3 { try producer.send("a", [1]) }
        try producer.flush(timeoutMs: 60_000)
      }
      let watermarks = try admin.watermarks(of: TopicPartition(topic: "a", partition: 0), timeoutMs: 60_000)
      #expect(watermarks == Watermarks(low: 0, high: 3))
    }
  }

  @Test func aChangeThatNoBrokerMakesIsAnErrorThatSaysWhatItWaitedFor() throws {
    try withAdmin { _, admin in
      // The mock cluster has no controller.
      let error = #expect(throws: KafkaError.self) { try admin.createTopics([NewTopic("a", partitions: 1)], timeoutMs: 200) }
      #expect(error?.code == .timedOut)
      #expect(error?.description.contains("controller") == true)
      #expect(throws: KafkaError.self) { try admin.createTopics([NewTopic("a", partitions: 1)], timeoutMs: -5) }
    }
  }

  @Test(arguments: ["127.0.0.1:1", "kafka.invalid:9092"])
  func aWrongAddressIsAnErrorWithItAndTheReason(_ address: String) throws {
    let admin = try KafkaAdmin(["bootstrap.servers": address])
    defer { admin.close() }
    let error = #expect(throws: KafkaError.self) { try admin.topics(timeoutMs: 60_000) }
    #expect(error?.description.contains(address) == true)
    #expect(error?.code == .transport || error?.code == .resolve)
  }

  private func withAdmin(brokers: Int = 1, _ body: (MockCluster, KafkaAdmin) throws -> Void) throws {
    try Harness.withMock(brokers: brokers) { mock in
      let admin = try KafkaAdmin(["bootstrap.servers": mock.bootstrapServers, "group.id": "not used"])
      defer { admin.close() }
      try body(mock, admin)
    }
  }
}
