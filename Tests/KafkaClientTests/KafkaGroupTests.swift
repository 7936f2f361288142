import KafkaClient
import Testing

/// Members of a group on one thread, as a worker's thread would have them: what they are told, and when.
@Suite struct KafkaGroupTests {
  @Test(arguments: ["range", "cooperative-sticky"])
  func aSecondMemberGetsItsShareOnceTheFirstHasCommittedAndGivenItBack(_ strategy: String) throws {
    try withGroup(strategy) { mock, join in
      let first = try join(nil)
      defer { first.close() }
      try Harness.run(until: first.held.count == 4) { first.poll() }
      #expect(first.consumer.memberID != nil)

      // What the first one commits in its callback is where the second one begins. With an eager protocol the mock
      // cluster takes no commits between its call to rejoin and the next generation, where a real one does.
      let commits = strategy != "range"
      first.onRevoke = { partitions in
        guard commits else { return }
        try first.consumer.commit(partitions.map { PartitionOffset($0, offset: 7, metadata: "revoked") })
      }
      let second = try join(nil)
      defer { second.close() }
      try Harness.run(until: first.held.count == 2 && second.held.count == 2) {
        first.poll()
        second.poll()
      }
      #expect(first.held.isDisjoint(with: second.held))
      #expect(first.failures.isEmpty)
      #expect(!first.wasLost)
      guard commits else { return }
      let committed = try second.consumer.committed(Array(second.held), timeoutMs: 30_000)
      #expect(committed.allSatisfy { $0.offset == 7 && $0.metadata == "revoked" })
      #expect(second.records.filter { second.held.contains($0) }.isEmpty, "each partition holds fewer than seven records")
    }
  }

  @Test(arguments: ["range", "cooperative-sticky"])
  func aPollReturnsNoRecordOfAPartitionThatItGaveBack(_ strategy: String) throws {
    try withGroup(strategy) { mock, join in
      let first = try join(nil)
      defer { first.close() }
      try Harness.run(until: first.records.count == 12) { first.poll() }
      // More records wait in its queue when the call to give partitions back comes, behind what librdkafka puts there to pause them.
      try send(12, mock)
      let arrived = try Wakeup()
      first.consumer.notify(arrived)
      try Harness.run(until: first.consumer.queueLength == 12) { _ = arrived.wait(timeoutMs: 5) }
      let second = try join(nil)
      defer { second.close() }
      try Harness.run(until: first.consumer.queueLength > 12) { second.poll() }
      first.poll()
      #expect(first.lastPoll.allSatisfy(first.held.contains))
      try Harness.run(until: first.held.count == 2 && second.held.count == 2 && second.records.count >= 12) {
        first.poll()
        #expect(first.lastPoll.allSatisfy(first.held.contains))
        second.poll()
      }
    }
  }

  @Test func closingRevokesWhatIsHeldAndTheOthersTakeOver() throws {
    try withGroup("cooperative-sticky") { mock, join in
      let first = try join(nil)
      try Harness.run(until: first.held.count == 4) { first.poll() }
      var revoked: [TopicPartition] = []
      first.onRevoke = { partitions in
        try first.consumer.commit(partitions.map { PartitionOffset($0, offset: 1) })
        revoked += partitions
      }
      first.close()
      #expect(Set(revoked).count == 4)
      #expect(first.failures.isEmpty)
      let second = try join(nil)
      defer { second.close() }
      try Harness.run(until: second.held.count == 4) { second.poll() }
      #expect(try second.consumer.committed(Array(second.held), timeoutMs: 30_000).allSatisfy { $0.offset == 1 })
    }
  }

  @Test func theCallbackMayChooseWhereToStart() throws {
    try withGroup("range") { mock, join in
      let member = try join(nil)
      defer { member.close() }
      member.start = 2
      try Harness.run(until: member.offsets.count >= 4) { member.poll() }
      #expect(member.offsets.allSatisfy { $0 == 2 })
    }
  }

  @Test func aMemberThatTheGroupForgotLosesItsPartitionsInsteadOfGivingThemBack() throws {
    try withGroup("range") { mock, join in
      let member = try join(nil)
      defer { member.close() }
      try Harness.run(until: member.held.count == 4) { member.poll() }
      mock.pushRequestErrors(.heartbeat, [.unknownMember])
      try Harness.run(until: member.wasLost) { member.poll() }
      try Harness.run(until: member.held.count == 4) { member.poll() }
    }
  }

  @Test func aFatalErrorOfTheGroupReachesTheCaller() throws {
    try withGroup("range") { mock, join in
      let member = try join("instance-1")
      defer { member.close() }
      try Harness.run(until: member.held.count == 4) { member.poll() }
      mock.pushRequestErrors(.heartbeat, [.fencedInstance])
      try Harness.run(until: member.errors.contains { $0.isFatal }) { member.poll() }
      #expect(member.errors.first { $0.isFatal }?.code == .fencedInstance)
      #expect(member.consumer.fatalError?.code == .fencedInstance)
    }
  }

  /// One consumer of the group, with a log of what it was told.
  private final class Member {
    let consumer: KafkaConsumer
    var held: Set<TopicPartition> = []
    var records: [TopicPartition] = []
    var lastPoll: [TopicPartition] = []
    var offsets: [Int64] = []
    var errors: [KafkaError] = []
    var failures: [any Error] = []
    var wasLost = false
    var start: Int64?
    var onRevoke: (([TopicPartition]) throws -> Void)?

    init(_ consumer: KafkaConsumer) {
      self.consumer = consumer
      consumer.onError = { [unowned self] error, _ in errors.append(error) }
      consumer.onRebalance = { [unowned self] _, change in
        switch change {
        case .assigned(let offsets):
          held.formUnion(offsets.map(\.partition))
          return start.map { start in offsets.map { PartitionOffset($0.partition, offset: start) } }
        case .revoked(let partitions):
          do { try onRevoke?(partitions) } catch { failures.append(error) }
          held.subtract(partitions)
        case .lost(let partitions):
          wasLost = true
          held.subtract(partitions)
        }
        return nil
      }
    }

    func poll() {
      let copies = consumer.take(timeoutMs: 20)
      lastPoll = copies.map { TopicPartition(topic: $0.topic, partition: $0.partition) }
      records += lastPoll
      offsets += copies.map(\.offset)
    }

    func close() {
      consumer.close()
      onRevoke = nil
    }
  }

  /// A topic of four partitions with three records each, and a way to join its group.
  @Test(.timeLimit(.minutes(1))) func partitionsThatAreTakenAgainBeginWhereTheyAreTold() throws {
    try withGroup("cooperative-sticky") { mock, join in
      let member = try join(nil)
      defer { member.close() }
      try Harness.run(until: member.records.count == 12) { member.poll() }
      // Not where the group has committed, as after a change of routes.
      let place = TopicPartition(topic: "in", partition: 1)
      try member.consumer.commit([PartitionOffset(place, offset: 3)])
      try member.consumer.takeAgain([PartitionOffset(place, offset: 1)])
      try Harness.run(until: member.records.count >= 14) { member.poll() }
      try send(4, mock)
      try Harness.run(until: member.records.count >= 18) { member.poll() }
      #expect(member.records.count == 18)
    }
  }

  private func withGroup(_ strategy: String, _ body: (MockCluster, (String?) throws -> Member) throws -> Void) throws {
    try Harness.withMock { mock in
      try mock.createTopic("in", partitions: 4)
      try send(12, mock)
      try body(mock) { instance in
        var properties: KafkaProperties = ["partition.assignment.strategy": strategy, "session.timeout.ms": "6000"]
        properties["group.instance.id"] = instance
        let consumer = try Harness.makeConsumer(mock.bootstrapServers, properties)
        try consumer.subscribe(to: ["in"])
        return Member(consumer)
      }
    }
  }

  private func send(_ count: Int, _ mock: MockCluster) throws {
    try Harness.withProducer(mock.bootstrapServers) { producer in
      for index in 0..<count { try producer.send("in", [1], partition: Int32(index % 4)) }
      try producer.flush(timeoutMs: 60_000)
    }
  }
}
