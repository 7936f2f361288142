import KafkaClient
import Testing

@testable import Millrace

/// A lane that the brokers refuse. No mock cluster does, so its worker is told what a consumer would be.
@Suite struct RefusedLaneTests {
  private static let refusal = KafkaError(.authentication, reason: "SASL authentication error: Authentication failed", context: "consumer")

  @Test(.timeLimit(.minutes(1)), arguments: [false, true])
  func aRefusalEndsALaneThatHasNeverReadAndNoOther(_ wasAssigned: Bool) async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums}")
    defer { fixture.close() }
    let lane = try #require(try fixture.pipeline().lanes.first)
    let statistics = WorkerStatistics()
    let control = try WorkerControl(
      drain: nil, replay: nil, departure: LaneDeparture(workers: 1), measuresPhases: false, tracer: nil, wallClockMs: { 0 })
    let worker = try Worker(lane, index: 0, control: control, statistics: statistics, log: fixture.log.logger)
    // Closes the clients.
    defer {
      control.stop()
      try? worker.run()
    }
    if wasAssigned { statistics.add(1, to: .rebalances) }
    worker.consumerError(Self.refusal, nil)
    if wasAssigned {
      // A password that changes everywhere, though not at once: the lane goes on when it fits again.
      #expect(worker.fault == nil)
    } else {
      let message = try #require(worker.fault?.message)
      #expect(message.hasPrefix("can't read: consumer: SASL authentication error") && message.contains("check sasl.username"), "\(message)")
    }
  }

  @Test func thatAllBrokersAreDownDoesNotHideWhy() {
    var state = WorkerPulse.State()
    state.note(readError: KafkaError(.unknownTopicOrPartition, context: "consuming a/0"))
    state.note(readError: KafkaError(.allBrokersDown, reason: "1/1 brokers are down", context: "consumer"))
    #expect(state.readError?.contains("brokers are down") == true && !state.isConnected)
    state.note(readError: Self.refusal)
    state.note(readError: KafkaError(.allBrokersDown, reason: "1/1 brokers are down", context: "consumer"))
    #expect(state.readError?.contains("Authentication failed") == true, "\(state.readError as Any)")
  }
}
