import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct DecodingProgramTests {
  private func refusal(_ body: () throws -> DecodingProgram) -> String {
    do {
      _ = try body()
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  private func table(_ plan: inout FieldPlan, _ condition: String? = nil) throws -> RouteTable {
    let routes = try condition.map { [Route(lane: 0, when: try Expression($0, fields: &plan))] } ?? []
    return try RouteTable(laneNames: ["only"], routes: routes + [Route(lane: 0)])
  }

  @Test func `routes and all the rest have to share their slots`() throws {
    var routeFields = FieldPlan()
    let routes = try table(&routeFields, "event.a > 1")
    var otherFields = FieldPlan()
    _ = try Expression("event.b", fields: &otherFields)
    _ = try Expression("event.a", fields: &otherFields)
    #expect(
      refusal { try DecodingProgram(routes: routes, features: [], routeFields: routeFields, allFields: otherFields) }
        == "the routes have to be compiled before everything else, with the same plan")
  }

  @Test func `with format tensor nothing reads the event but its vectors`() throws {
    var plan = FieldPlan()
    let whole = try Expression("event", fields: &plan)
    let part = try Expression("event.a", fields: &plan)
    let key = try Expression("key", fields: &plan)
    let vector = FeatureVector(length: 4)
    func refusal(_ features: [FeatureDefinition], id: Expression? = nil) throws -> String {
      let routes = try table(&plan)
      return self.refusal {
        try DecodingProgram(format: .tensor, routes: routes, features: features, id: id, routeFields: FieldPlan(), allFields: plan)
      }
    }
    #expect(try refusal([FeatureDefinition(name: "x", expression: whole, vector: vector)], id: key) == "accepted")
    #expect(
      try refusal([FeatureDefinition(name: "x", expression: part)])
        == "feature 'x': with format tensor the payload is read whole, as {vector: event, length: N}")
    #expect(
      try refusal([FeatureDefinition(name: "x", expression: whole, missing: .nan, vector: vector)])
        == "feature 'x': nothing of a tensor can be missing")
    #expect(try refusal([], id: part) == "'event.a' reads the event, and with format tensor there is none: use headers or key")
  }
}
