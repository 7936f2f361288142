import KafkaClient
import Testing

@testable import Millrace

/// What holds for a replay's own lane holds for the lanes that it takes along.
@Suite(.serialized) struct ReplayStageTests {

  @Test(.timeLimit(.minutes(1)), arguments: ["quick", "rest"])
  func limitsOnDeadLettersEndAReplayWhicheverLaneTheyAreOf(_ lane: String) async throws {
    let fixture = try ReplayFixture(deadLetter: ", max_consecutive: 3")
    defer { fixture.close() }
    // No feature of `quick` or of `rest` can be read of these.
    try fixture.feed((0..<20).map { "{\"n\": \($0 * 4 + (lane == "quick" ? 0 : 1)), \"b\": \"none\", \"c\": \"none\"}" })
    let replay = try fixture.plan(try fixture.settings("limits"))
    let error = await #expect(throws: LaneFault.self) { try await fixture.run(replay.makePipeline()) }
    #expect(error?.lane == lane)
    #expect(error?.message.contains("3 records in a row became dead letters (max_consecutive) at stage decode") == true)
  }

  @Test(.timeLimit(.minutes(1))) func scoresAndWaitingTimesAreCountedForEachLane() async throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    try fixture.feed(40)
    let replay = try fixture.plan(try fixture.settings("figures"))
    try await fixture.run(replay.makePipeline())
    let others = replay.session.snapshots()
    let quick = try #require(others["quick"])
    #expect(quick.predicted > 0)
    #expect(quick.scores.counts.reduce(0, +) == quick.predicted)
    #expect(quick.waiting.count == quick.predicted)
  }

  @Test(.timeLimit(.minutes(1))) func anOperatorsPauseHoldsAPacedReplayToo() async throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    // Timestamps are 100 ms apart, so at this speed there is a record for each partition every five milliseconds.
    try fixture.feed(400)
    let replay = try fixture.plan(try fixture.settings("paced") { $0.pace = .original(speed: 20) })
    let pipeline = replay.makePipeline()
    let pausing = Task {
      while pipeline.snapshot(of: "rest").consumed < 60 { try await Task.sleep(for: .milliseconds(5)) }
      pipeline.setPaused(true, lane: "rest")
      defer { pipeline.setPaused(false, lane: "rest") }
      // What was polled before is handled; then nothing is, although each partition's queue has run empty by then.
      var (last, since) = (0, MonotonicTime.now)
      while MonotonicTime.now - since < .milliseconds(700) {
        try await Task.sleep(for: .milliseconds(20))
        let now = pipeline.snapshot(of: "rest").consumed
        if now != last { (last, since) = (now, .now) }
        if now >= 1200 { return false }
      }
      return true
    }
    try await fixture.run(pipeline)
    #expect(try await pausing.value, "the replay went on to its end while it was paused")
    #expect(replay.report(pipeline).replay.finished)
    #expect(try fixture.outputs("predictions.replay.paced").values.allSatisfy { $0.count == 1 })
  }
}
