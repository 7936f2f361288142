import Testing

@testable import Millrace

/// A model that is down for a while: by whole lanes on a mock cluster.
@Suite(.timeLimit(.minutes(1))) struct CircuitLaneTests {
  private static let many = 1_000_000
  private static let breaker = "retry: {max_attempts: 1}, breaker: {failure_threshold: 1, open_for: 1h"

  @Test func aFallbackModelAnswersWhileTheCircuitIsOpenAndSaysSo() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: gated, \(Self.breaker)}, fallback: {model: backup}}")
    defer { fixture.close() }
    fixture.gate.fail(Self.many)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try fixture.feed(5)
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted == 5 }
    #expect(pipeline.snapshot(of: "only")[.fallbacks] == 5)
    #expect(pipeline.snapshot(of: "only").circuit == .open)
    #expect(pipeline.snapshot(of: "only")[.circuitOpenings] == 1)
    pipeline.stop()
    try await end.value
    #expect(try fixture.committed("only") == 5)
    let values = try fixture.outputs().map(\.value)
    #expect(
      values.first == #"{"id":"events/0/0","total":3,"model":"backup","version":"b","degraded":true,"lane":"only"}"#)
    #expect(values.allSatisfy { $0.contains(#""degraded":true"#) })
  }

  @Test func aModelAndItsFallbackMayGiveSeveralMembersFromOneTensor() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: gated_pair, \(Self.breaker)}, fallback: {model: pair}}")
    defer { fixture.close() }
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try fixture.feed(1)
    try await fixture.wait("a prediction") { pipeline.snapshot(of: "only").predicted == 1 }
    fixture.gate.fail(Self.many)
    try fixture.feed(1)
    try await fixture.wait("the fallback's") { pipeline.snapshot(of: "only").predicted == 2 }
    pipeline.stop()
    try await end.value
    let values = try fixture.outputs().map(\.value).sorted()
    #expect(values.count == 2)
    #expect(values.first?.hasPrefix(#"{"id":"events/0/0","high":4,"low":0,"#) == true, "\(values)")
    #expect(values.last?.hasPrefix(#"{"id":"events/0/1","high":4,"low":2,"model":"pair","#) == true, "\(values)")
  }

  @Test func fixedOutputsAnswerInTheNameOfTheLanesModelUntilAProbeSucceeds() async throws {
    let lane = "only: {model: gated, retry: {max_attempts: 1}, breaker: {failure_threshold: 1, open_for: 50ms}"
    let fixture = try LaneFixture(lanes: "\(lane), fallback: {outputs: {total: -1.5}}}")
    defer { fixture.close() }
    fixture.gate.fail(3)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    var fed = 0
    repeat {
      try fixture.feed(1)
      fed += 1
      try await fixture.wait("a prediction") { pipeline.snapshot(of: "only").predicted == fed }
    } while pipeline.snapshot(of: "only").circuit != .closed
    pipeline.stop()
    try await end.value
    #expect(pipeline.snapshot(of: "only")[.circuitOpenings] == 3)
    #expect(pipeline.snapshot(of: "only").deadLettered == 0)
    let values = try fixture.outputs().map(\.value)
    #expect(values.first?.contains(#""total":-1.5,"model":"gated""#) == true, "\(values)")
    #expect(values.dropLast().allSatisfy { $0.contains(#""degraded":true"#) })
    #expect(values.last?.contains("degraded") == false)
  }

  @Test func deadLettersSayThatTheCircuitIsOpen() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: gated, \(Self.breaker), on_open: dead_letter}}")
    defer { fixture.close() }
    fixture.gate.fail(Self.many)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try fixture.feed(3)
    try await fixture.wait("dead letters") { pipeline.snapshot(of: "only")[.deadLetteredScore] == 3 }
    pipeline.stop()
    try await end.value
    #expect(
      try fixture.outputs("events.dlq").compactMap(\.reason)
        == Array(
          repeating: "the circuit is open (lanes.only.breaker): the model failed too often, the last time because: no memory is left",
          count: 3))
  }

  @Test func aFallbackThatFailsTooMakesDeadLettersWithBothReasons() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: gated, \(Self.breaker)}, fallback: {model: backup}}")
    defer { fixture.close() }
    fixture.gate.fail(Self.many)
    fixture.backupGate.fail(Self.many)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try fixture.feed(2)
    try await fixture.wait("dead letters") { pipeline.snapshot(of: "only")[.deadLetteredScore] == 2 }
    pipeline.stop()
    try await end.value
    let reason = try #require(try fixture.outputs("events.dlq").first?.reason)
    #expect(reason.hasPrefix("the circuit is open (lanes.only.breaker)"))
    #expect(reason.hasSuffix("; the fallback failed too: no memory is left"))
  }

  @Test func aPausedLaneLosesNothingAndRepeatsNothing() async throws {
    let lane = "only: {model: gated, max_batch_size: 2, retry: {max_attempts: 1}, breaker: {failure_threshold: 1, open_for: 100ms}}"
    let fixture = try LaneFixture(lanes: lane, partitions: 2)
    defer { fixture.close() }
    fixture.gate.fail(Self.many)
    try fixture.feed(1, text: "{")
    try fixture.feed(49)
    try fixture.feed(50, partition: 1)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("probes that fail") { pipeline.snapshot(of: "only")[.circuitOpenings] >= 4 }
    #expect(pipeline.snapshot(of: "only").predicted == 0)
    try fixture.feed(20)
    fixture.gate.fail(0)
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted == 119 }
    pipeline.stop()
    try await end.value
    #expect(pipeline.snapshot(of: "only").consumed == 120)
    #expect(try fixture.sources(partitions: 2) == (LaneFixture.places(1..<70) + LaneFixture.places(0..<50, partition: 1)).sorted())
    #expect(try fixture.sources("events.dlq", partitions: 2) == ["events/0/0"])
    #expect(try fixture.committed("only") == 70)
    #expect(try fixture.committed("only", partition: 1) == 50)
  }

  @Test func whatWasPolledWhenTheCircuitOpensIsReadOnceAndInFull() async throws {
    let lane = "only: {model: gated, max_batch_size: 2, retry: {max_attempts: 1}, breaker: {failure_threshold: 1, open_for: 20ms}}"
    let fixture = try LaneFixture(lanes: lane, partitions: 2)
    defer { fixture.close() }
    for partition in [0, 1] as [Int32] { try fixture.feed(5_000, partition: partition) }
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    for opening in 1...5 {
      try await fixture.wait("records") {
        pipeline.snapshot(of: "only").predicted >= opening * 400 && pipeline.snapshot(of: "only").circuit == .closed
      }
      fixture.gate.fail(1)
      try await fixture.wait("opening \(opening)") { pipeline.snapshot(of: "only")[.circuitOpenings] == opening }
    }
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted == 10_000 }
    pipeline.stop()
    try await end.value
    #expect(fixture.log.count("the lane goes on") == 5)
    #expect(fixture.log.count("the lane goes on records=0") < 5, "some had more in the buffer than the batch")
    #expect(pipeline.snapshot(of: "only").consumed == 10_000)
    let all = (LaneFixture.places(0..<5_000) + LaneFixture.places(0..<5_000, partition: 1)).sorted()
    #expect(try fixture.sources(partitions: 2) == all)
  }

  @Test func aPausedLaneThatIsStoppedCommitsNothingThatItHoldsAndTheNextOneReadsIt() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: gated, max_batch_size: 4, \(Self.breaker)}}")
    defer { fixture.close() }
    let pipeline = try fixture.pipeline(stallTimeout: .milliseconds(200))
    let end = Task { try await pipeline.run() }
    try fixture.feed(3)
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted == 3 }
    fixture.gate.fail(Self.many)
    try fixture.feed(10)
    try await fixture.wait("an open circuit") { pipeline.snapshot(of: "only").circuit == .open }
    // On a slow machine the worker seems to stand still before it does.
    try await fixture.wait("a stall for the circuit") {
      pipeline.status(of: "only")?.stalls.first.map { "\($0.reason)".hasPrefix("paused: the circuit is open (lanes.only.breaker)") } == true
    }
    #expect(pipeline.status(of: "only")?.isReady == false)
    pipeline.stop()
    try await end.value
    #expect(try fixture.committed("only") == 3)
    #expect(pipeline.snapshot(of: "only").deadLettered == 0)
    #expect(fixture.log.count("records that waited for the model are left") == 1)
    fixture.gate.fail(0)
    let next = try fixture.pipeline()
    let nextEnd = Task { try await next.run() }
    try await fixture.wait("the rest") { next.snapshot(of: "only").predicted == 10 }
    next.stop()
    try await nextEnd.value
    #expect(try fixture.sources() == LaneFixture.places(0..<13))
  }

  @Test func underExactlyOnceTheTransactionIsAbortedAndReadAgain() async throws {
    let fixture = try LaneFixture(
      lanes: """
        only: {model: gated, max_batch_size: 4, delivery: exactly_once, transaction_interval: 20ms, retry: {max_attempts: 1},
          breaker: {failure_threshold: 1, open_for: 10ms}}
        """)
    defer { fixture.close() }
    // More than the aborts that end a lane.
    fixture.gate.fail(15)
    try fixture.feed(30)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted >= 30 }
    try fixture.feed(5)
    try await fixture.wait("more predictions") { pipeline.snapshot(of: "only").predicted >= 35 }
    pipeline.stop()
    try await end.value
    #expect(pipeline.snapshot(of: "only")[.circuitOpenings] == 15)
    #expect(pipeline.snapshot(of: "only").deadLettered == 0)
    #expect(Set(try fixture.sources()) == Set(LaneFixture.places(0..<35)))
  }

  @Test(arguments: ["at_least_once", "exactly_once"]) func aDrainWaitsForTheProbeThatSucceeds(delivery: String) async throws {
    let lane = "only: {model: gated, max_batch_size: 3, delivery: \(delivery), retry: {max_attempts: 1}"
    let fixture = try LaneFixture(lanes: "\(lane), breaker: {failure_threshold: 1, open_for: 100ms}}")
    defer { fixture.close() }
    fixture.gate.fail(4)
    try fixture.feed(20)
    let pipeline = try fixture.pipeline(untilDrained: true)
    try await pipeline.run()
    #expect(pipeline.snapshot(of: "only")[.circuitOpenings] == 4)
    #expect(Set(try fixture.sources()) == Set(LaneFixture.places(0..<20)))
  }

  @Test func aPartitionThatGoesWhileTheLaneWaitsIsReadByItsNextOwner() async throws {
    let lane = "only: {model: gated, max_batch_size: 4, retry: {max_attempts: 1}, breaker: {failure_threshold: 1, open_for: 200ms}}"
    let fixture = try LaneFixture(lanes: lane, kafka: ", session.timeout.ms: 6000", partitions: 2)
    defer { fixture.close() }
    fixture.gate.fail(Self.many)
    for partition in [0, 1] as [Int32] { try fixture.feed(20, partition: partition) }
    let first = try fixture.pipeline()
    let firstEnd = Task { try await first.run() }
    try await fixture.wait("an open circuit") { first.snapshot(of: "only").circuit == .open }
    let second = try fixture.pipeline()
    let secondEnd = Task { try await second.run() }
    try await fixture.wait("a partition each") {
      [first, second].allSatisfy { $0.status(of: "only")?.partitions.count == 1 }
    }
    fixture.gate.fail(0)
    let all = Set(LaneFixture.places(0..<20) + LaneFixture.places(0..<20, partition: 1))
    try await fixture.wait("all of them") { first.snapshot(of: "only").predicted + second.snapshot(of: "only").predicted >= all.count }
    first.stop()
    second.stop()
    try await firstEnd.value
    try await secondEnd.value
    #expect(Set(try fixture.sources(partitions: 2)) == all)
  }

  @Test func aStopEndsAPauseBetweenAttemptsAndTheBatchIsReadAgain() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: gated, retry: {interval: 60s, cap: 60s, max_attempts: 3}}")
    defer { fixture.close() }
    fixture.gate.fail(Self.many)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try fixture.feed(3)
    try await fixture.wait("a retry") { pipeline.snapshot(of: "only")[.retries] == 1 }
    pipeline.stop()
    try await end.value
    #expect(pipeline.snapshot(of: "only").deadLettered == 0)
    #expect(try fixture.committed("only") < 0)
  }

  @Test func lateRecordsMayGoToTheFallback() async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: gated, deadline: 1h, on_deadline: fallback, fallback: {outputs: {total: 0}}}")
    defer { fixture.close() }
    try fixture.feed(2, timestampMs: MonotonicTime.wallClockMs - 7_200_000)
    try fixture.feed(3)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted == 5 }
    pipeline.stop()
    try await end.value
    #expect(pipeline.snapshot(of: "only").missedDeadlines == 2)
    #expect(try fixture.outputs().filter { $0.value.contains("degraded") }.map(\.source).sorted() == LaneFixture.places(0..<2))
  }

  @Test(arguments: ["dead_letter", "publish"]) func anInfinitePredictionIsADeadLetterOrNull(policy: String) async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums, on_invalid_prediction: \(policy)}")
    defer { fixture.close() }
    try fixture.feed(1, text: #"{"a": 3e38, "b": 3e38, "c": 0}"#)
    try fixture.feed(1)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("outputs") {
      pipeline.snapshot(of: "only").predicted + pipeline.snapshot(of: "only").deadLettered == 2
    }
    pipeline.stop()
    try await end.value
    if policy == "publish" {
      #expect(try fixture.outputs().contains { $0.source == "events/0/0" && $0.value.contains(#""total":null,"#) })
    } else {
      #expect(try fixture.outputs("events.dlq").map(\.reason) == ["output 'total' of the model is NaN or infinite"])
    }
  }
}
