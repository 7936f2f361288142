import KafkaClient
import Testing

@testable import Millrace

/// What becomes of work in flight when partitions go.
@Suite struct RebalanceTests {
  @Test(.timeLimit(.minutes(1))) func aModelThatTookTooLongCostsAWorkerItsPartitionsAndNoMore() async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: gated, commit_interval: 1h}", kafka: ", session.timeout.ms: 6000, max.poll.interval.ms: 6000")
    defer { fixture.close() }
    fixture.gate.shut()
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try fixture.feed(3)
    try await fixture.wait("a run of the model") { fixture.gate.runsHeld > 0 }
    // librdkafka says so, and leaves the group. The worker finds both in its next poll: an error of no partition, then the loss.
    try await fixture.wait("the end of librdkafka's patience") { fixture.log.count("MAXPOLL") > 0 }
    fixture.gate.open()
    try await fixture.wait("the loss") { fixture.log.count("partitions lost") > 0 }
    // They are another member's to commit, and so it is not even tried.
    #expect(try fixture.committed("only") < 0)
    #expect(fixture.log.count("commit failed") == 0)
    pipeline.stop()
    try await end.value
    #expect(fixture.log.count("lane failed") == 0)
  }

  /// A worker that does not poll in time leaves its group: what the mock cluster does not always show is shown here.
  @Test(
    .enabled(if: ReplayFixture.realBrokers != nil, "MILLRACE_TEST_BROKERS names no cluster"), .timeLimit(.minutes(1)),
    arguments: ["at_least_once", "exactly_once"])
  func aWorkerThatWasTooSlowForItsGroupReadsItsPartitionsAgain(_ delivery: String) async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: gated, commit_interval: 50ms, delivery: \(delivery)}",
      kafka: ", session.timeout.ms: 6000, max.poll.interval.ms: 6000", partitions: 2, realBrokers: ReplayFixture.realBrokers)
    defer { fixture.close() }
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try fixture.feed(3)
    try await fixture.wait("a commit") { (try? fixture.committed("only")) == 3 }
    fixture.gate.shut()
    try fixture.feed(3)
    try fixture.feed(4, partition: 1)
    try await fixture.wait("a run of the model") { fixture.gate.runsHeld > 0 }
    // Another member gets the partitions, and goes again without having scored anything.
    let other = try KafkaConsumer(
      fixture.properties([
        "group.id": fixture.real("fixture.only"), "partition.assignment.strategy": "cooperative-sticky", "session.timeout.ms": "6000",
      ]))
    try other.subscribe(to: [fixture.real("events")])
    withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: 100) { buffer in
      while other.assignment.count < 2 { for record in buffer[..<other.poll(into: buffer, timeoutMs: 50)] { record.destroy() } }
    }
    #expect(try fixture.committed("only") == 3)
    fixture.gate.open()
    try await fixture.wait("the loss") { fixture.log.count("partitions lost") > 0 }
    other.close()
    try await fixture.wait("commits") {
      (try? fixture.committed("only")) == 6 && (try? fixture.committed("only", partition: 1)) == 4
    }
    #expect(pipeline.health[0].isAssigned)
    pipeline.stop()
    try await end.value
    let sources = try fixture.sources(partitions: 2)
    let all = LaneFixture.places(0..<6) + LaneFixture.places(0..<4, partition: 1)
    #expect(Set(sources) == Set(all))
    if delivery == "exactly_once" { #expect(sources == all.sorted()) }
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["at_least_once", "exactly_once"])
  func aPartitionThatGoesIsDrainedFirstAndItsNextOwnerRepeatsNothing(_ delivery: String) async throws {
    let lane = "only: {model: sums, max_batch_size: 100, max_delay: 60s, batching: full, commit_interval: 1h, transaction_interval: 60s"
    let fixture = try LaneFixture(
      lanes: "\(lane), delivery: \(delivery)}", kafka: ", session.timeout.ms: 6000", partitions: 2,
      // The mock forgets the offsets of transactions.
      realBrokers: delivery == "exactly_once" ? ReplayFixture.realBrokers : nil)
    defer { fixture.close() }
    if delivery == "exactly_once", ReplayFixture.realBrokers == nil { return }
    let first = try fixture.pipeline()
    let firstEnd = Task { try await first.run() }
    for partition in [0, 1] as [Int32] { try fixture.feed(3, partition: partition) }
    try await fixture.wait("records") { first.snapshot(of: "only").consumed == 6 }
    #expect(first.snapshot(of: "only").predicted == 0, "they wait in an open batch")
    let second = try fixture.pipeline()
    let secondEnd = Task { try await second.run() }
    try await fixture.wait("a partition each") {
      [first, second].allSatisfy { $0.health[0].isAssigned && $0.health[0].partitions == 1 }
    }
    first.stop()
    second.stop()
    try await firstEnd.value
    try await secondEnd.value
    #expect(second.snapshot(of: "only").consumed == 0)
    #expect(try fixture.sources(partitions: 2) == LaneFixture.places(0..<3) + LaneFixture.places(0..<3, partition: 1))
  }

  @Test(.timeLimit(.minutes(1))) func aPartitionThatCannotBeDrainedInTimeGoesAndTheWorkerStays() async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: gated, commit_interval: 50ms, drain_timeout: 300ms}", kafka: ", session.timeout.ms: 6000", partitions: 2)
    defer { fixture.close() }
    fixture.gate.shut()
    let first = try fixture.pipeline()
    let firstEnd = Task { try await first.run() }
    try fixture.feed(4, partition: 0)
    try fixture.feed(4, partition: 1)
    try await fixture.wait("a run of the model") { fixture.gate.runsHeld > 0 }
    fixture.mock.pushRequestErrors(.produce, Array(repeating: .requestTimedOut, count: 10_000))
    fixture.gate.open()
    let second = try fixture.pipeline()
    let secondEnd = Task { try await second.run() }
    try await fixture.wait("a partition given up") { fixture.log.count("given up before they are drained") > 0 }
    fixture.mock.clearRequestErrors(.produce)
    try await fixture.wait("an assignment of the second") { second.health[0].isAssigned && second.health[0].partitions == 1 }
    try await fixture.wait("commits") {
      (try? fixture.committed("only", partition: 0)) == 4 && (try? fixture.committed("only", partition: 1)) == 4
    }
    #expect(fixture.log.count("lane failed") == 0)
    first.stop()
    second.stop()
    try await firstEnd.value
    try await secondEnd.value
  }

  @Test(.timeLimit(.minutes(1))) func staticWorkersOfALaneDoNotFenceEachOther() async throws {
    let lanes = "only: {model: sums, commit_interval: 50ms, workers: 2}"
    let fixture = try LaneFixture(lanes: lanes, kafka: ", group.instance.id: node, session.timeout.ms: 6000", partitions: 2)
    defer { fixture.close() }
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("assignments") { pipeline.health[0].isAssigned && pipeline.health[0].partitions == 2 }
    // Each worker is a member under a name of its own: with one name for both, one would fence the other.
    try fixture.feed(5, partition: 0)
    try fixture.feed(5, partition: 1)
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted == 10 }
    #expect(fixture.log.count("lane failed") == 0)
    pipeline.stop()
    try await end.value
    #expect(try fixture.committed("only", partition: 0) == 5)
    #expect(try fixture.committed("only", partition: 1) == 5)
  }

  /// librdkafka keeps the pause of a partition that goes: it has to be resumed before, or it would come back paused for ever.
  @Test(.timeLimit(.minutes(2))) func aPartitionThatWentWhileTheLaneWasPausedIsReadWhenItComesBack() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums, commit_interval: 50ms}", kafka: ", session.timeout.ms: 6000", partitions: 2)
    defer { fixture.close() }
    let first = try fixture.pipeline()
    let firstEnd = Task { try await first.run() }
    try await fixture.wait("the first has both") { first.health[0].partitions == 2 }
    first.setPaused(true, lane: "only")
    let second = try fixture.pipeline()
    let secondEnd = Task { try await second.run() }
    try await fixture.wait("each has one") { [first, second].allSatisfy { $0.health[0].isAssigned && $0.health[0].partitions == 1 } }
    first.setPaused(false, lane: "only")
    second.stop()
    try await secondEnd.value
    try await fixture.wait("the first has both again") { first.health[0].partitions == 2 }
    for partition in [0, 1] as [Int32] { try fixture.feed(3, partition: partition) }
    try await fixture.wait("both are read") { first.snapshot(of: "only").predicted + second.snapshot(of: "only").predicted == 6 }
    first.stop()
    try await firstEnd.value
  }
}
