import KafkaClient
import Testing

@testable import Millrace

/// What a lane says of records that its topic no longer has.
@Suite(.timeLimit(.minutes(1))) struct ExpiredRecordsTests {
  @Test func recordsThatAreDeletedWhileALaneIsAwayAreToldAndCounted() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums, commit_interval: 50ms}")
    defer { fixture.close() }
    try fixture.feed(5)
    try await fixture.pipeline(untilDrained: true).run()
    // A mock broker keeps 5 MiB of a partition.
    let large = "{\"a\": 1, \"b\": 1, \"c\": 2, \"x\": \"\(String(repeating: "x", count: 100_000))\"}"
    try fixture.feed(100, text: large)
    let pipeline = try fixture.pipeline(untilDrained: true)
    try await pipeline.run()
    let snapshot = pipeline.snapshot(of: "only")
    let expired = snapshot[.expired]
    #expect(expired > 20 && expired < 100)
    #expect(snapshot.consumed + expired == 100)
    #expect(fixture.log.count("records were deleted before they were read") == 1)
    #expect(fixture.log.tail.contains("from=5 ") && fixture.log.tail.contains("to=\(4 + expired) "), "\(fixture.log.tail)")
  }
}
