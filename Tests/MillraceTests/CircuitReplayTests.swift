import ModelRuntime
import Testing

@testable import Millrace

/// Replays whose model is down.
@Suite struct CircuitReplayTests {
  /// The replay's own lane is the one of `doubles`; the other is its guest.
  @Test(.timeLimit(.minutes(1)), arguments: ["doubles", "sums"]) func aReplayEndsWhereALaneWouldWaitAndGoesOnLater(model: String)
    async throws
  {
    let fixture = try ReplayFixture(delivery: "at_least_once, retry: {max_attempts: 1}, breaker: {failure_threshold: 1}")
    defer { fixture.close() }
    try fixture.feed(40)
    let gate = ModelGate()
    gate.fail(1_000_000)
    let settings = try fixture.settings("down")
    let down = try Replay(fixture.configuration, settings, start: .resume, log: fixture.log.logger) {
      $0.name == model ? GatedModel($0, gate) : $0
    }
    do {
      try await down.makePipeline().run()
      Issue.record("it went on")
    } catch let fault as LaneFault {
      #expect(fault.message.contains("Start the replay again"), "\(fault)")
    }
    let report = try await fixture.replay(settings)
    #expect(report.replay.finished)
    let outputs = try fixture.outputs("predictions.replay.down").merging(fixture.outputs("events.dlq.replay.down")) { $0 + $1 }
    #expect(outputs.count == 120)
  }
}
