import KafkaClient
import Synchronization
import Testing

@testable import Millrace

@Suite struct ActiveLaneTests {
  @Test(.timeLimit(.minutes(2))) func aLaneRestsOutsideOfItsHoursAndGoesOnWithin() async throws {
    let fixture = try ReplayFixture(restActive: "22:00-06:00 UTC")
    defer { fixture.close() }
    let clock = Mutex<Int64>(23 * 3_600_000)
    let time: @Sendable () -> Int64 = { clock.withLock { $0 } }
    let lanes = try LaneCompiler(fixture.configuration).lanes()
    let pipeline = Pipeline(lanes, kafka: fixture.configuration.kafka, log: fixture.log.logger, wallClockMs: time)
    async let running: Void = pipeline.run()
    func wait(_ condition: () throws -> Bool) async throws {
      while try !condition() { try await Task.sleep(for: .milliseconds(20)) }
    }
    try fixture.feed(100)
    try await wait { pipeline.snapshot(of: "rest").consumed == 300 && pipeline.snapshot(of: "quick").consumed == 300 }
    clock.withLock { $0 = 12 * 3_600_000 }
    try await wait { fixture.log.count("it rests") == 1 }
    // What was taken is committed before it rests.
    #expect(try fixture.committed("g.rest").map(\.offset) == [100, 100, 100])
    try fixture.feed(100)
    // The other lane has no hours.
    try await wait { pipeline.snapshot(of: "quick").consumed == 600 }
    #expect(pipeline.snapshot(of: "rest").consumed == 300)
    clock.withLock { $0 = 22 * 3_600_000 + 86_400_000 }
    try await wait { pipeline.snapshot(of: "rest").consumed == 600 }
    pipeline.stop()
    try await running
    let outputs = try fixture.outputs("predictions").merging(fixture.outputs("events.dlq")) { $0 + $1 }
    #expect(outputs.count == 600 && outputs.values.allSatisfy { $0.count == 1 })
    #expect(fixture.log.count("hours begin") == 1)
  }

  @Test(.timeLimit(.minutes(2))) func drainingDoesNotWaitForHours() async throws {
    let fixture = try ReplayFixture(restActive: "22:00-06:00 UTC")
    defer { fixture.close() }
    try fixture.feed(20)
    let lanes = try LaneCompiler(fixture.configuration).lanes()
    try await Pipeline(
      lanes, kafka: fixture.configuration.kafka, untilDrained: true, log: fixture.log.logger, wallClockMs: { 12 * 3_600_000 }
    ).run()
    #expect(try fixture.outputs("predictions").count + fixture.outputs("events.dlq").count == 60)
  }
}
