import Foundation
import ModelRuntime
import Testing

@testable import Millrace

/// A lane's model is looked up before each batch.
@Suite(.serialized) struct ModelSlotTests {
  @Test(.timeLimit(.minutes(1)), arguments: ["at_least_once", "exactly_once"])
  func eachRecordIsScoredByOneVersionAndVersionsOnlyGoForward(_ delivery: String) async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: sums, max_batch_size: 16, max_delay: 2ms, commit_interval: 50ms, delivery: \(delivery)}")
    defer { fixture.close() }
    let pipeline = try fixture.pipeline()
    let lane = pipeline.lanes[0]
    let first = lane.model.version
    let running = Task { try await pipeline.run() }
    try fixture.feed(200)
    try await fixture.wait("the first version has answered") { pipeline.snapshot(of: "only").predicted == 200 }
    lane.slot.replace(with: try fixture.binding(of: "backup"))
    #expect(lane.model.version == "b")
    try fixture.feed(200)
    try await fixture.wait("the second version has answered") { pipeline.snapshot(of: "only").predicted == 400 }
    #expect(pipeline.snapshot(of: "only")[.modelChanges] == 1)
    pipeline.stop()
    try await running.value

    let versions = try fixture.outputs().map { output -> (offset: Int, version: String) in
      let json = try #require(try JSONSerialization.jsonObject(with: Data(output.value.utf8)) as? [String: Any])
      let offset = try #require(Int(output.source.split(separator: "/")[2]))
      let total = try #require(json["total"] as? Double)
      #expect(total == Double(offset) + 3, "whichever version answers, it is fed this record's row")
      return (offset, try #require(json["version"] as? String))
    }.sorted { $0.offset < $1.offset }
    #expect(versions.map(\.offset) == Array(0..<400))
    #expect(versions.map(\.version) == Array(repeating: first, count: 200) + Array(repeating: "b", count: 200))
  }

  @Test(.timeLimit(.minutes(1))) func aModelThatMakesNoSessionLeavesTheOldOneInItsPlace() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums}")
    defer { fixture.close() }
    let pipeline = try fixture.pipeline()
    let lane = pipeline.lanes[0]
    let first = lane.model.version
    let running = Task { try await pipeline.run() }
    try fixture.feed(5)
    try await fixture.wait("the first has answered") { pipeline.snapshot(of: "only").predicted == 5 }
    var broken = try fixture.binding(of: "backup")
    broken.model = UnusableModel(broken.model)
    lane.slot.replace(with: broken)
    try fixture.feed(5)
    try await fixture.wait("it answers on") { pipeline.snapshot(of: "only").predicted == 10 }
    #expect(pipeline.snapshot(of: "only")[.modelChanges] == 0)
    let errors = pipeline.status(of: "only")?.errors.map(\.message) ?? []
    pipeline.stop()
    try await running.value
    #expect(try fixture.outputs().allSatisfy { $0.value.contains("\"version\":\"\(first)\"") })
    #expect(errors.contains { $0.contains("the model can't be taken over, and the one before it answers on: no room for it") })
  }
}

/// A model of which no session can be made.
private final class UnusableModel: Model {
  let name: String
  let version: String
  let signature: ModelSignature

  init(_ model: any Model) { (name, version, signature) = (model.name, model.version, model.signature) }

  func makeSession(inputs: InputTensors, outputs: [Int]) throws(ModelError) -> any ModelSession {
    throw ModelError(.load, "no room for it")
  }
}
