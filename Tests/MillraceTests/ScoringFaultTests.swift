import ModelRuntime
import Testing

@testable import Millrace

/// Faults of the model that pass, records that are too late, and dead letters without end: by whole lanes on a mock cluster.
@Suite struct ScoringFaultTests {
  @Test(.timeLimit(.minutes(1))) func aFaultThatPassesCostsNoRecord() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: gated, retry: {interval: 1ms, max_attempts: 3}}")
    defer { fixture.close() }
    fixture.gate.fail(2)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try fixture.feed(5)
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted == 5 }
    pipeline.stop()
    try await end.value
    #expect(pipeline.snapshot(of: "only").deadLettered == 0)
    #expect(pipeline.snapshot(of: "only")[.retries] == 2)
    #expect(try fixture.committed("only") == 5)
  }

  @Test(.timeLimit(.minutes(1))) func whenTheLastAttemptFailsTheRecordIsADeadLetterAndTheLaneGoesOn() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: gated, retry: {interval: 1ms, max_attempts: 2}}")
    defer { fixture.close() }
    fixture.gate.fail(2)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try fixture.feed(1)
    try await fixture.wait("a dead letter") { pipeline.snapshot(of: "only").deadLettered == 1 }
    try fixture.feed(3)
    try await fixture.wait("predictions") { pipeline.snapshot(of: "only").predicted == 3 }
    pipeline.stop()
    try await end.value
    #expect(try fixture.committed("only") == 4)
  }

  /// It kept them while it was probed. No record is told another's prediction, and none is blamed.
  @Test(.timeLimit(.minutes(1))) func aModelThatLosesItsRowsEndsTheLane() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums}")
    defer { fixture.close() }
    try fixture.feed(16)
    let pipeline = try fixture.pipeline(wrap: { SurplusModel($0) })
    do {
      try await pipeline.run()
      Issue.record("the lane went on")
    } catch let fault as LaneFault {
      #expect(fault.message.contains("model 'sums' failed: output 'sum' came back with "), "\(fault)")
    }
    #expect(pipeline.snapshot(of: "only").predicted == 0 && pipeline.snapshot(of: "only").deadLettered == 0)
    #expect(try fixture.committed("only") <= 0)
  }

  @Test(.timeLimit(.minutes(1))) func tooManyDeadLettersInARowStopTheLane() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums}", deadLetter: ", max_consecutive: 3")
    defer { fixture.close() }
    try fixture.feed(2, text: "{")
    try fixture.feed(1)
    try fixture.feed(5, text: "{")
    let pipeline = try fixture.pipeline()
    do {
      try await pipeline.run()
      Issue.record("the lane went on")
    } catch let fault as LaneFault {
      #expect(
        fault.message.contains("3 records in a row became dead letters (max_consecutive) at stage decode, the last of them events/0/5:"),
        "\(fault)")
    }
    #expect(try fixture.committed("only") <= 6)
  }

  @Test(.timeLimit(.minutes(1))) func whatIsTooLateToBeScoredIsADeadLetterWhereTheLaneWantsThat() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums, deadline: 1h, on_deadline: dead_letter}", deadLetter: ", max_consecutive: 3")
    defer { fixture.close() }
    let old = MonotonicTime.wallClockMs - 7_200_000
    try fixture.feed(2, timestampMs: old)
    try fixture.feed(3)
    try fixture.feed(1, timestampMs: old)
    let pipeline = try fixture.pipeline()
    let end = Task { try await pipeline.run() }
    try await fixture.wait("all outputs") {
      pipeline.snapshot(of: "only").predicted == 3 && pipeline.snapshot(of: "only").deadLettered == 3
    }
    pipeline.stop()
    try await end.value
    #expect(pipeline.snapshot(of: "only").missedDeadlines == 3)
    #expect(pipeline.snapshot(of: "only")[.deadLetteredDeadline] == 3)
  }
}

/// A model whose outputs have a row too many.
private final class SurplusModel: Model {
  let name: String
  let version: String
  let signature: ModelSignature
  private let model: any Model

  init(_ model: any Model) { (name, version, signature, self.model) = (model.name, model.version, model.signature, model) }

  func makeSession(inputs: InputTensors, outputs: [Int]) throws(ModelError) -> any ModelSession {
    SurplusSession(try model.makeSession(inputs: inputs, outputs: outputs))
  }
}

private final class SurplusSession: ModelSession {
  private let session: any ModelSession

  init(_ session: any ModelSession) { self.session = session }

  func run(rows: Range<Int>) throws(ModelError) { try session.run(rows: rows) }

  func output(_ index: Int) -> OutputTensor {
    let tensor = session.output(index)
    return OutputTensor(
      elementType: tensor.elementType, rows: tensor.rows + 1, elementsPerRow: tensor.elementsPerRow, elements: tensor.elements)
  }
}
