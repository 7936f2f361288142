import KafkaClient
import Testing

@testable import Millrace

/// What a lane that delivers exactly once does when its transactions don't go well.
@Suite(.timeLimit(.minutes(1))) struct TransactionLaneTests {
  private static let lane = "only: {model: sums, delivery: exactly_once"

  @Test func whatTheBrokerFindsTooLargeIsSentSmallerWhenItIsReadAgain() async throws {
    let fixture = try LaneFixture(lanes: "\(Self.lane), transaction_interval: 0ms}")
    defer { fixture.close() }
    try fixture.feed(1)
    // The prediction, for all that anyone knows together with others, then alone, and then the dead letter that is sent in its stead.
    fixture.mock.pushRequestErrors(.produce, [.messageSizeTooLarge, .messageSizeTooLarge, .messageSizeTooLarge])
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("an output") { pipeline.snapshot(of: "only").predicted + pipeline.snapshot(of: "only").deadLettered > 0 }
    try fixture.feed(1)
    try await fixture.wait("the next one's") { pipeline.snapshot(of: "only").predicted > 0 }
    pipeline.stop()
    try await end.value
    let letters = try fixture.outputs("events.dlq")
    #expect(letters.map(\.source) == ["events/0/0"])
    #expect(letters.first?.hasValue == false)
    #expect(letters.first?.reason?.contains("too large") == true)
    #expect(try fixture.sources() == ["events/0/1"])
  }

  @Test(.enabled(if: ReplayFixture.realBrokers != nil, "MILLRACE_TEST_BROKERS names no cluster"))
  func recordsTooLargeForTheirDeadLettersDoNotStopTheLane() async throws {
    let fixture = try LaneFixture(
      lanes: "\(Self.lane), transaction_interval: 20ms, kafka: {batch.size: 3500}}", realBrokers: ReplayFixture.realBrokers,
      properties: ["max.message.bytes": "4000"])
    defer { fixture.close() }
    try fixture.feed(5)
    // No JSON, and too long to be carried along with what a dead letter adds.
    for _ in 0..<15 { try fixture.feed(1, text: String(repeating: "x", count: 3_850)) }
    try fixture.feed(5)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    // What was delivered in a transaction that was aborted counts, too.
    try await fixture.wait("a commit") { (try? fixture.committed("only")) == 25 || pipeline.fault != nil }
    pipeline.stop()
    try await end.value
    #expect(try fixture.sources() == (LaneFixture.places(0..<5) + LaneFixture.places(20..<25)).sorted())
    let letters = try fixture.outputs("events.dlq")
    #expect(letters.map(\.source).sorted() == LaneFixture.places(5..<20))
    #expect(letters.allSatisfy { !$0.hasValue })
  }

  @Test(
    .enabled(if: ReplayFixture.realBrokers != nil, "MILLRACE_TEST_BROKERS names no cluster"),
    arguments: [("none", true), ("none", false), ("lz4", true)])
  func eventsTooLargeForAnyOutputAmongOthersDoNotStopTheLane(_ codec: String, asksForLimits: Bool) async throws {
    let fixture = try LaneFixture(
      lanes: "\(Self.lane), transaction_interval: 50ms, kafka: {compression.codec: \(codec)}}", realBrokers: ReplayFixture.realBrokers,
      properties: ["max.message.bytes": "20000"], sourceProperties: ["max.message.bytes": "100000"])
    defer { fixture.close() }
    var generator = SeededGenerator(seed: 7)
    for index in 0..<400 {
      // Every tenth is no JSON, and nothing makes it smaller.
      let text =
        index % 10 == 7 ? String(decoding: (0..<40_000).map { _ in UInt8.random(in: 33...126, using: &generator) }, as: UTF8.self) : nil
      try fixture.feed(1, text: text)
    }
    let pipeline = try fixture.pipeline(limits: asksForLimits ? nil : .unknown)
    let end = Task { try await pipeline.run() }
    try await fixture.wait("a commit") { (try? fixture.committed("only")) == 400 || pipeline.fault != nil }
    pipeline.stop()
    try await end.value
    #expect(try fixture.sources() == (0..<400).filter { $0 % 10 != 7 }.map { "events/0/\($0)" }.sorted())
    let letters = try fixture.outputs("events.dlq")
    #expect(letters.map(\.source).sorted() == (0..<400).filter { $0 % 10 == 7 }.map { "events/0/\($0)" }.sorted())
    #expect(letters.allSatisfy { !$0.hasValue && $0.reason?.contains("JSON") == true })
    // What is known not to fit isn't tried; what may fit is, and costs an abort each.
    #expect((fixture.log.count("transaction aborted") == 0) == (asksForLimits && codec == "none"), "\(fixture.log.tail)")
  }

  @Test func recordsThatComeWhileATransactionIsDoomedAreReadAgainWithIt() async throws {
    let fixture = try LaneFixture(lanes: "\(Self.lane), transaction_interval: 1s}")
    defer { fixture.close() }
    try fixture.feed(1)
    fixture.mock.pushRequestErrors(.produce, [.messageSizeTooLarge])
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("the refusal") { pipeline.health[0].lastError != nil }
    // librdkafka takes no more into the transaction.
    try fixture.feed(3)
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted >= 4 || pipeline.fault != nil }
    pipeline.stop()
    try await end.value
    #expect(fixture.log.count("transaction aborted") > 0)
    #expect(Set(try fixture.sources()) == Set(LaneFixture.places(0..<4)))
    #expect(try fixture.sources("events.dlq").isEmpty)
  }

  @Test(arguments: [KafkaError.Code.rebalanceInProgress, .illegalGeneration, .unknownMember])
  func transactionsThatEndWithTheirGenerationDoNotEndTheLane(_ code: KafkaError.Code) async throws {
    let fixture = try LaneFixture(lanes: "\(Self.lane), transaction_interval: 0ms}")
    defer { fixture.close() }
    // More than the aborts in a row that end a lane for which nothing else explains them.
    fixture.mock.pushRequestErrors(.transactionOffsetCommit, Array(repeating: code, count: 15))
    try fixture.feed(2)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("a commit") { pipeline.snapshot(of: "only")[.commits] > 0 || pipeline.fault != nil }
    pipeline.stop()
    try await end.value
    #expect(fixture.log.count("transaction aborted") == 15)
  }

  @Test func transactionsThatFailForNoPassingReasonEndTheLane() async throws {
    let fixture = try LaneFixture(lanes: "\(Self.lane), transaction_interval: 0ms}")
    defer { fixture.close() }
    fixture.mock.pushRequestErrors(.transactionOffsetCommit, Array(repeating: .groupAuthorizationFailed, count: 15))
    try fixture.feed(2)
    let fault = await #expect(throws: LaneFault.self) { try await fixture.pipeline().run() }
    #expect(fault?.message.contains("10 transactions in a row were aborted") == true)
  }

  @Test func aTransactionMayLastAsLongAsItsIntervalAndItsRetries() throws {
    func timeout(_ keys: String) throws -> Int? {
      let fixture = try LaneFixture(lanes: "\(Self.lane)\(keys)}")
      defer { fixture.close() }
      let clients = try fixture.pipeline().lanes[0].clients
      return clients.producerProperties(clientID: "x", worker: 0)["transaction.timeout.ms"].flatMap { Int($0) }
    }
    #expect(try timeout(", transaction_interval: 0ms, retry: {max_attempts: 1}") == 10_000)
    #expect(try #require(try timeout(", transaction_interval: 60s")) > 60_000)
    #expect(try #require(try timeout(", retry: {interval: 10s, cap: 10s, jitter: 0, max_attempts: 5}")) > 40_000)
    #expect(try timeout(", transaction_interval: 60s, kafka: {transaction.timeout.ms: 12345}") == 12_345)
  }

  @Test(
    .enabled(if: ReplayFixture.realBrokers != nil, "MILLRACE_TEST_BROKERS names no cluster"), arguments: ["at_least_once", "exactly_once"])
  func theMarksOfOthersTransactionsAreNoBacklog(_ delivery: String) async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: sums, commit_interval: 50ms, delivery: \(delivery)}", realBrokers: ReplayFixture.realBrokers)
    defer { fixture.close() }
    let pipeline = try fixture.pipeline(stallTimeout: .seconds(3))
    let end = Task { try await pipeline.run() }
    let producer = try KafkaProducer(fixture.properties(["transactional.id": fixture.real("upstream")]))
    defer { producer.close() }
    try producer.initTransactions(timeoutMs: 30_000)
    let topic = try producer.topic(fixture.real("events"))
    for _ in 0..<2 {
      try producer.beginTransaction()
      Array("{\"a\": 1, \"b\": 1, \"c\": 2}".utf8).withUnsafeBytes {
        _ = producer.produce(to: topic, partition: 0, key: nil, value: $0, headers: nil)
      }
      try producer.commitTransaction(timeoutMs: 30_000)
    }
    // Two records, each with a mark behind it.
    try await fixture.wait("a commit behind the last mark") { (try? fixture.committed("only")) == 4 }
    try await fixture.wait("no lag") { pipeline.status(of: "only")?.partitions.first?.position == 4 }
    #expect(pipeline.snapshot(of: "only").predicted == 2)
    #expect(pipeline.snapshot(of: "only")[.expired] == 0)
    #expect(pipeline.health[0].stalls.isEmpty)
    pipeline.stop()
    try await end.value
  }
}
