import KafkaClient
import Testing

@testable import Millrace

/// What a lane does with outputs that their topics don't take.
@Suite(.timeLimit(.minutes(1))) struct OutputSizeTests {
  private static let deliveries = ["at_least_once", "exactly_once"]

  private func fixture(_ delivery: String) throws -> LaneFixture {
    try LaneFixture(
      lanes: "only: {model: sums, max_delay: 20ms, batching: full, max_batch_size: 10, commit_interval: 50ms, delivery: \(delivery)"
        + "\(delivery == "exactly_once" ? ", transaction_interval: 20ms" : "")}")
  }

  /// Runs until so many records have their outputs, as their transactions are committed.
  private func run(_ fixture: LaneFixture, to end: Int64, limits: OutputLimits = .unknown) async throws {
    let pipeline = try fixture.pipeline(limits: limits)
    let running = Task { try await pipeline.run() }
    try await fixture.wait("the outputs") {
      pipeline.fault != nil || (try? fixture.sources() + fixture.sources("events.dlq")).map { Set($0).count >= end } ?? false
    }
    // What stands there may be of a transaction that was aborted: the mock tells no difference.
    try await fixture.wait("their end") { pipeline.fault != nil || pipeline.snapshot(of: "only").inFlight == 0 }
    pipeline.stop()
    try await running.value
  }

  @Test(arguments: deliveries) func aBatchThatIsRefusedAsAWholeIsSentAgainOneByOne(_ delivery: String) async throws {
    let fixture = try fixture(delivery)
    defer { fixture.close() }
    // Small records, of which a broker says that they are too large together.
    try fixture.feed(10)
    fixture.mock.pushRequestErrors(.produce, [.messageSizeTooLarge])
    try await run(fixture, to: 10)
    #expect(Set(try fixture.sources()) == Set(LaneFixture.places(0..<10)))
    #expect(try fixture.outputs("events.dlq").isEmpty)
  }

  @Test(arguments: deliveries) func deadLettersThatAreRefusedTogetherAreSentAgainOneByOneAndKeepTheirReason(_ delivery: String) async throws
  {
    let fixture = try fixture(delivery)
    defer { fixture.close() }
    try fixture.feed(5, text: "no JSON")
    fixture.mock.pushRequestErrors(.produce, [.messageSizeTooLarge])
    try await run(fixture, to: 5)
    let letters = try fixture.outputs("events.dlq")
    #expect(Set(letters.map(\.source)) == Set(LaneFixture.places(0..<5)))
    #expect(letters.allSatisfy { $0.hasValue && $0.reason?.contains("JSON") == true && $0.reason?.contains("too large") == false })
  }

  @Test(arguments: deliveries) func aDeadLetterThatIsRefusedAloneGoesWithoutItsValueAndSaysWhyItsRecordFailed(_ delivery: String)
    async throws
  {
    let fixture = try fixture(delivery)
    defer { fixture.close() }
    try fixture.feed(1, text: "no JSON")
    // Together with others, for all that anyone knows, and then alone.
    fixture.mock.pushRequestErrors(.produce, [.messageSizeTooLarge, .messageSizeTooLarge])
    try await run(fixture, to: 1)
    let letter = try #require(try fixture.outputs("events.dlq").first)
    #expect(!letter.hasValue && letter.hasKey && letter.omitted == [DeadLetter.omittedValueBytes: "7"])
    let reason = try #require(letter.reason)
    #expect(reason.contains("JSON") && reason.contains("too large for topic events.dlq: the value stands at events/0/0"), "\(reason)")
  }

  @Test(arguments: deliveries) func whatATopicCannotTakeIsNotSent(_ delivery: String) async throws {
    let fixture = try fixture(delivery)
    defer { fixture.close() }
    try fixture.feed(1)
    let large = String(repeating: "k", count: 5_000)
    try fixture.feed(1, key: large)
    try fixture.feed(1, text: large)
    try fixture.feed(1, text: "no JSON", headers: ["large": large])
    try fixture.feed(1)
    try await run(fixture, to: 5, limits: OutputLimits(["predictions": 4_000, "events.dlq": 4_000]))
    #expect(Set(try fixture.sources()) == ["events/0/0", "events/0/4"])
    let letters = Dictionary(try fixture.outputs("events.dlq").map { ($0.source, $0) }) { $1 }
    #expect(Set(letters.keys) == Set(LaneFixture.places(1..<4)))
    let (key, value, header) = (letters["events/0/1"], letters["events/0/2"], letters["events/0/3"])
    #expect(key?.hasKey == false && key?.omitted[DeadLetter.omittedKeyBytes] == "5000")
    #expect(key?.reason?.contains("the prediction can't be written to topic predictions: it takes") == true, "\(key?.reason ?? "")")
    #expect(value?.hasKey == true && value?.omitted == [DeadLetter.omittedValueBytes: "5000"])
    #expect(header?.hasKey == false && header?.omitted[DeadLetter.omittedHeaderBytes] == "5005")
    #expect(header?.reason?.contains("JSON") == true && header?.reason?.contains("the record stands at events/0/3") == true)
    // Nothing was tried that a broker has to refuse.
    #expect(fixture.log.count("transaction aborted") == 0)
  }

  @Test func aLaneThatCompressesTriesWhatMayFit() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums, commit_interval: 50ms, kafka: {compression.codec: lz4}}")
    defer { fixture.close() }
    try fixture.feed(1, text: String(repeating: "x", count: 5_000))
    try await run(fixture, to: 1, limits: OutputLimits(["predictions": 4_000, "events.dlq": 4_000]))
    #expect(try fixture.outputs("events.dlq").first?.hasValue == true)
  }

  @Test func aBatchIsNoLargerThanTheSmallestTopicTakes() throws {
    let limits = OutputLimits(["predictions": 4_000, "events.dlq": 1_048_588])
    #expect(limits.batchSize(for: ["predictions", "events.dlq"]) == 3_872)
    #expect(limits.batchSize(for: ["events.dlq"]) == nil)
    #expect(limits.batchSize(for: ["elsewhere"]) == nil)
    func batchSize(_ kafka: String) throws -> String? {
      let fixture = try LaneFixture(lanes: "only: {model: sums\(kafka)}")
      defer { fixture.close() }
      return try fixture.pipeline().lanes[0].clients.producerProperties(clientID: "x", worker: 0, batchSize: 3_872)["batch.size"]
    }
    #expect(try batchSize("") == "3872")
    #expect(try batchSize(", kafka: {batch.size: 100}") == "100")
  }

  @Test func aTransactionThatFailsForNoKnownReasonIsTriedWithFewerRecords() async throws {
    let fixture = try fixture("exactly_once")
    defer { fixture.close() }
    try fixture.feed(100)
    fixture.mock.pushRequestErrors(.transactionOffsetCommit, Array(repeating: .invalidRecord, count: 8))
    try await run(fixture, to: 100)
    #expect(Set(try fixture.sources()) == Set(LaneFixture.places(0..<100)))
    #expect(fixture.log.count("transaction aborted") == 8)
  }
}
