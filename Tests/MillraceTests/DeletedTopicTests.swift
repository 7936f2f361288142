import KafkaClient
import Testing

@testable import Millrace

/// What becomes of a lane whose topic is deleted while it reads it.
@Suite(.serialized, .enabled(if: ReplayFixture.realBrokers != nil, "MILLRACE_TEST_BROKERS names no cluster"), .timeLimit(.minutes(2)))
struct DeletedTopicTests {
  @Test(arguments: ["at_least_once", "exactly_once"]) func aLaneSaysSoAndEndsInTime(_ delivery: String) async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: sums, commit_interval: 50ms, delivery: \(delivery)}", kafka: ", topic.metadata.refresh.interval.ms: 1000",
      realBrokers: ReplayFixture.realBrokers)
    defer { fixture.close() }
    try fixture.feed(5)
    let pipeline = try fixture.pipeline(stallTimeout: .seconds(2))
    let end = Task { try await pipeline.run() }
    try await fixture.wait("a commit") { (try? fixture.committed("only")) == 5 }
    let admin = try KafkaAdmin(fixture.properties())
    defer { admin.close() }
    #expect(try admin.deleteTopics([fixture.real("events")]).isEmpty)
    try await fixture.wait("a lane that is not ready") { !pipeline.health[0].missingTopics.isEmpty }
    #expect(pipeline.health[0].missingTopics == [fixture.real("events")], "\(pipeline.health[0])")
    let start = ContinuousClock.now
    pipeline.stop()
    try await end.value
    #expect(ContinuousClock.now - start < .seconds(25), "\(fixture.log.tail)")
  }
}
