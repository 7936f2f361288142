import KafkaClient
import Testing

@testable import Millrace

/// The mock cluster speaks no TLS: a client that wants it is refused as one with wrong credentials is by a real broker.
@Suite struct ClusterCheckTests {
  private static let routes = "[{lane: quick, when: 'event.a > 1'}, {lane: slow}]"
  private static let refused = "kafka: {security.protocol: SSL, enable.ssl.certificate.verification: false}"

  private func fixture(quick: String, slow: String, kafka: String = "") throws -> LaneFixture {
    try LaneFixture(lanes: "quick: {model: sums\(quick)}, slow: {model: sums\(slow)}", routes: Self.routes, kafka: kafka)
  }

  @Test(.timeLimit(.minutes(1))) func aLaneIsAskedForWithItsOwnProperties() async throws {
    let fixture = try fixture(quick: "", slow: ", \(Self.refused)")
    defer { fixture.close() }
    let fault = try #require(throws: ClusterFault.self) { try fixture.pipeline().checkCluster() }
    #expect(fault.description.hasPrefix("kafka at \(fixture.mock.bootstrapServers), lane slow: "), "\(fault)")
    // A run asks the same before it starts.
    let run = await #expect(throws: ClusterFault.self) { try await fixture.pipeline(untilDrained: true).run() }
    #expect(run?.description.contains(", lane slow: ") == true, "\(run as Any)")
  }

  @Test(.timeLimit(.minutes(1))) func theFilesPropertiesAreNotAskedForIfEveryLaneHasItsOwn() async throws {
    let own = ", kafka: {security.protocol: PLAINTEXT}"
    let fixture = try fixture(quick: own, slow: own, kafka: ", security.protocol: SSL")
    defer { fixture.close() }
    try fixture.pipeline().checkCluster()
    try fixture.feed(3)
    try await fixture.pipeline(untilDrained: true).run()
    #expect(try fixture.committed("slow") == 3)
  }

  @Test(.timeLimit(.minutes(1))) func lanesOfTheSamePropertiesAreAskedForTogether() throws {
    let fixture = try fixture(quick: "", slow: "", kafka: ", security.protocol: SSL, enable.ssl.certificate.verification: false")
    defer { fixture.close() }
    let fault = try #require(throws: ClusterFault.self) { try fixture.pipeline().checkCluster() }
    #expect(!fault.description.contains(", lane"), "\(fault)")
    let lanes = try fixture.pipeline().lanes
    #expect(ClusterCheck.each(of: lanes, log: ClientLog(fixture.log.logger)).count == 1)
  }
}
