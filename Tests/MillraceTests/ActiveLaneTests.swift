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
    let pipeline = Pipeline(lanes, measuresPhases: false, log: fixture.log.logger, wallClockMs: time)
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
      lanes, untilDrained: true, measuresPhases: false, log: fixture.log.logger, wallClockMs: { 12 * 3_600_000 }
    ).run()
    #expect(try fixture.outputs("predictions").count + fixture.outputs("events.dlq").count == 60)
  }

  /// By hours, and the time of day that tests set.
  private static let hours = "active: \"22:00-06:00 UTC\""
  private static let (day, night): (Int64, Int64) = (12 * 3_600_000, 23 * 3_600_000)

  @Test(.timeLimit(.minutes(1))) func anOperatorsPauseHoldsWhenTheHoursBegin() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums, commit_interval: 50ms, \(Self.hours)}")
    defer { fixture.close() }
    let clock = Mutex(Self.day)
    let pipeline = try fixture.pipeline(wallClockMs: { clock.withLock { $0 } })
    let end = Task { try await pipeline.run() }
    try fixture.feed(5)
    try await fixture.wait("rest") { fixture.log.count("it rests") == 1 && pipeline.health[0].partitions == 1 }
    pipeline.setPaused(true, lane: "only")
    clock.withLock { $0 = Self.night }
    try await fixture.wait("the hours") { fixture.log.count("hours begin") == 1 }
    // librdkafka looks for work once a second.
    try await Task.sleep(for: .milliseconds(2500))
    #expect(pipeline.snapshot(of: "only").consumed == 0)
    pipeline.setPaused(false, lane: "only")
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted == 5 }
    // The hours end while an operator has paused it, and the pause ends outside of them.
    pipeline.setPaused(true, lane: "only")
    clock.withLock { $0 = Self.day }
    try await fixture.wait("rest") { fixture.log.count("it rests") == 2 }
    try fixture.feed(5)
    pipeline.setPaused(false, lane: "only")
    try await Task.sleep(for: .milliseconds(2500))
    #expect(pipeline.snapshot(of: "only").consumed == 5)
    clock.withLock { $0 = Self.night }
    try await fixture.wait("all predictions") { pipeline.snapshot(of: "only").predicted == 10 }
    pipeline.stop()
    try await end.value
    #expect(try fixture.sources() == LaneFixture.places(0..<10))
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["at_least_once", "exactly_once"])
  func hoursThatBeginRepeatNothing(_ delivery: String) async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: gated, max_batch_size: 2, commit_interval: 50ms, delivery: \(delivery), \(Self.hours)}")
    defer { fixture.close() }
    let clock = Mutex(Self.night)
    let pipeline = try fixture.pipeline(wallClockMs: { clock.withLock { $0 } })
    let end = Task { try await pipeline.run() }
    for night in 1...5 {
      try fixture.feed(400)
      try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted >= night * 200 }
      clock.withLock { $0 = Self.day }
      try await fixture.wait("rest") { fixture.log.count("it rests") == night }
      clock.withLock { $0 = Self.night }
      try await fixture.wait("the hours") { fixture.log.count("hours begin") == night }
    }
    try await fixture.wait("all predictions") { pipeline.snapshot(of: "only").predicted >= 2_000 }
    pipeline.stop()
    try await end.value
    #expect(pipeline.snapshot(of: "only").consumed == 2_000)
    #expect(try fixture.sources() == LaneFixture.places(0..<2_000))
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["pause", "hours"])
  func aPauseAndTheHoursHoldWhileTheCircuitIsOpenAndAfterwards(_ cause: String) async throws {
    let lane = "only: {model: gated, max_batch_size: 2, commit_interval: 50ms, \(Self.hours), retry: {max_attempts: 1}"
    let fixture = try LaneFixture(lanes: "\(lane), breaker: {failure_threshold: 1, open_for: 50ms}}")
    defer { fixture.close() }
    let clock = Mutex(Self.night)
    let pipeline = try fixture.pipeline(wallClockMs: { clock.withLock { $0 } })
    let end = Task { try await pipeline.run() }
    fixture.gate.fail(1_000_000)
    try fixture.feed(40)
    try await fixture.wait("an open circuit") { pipeline.snapshot(of: "only")[.circuitOpenings] >= 2 }
    if cause == "pause" { pipeline.setPaused(true, lane: "only") } else { clock.withLock { $0 = Self.day } }
    if cause == "hours" { try await fixture.wait("rest") { fixture.log.count("it rests") == 1 } }
    let openings = pipeline.snapshot(of: "only")[.circuitOpenings]
    try await fixture.wait("more probes") { pipeline.snapshot(of: "only")[.circuitOpenings] >= openings + 2 }
    try fixture.feed(40)
    fixture.gate.fail(0)
    try await fixture.wait("the model") { pipeline.snapshot(of: "only").circuit == .closed && fixture.log.count("the lane goes on") > 0 }
    // What it had taken is finished, and no more is taken.
    try await Task.sleep(for: .milliseconds(2500))
    let taken = pipeline.snapshot(of: "only").consumed
    #expect(taken <= 40)
    #expect(pipeline.snapshot(of: "only").predicted == taken)
    if cause == "pause" { pipeline.setPaused(false, lane: "only") } else { clock.withLock { $0 = Self.night } }
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted >= 80 }
    pipeline.stop()
    try await end.value
    #expect(try fixture.sources() == LaneFixture.places(0..<80))
  }

  @Test(.timeLimit(.minutes(1))) func aLaneThatRestsIsReadyAndStandsStillForAReason() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums, commit_interval: 50ms, \(Self.hours)}")
    defer { fixture.close() }
    let pipeline = try fixture.pipeline(stallTimeout: .milliseconds(500), wallClockMs: { Self.day })
    let end = Task { try await pipeline.run() }
    try fixture.feed(5)
    try await fixture.wait("rest") { fixture.log.count("it rests") == 1 && pipeline.health[0].partitions == 1 }
    // While it joins a group it may stand still for longer.
    let before = fixture.log.count("nothing moves")
    try await Task.sleep(for: .seconds(2))
    #expect(pipeline.health[0].isReady, "\(pipeline.health)")
    #expect(fixture.log.count("nothing moves") == before)
    pipeline.stop()
    try await end.value
  }
}
