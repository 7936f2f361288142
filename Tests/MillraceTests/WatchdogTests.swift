import KafkaClient
import Testing

@testable import Millrace

/// Lanes that hang or fail, seen from outside.
@Suite struct WatchdogTests {
  @Test(.timeLimit(.minutes(1))) func aModelThatHangsTurnsItsLaneRedAndNoOther() async throws {
    let fixture = try LaneFixture(
      lanes: "slow: {model: gated, commit_interval: 50ms}, only: {model: sums, commit_interval: 50ms}",
      routes: #"[{lane: slow, when: 'key == "s"'}, {lane: only}]"#)
    defer { fixture.close() }
    fixture.gate.shut()
    let pipeline = try fixture.pipeline(stallTimeout: .milliseconds(2500))
    let end = Task { try await pipeline.run() }
    try fixture.feed(5)
    try fixture.feed(5, key: "s")
    try await fixture.wait("a stall") { pipeline.health.first?.stalls.isEmpty == false }
    let health = pipeline.health
    #expect(health.map(\.lane) == ["slow", "only"])
    #expect(health[0].stalls.map(\.partition) == ["events/0"])
    #expect(health[0].stalls.first?.reason.name == "model_call")
    #expect(!health[0].isHealthy)
    try await fixture.wait("the other lane") { pipeline.snapshot(of: "only").predicted == 5 }
    #expect(pipeline.health[1].isHealthy)
    #expect(pipeline.health[1].isAssigned)
    fixture.gate.open()
    try await fixture.wait("health") { pipeline.health.allSatisfy(\.isReady) }
    // Each change is said once.
    #expect(fixture.log.count("nothing moves") == 1)
    #expect(fixture.log.count("moves again") == 1)
    pipeline.stop()
    try await end.value
    #expect(pipeline.unfinished.isEmpty)
  }

  /// A broker answers a connection's requests one by one: what is asked behind a fetch waits as long as that does.
  @Test(.timeLimit(.minutes(1))) func aLaneWithNothingToReadIsReadyAgainSoonAfterItsBrokersAre() async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: sums, commit_interval: 50ms}", kafka: ", statistics.interval.ms: 200, reconnect.backoff.max.ms: 200",
      fetchWaitMs: 3_000)
    defer { fixture.close() }
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("readiness") { pipeline.health[0].isReady }
    try fixture.mock.setBroker(isUp: false)
    try await fixture.wait("the loss of the broker") { !pipeline.health[0].isConnected }
    try fixture.mock.setBroker(isUp: true)
    try await fixture.wait("its return") { pipeline.health[0].isReady }
    pipeline.stop()
    try await end.value
  }

  @Test(.timeLimit(.minutes(1))) func outputsThatNobodyAcknowledgesAreNamedWithTheirNumber() async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: gated, max_batch_size: 7, max_delay: 10s, commit_interval: 50ms, drain_timeout: 100ms}")
    defer { fixture.close() }
    fixture.gate.shut()
    let pipeline = try fixture.pipeline(stallTimeout: .milliseconds(2500))
    let end = Task { try await pipeline.run() }
    try fixture.feed(7)
    try await fixture.wait("a run of the model") { fixture.gate.runsHeld > 0 }
    fixture.mock.pushRequestErrors(.produce, Array(repeating: .requestTimedOut, count: 10_000))
    fixture.gate.open()
    try await fixture.wait("a stall") { pipeline.health[0].stalls.first?.reason.name == "unacknowledged" }
    guard case .unacknowledged(7, _)? = pipeline.health[0].stalls.first?.reason else {
      Issue.record("\(pipeline.health)")
      return
    }
    pipeline.stop()
    let fault = await #expect(throws: LaneFault.self) { try await end.value }
    #expect(fault?.message.contains("7 outputs were not acknowledged within drain_timeout") == true)
    #expect(try fixture.committed("only") < 0)
  }

  @Test(.timeLimit(.minutes(1))) func noMoreIsTakenThanMayBeUnacknowledged() async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: gated, max_batch_size: 8, max_in_flight: 16, commit_interval: 50ms, drain_timeout: 100ms}")
    defer { fixture.close() }
    fixture.gate.shut()
    try fixture.feed(3_000)
    let pipeline = try fixture.pipeline(stallTimeout: .milliseconds(2500))
    let end = Task { try await pipeline.run() }
    try await fixture.wait("a run of the model") { fixture.gate.runsHeld > 0 }
    fixture.mock.pushRequestErrors(.produce, Array(repeating: .requestTimedOut, count: 10_000))
    fixture.gate.open()
    try await fixture.wait("a stall") { pipeline.health[0].stalls.first?.reason.name == "back_pressure" }
    #expect(pipeline.snapshot(of: "only").consumed <= 16 + 8 + 512, "and what one poll may bring")
    pipeline.stop()
    await #expect(throws: LaneFault.self) { try await end.value }
  }

  @Test(.timeLimit(.minutes(1))) func aDrainThatHangsEndsAfterShutdownTimeoutAndSaysWhatIsLeft() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: gated, commit_interval: 50ms, drain_timeout: 100ms}")
    defer { fixture.close() }
    fixture.gate.shut()
    let pipeline = try fixture.pipeline(shutdownTimeout: .milliseconds(500))
    let end = Task { try await pipeline.run() }
    try fixture.feed(3)
    try await fixture.wait("a run of the model") { fixture.gate.runsHeld > 0 }
    pipeline.stop()
    let fault = await #expect(throws: DrainFault.self) { try await end.value }
    #expect(fault?.description.contains("lane only, worker 0: a call of the model has been running") == true)
    #expect(fault?.cause == nil)
    fixture.gate.open()
    try await fixture.wait("the end of the worker") { pipeline.unfinished.isEmpty }
  }

  @Test(.timeLimit(.minutes(1))) func aLaneThatFailsDoesNotTakeTheOthersWorkWithIt() async throws {
    let fixture = try LaneFixture(
      lanes: "slow: {model: gated, topics: [events], commit_interval: 1h}, "
        + "other: {model: gated, topics: [other], kafka: {message.timeout.ms: 300}}",
      routes: "[{lane: slow}, {lane: other}]")
    defer { fixture.close() }
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    fixture.gate.shut()
    try fixture.feed(3)
    try fixture.feed(2, topic: "other")
    try await fixture.wait("both models") { fixture.gate.runsHeld == 2 }
    fixture.mock.pushRequestErrors(.produce, Array(repeating: .requestTimedOut, count: 10_000))
    fixture.gate.open()
    // Only the other lane gives up so soon.
    try await fixture.wait("the failure") { fixture.log.count("lane failed") > 0 }
    fixture.mock.clearRequestErrors(.produce)
    let fault = await #expect(throws: LaneFault.self) { try await end.value }
    #expect(fault?.lane == "other")
    #expect(try fixture.committed("slow") == 3)
    #expect(try fixture.committed("other", topic: "other") < 0)
  }

  @Test(.timeLimit(.minutes(1))) func aFatalErrorOfAClientEndsTheRun() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums}", kafka: ", group.instance.id: one, session.timeout.ms: 6000")
    defer { fixture.close() }
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("an assignment") { pipeline.health.allSatisfy(\.isAssigned) }
    fixture.mock.pushRequestErrors(.heartbeat, [.fencedInstance])
    let fault = await #expect(throws: LaneFault.self) { try await end.value }
    #expect(fault?.message.contains("FENCED_INSTANCE_ID") == true, "\(fault?.message ?? "")")
  }

  @Test(.timeLimit(.minutes(1))) func aLaneThatIsStartedAgainWithNothingToDoHasNoLagAndIsNotStuck() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums, commit_interval: 50ms}")
    defer { fixture.close() }
    try fixture.feed(5)
    try await fixture.pipeline(untilDrained: true).run()
    let pipeline = try fixture.pipeline(stallTimeout: .milliseconds(1500))
    let end = Task { try await pipeline.run() }
    try await fixture.wait("an end") { pipeline.status(of: "only")?.partitions.first?.end == 5 }
    try await Task.sleep(for: .seconds(3))
    #expect(pipeline.health[0].isReady, "\(pipeline.health)")
    #expect(fixture.log.count("records wait") == 0, "\(fixture.log.tail)")
    #expect(pipeline.snapshot(of: "only").lag == 0)
    pipeline.stop()
    try await end.value
  }

  @Test(.timeLimit(.minutes(1))) func aLaneThatWaitsForItsModelIsNotReadyFromThatMomentOn() async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: gated, retry: {max_attempts: 1}, breaker: {failure_threshold: 1, open_for: 100ms}}")
    defer { fixture.close() }
    fixture.gate.fail(1_000_000)
    // Long before it counts as stuck.
    let pipeline = try fixture.pipeline(stallTimeout: .seconds(3600))
    let end = Task { try await pipeline.run() }
    try await fixture.wait("readiness") { pipeline.status(of: "only")?.isReady == true }
    try fixture.feed(3)
    try await fixture.wait("a lane that is not ready") { pipeline.status(of: "only")?.isReady == false }
    #expect(pipeline.health[0].waits?.hasPrefix("the circuit is open (lanes.only.breaker)") == true)
    fixture.gate.fail(0)
    try await fixture.wait("readiness again") { pipeline.status(of: "only")?.isReady == true }
    pipeline.stop()
    try await end.value
  }

  @Test(.timeLimit(.minutes(1))) func whereToBeginIsNobodysGuessIfTheOffsetsAreGone() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums}", kafka: ", auto.offset.reset: error")
    defer { fixture.close() }
    try fixture.feed(5)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("the end of the lane") { pipeline.hasEnded || fixture.log.count("trying again") > 0 }
    pipeline.stop()
    let fault = await #expect(throws: LaneFault.self) { try await end.value }
    #expect(fault?.message.contains("can't read events/0") == true && fault?.message.contains("_AUTO_OFFSET_RESET") == true)
  }
}
