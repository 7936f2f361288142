import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct RouteTableTests {
  private func route(_ conditions: [String], _ payload: String?, key: String? = nil) throws -> Routing {
    var plan = FieldPlan()
    let routes = try conditions.enumerated().map { Route(lane: $0 + 1, when: try Expression($1, fields: &plan, expecting: .bool)) }
    let table = try RouteTable(laneNames: (0...conditions.count).map { "lane \($0)" }, routes: routes + [Route(lane: 0)])
    let program = try DecodingProgram(routes: table, features: [], routeFields: plan, allFields: plan)
    let decoder = try EventDecoder(program, lane: 0)
    return DecoderRig.lend(payload.map { Array($0.utf8) }) { payload in
      DecoderRig.lend(key.map { Array($0.utf8) }) { decoder.route(RecordView(value: payload, key: $0)) }
    }
  }

  @Test func `the first rule that matches decides`() throws {
    let conditions = ["event.a > 2", "event.a > 1", "event.a > 0"]
    #expect(try route(conditions, #"{"a":3}"#) == Routing(lane: 1, rule: 0, failedRules: 0))
    #expect(try route(conditions, #"{"a":2}"#) == Routing(lane: 2, rule: 1, failedRules: 0))
    #expect(try route(conditions, #"{"a":1}"#) == Routing(lane: 3, rule: 2, failedRules: 0))
    #expect(try route(conditions, #"{"a":0}"#) == Routing(lane: 0, rule: 3, failedRules: 0))
  }

  @Test func `a rule that fails does not match, and is counted`() throws {
    let conditions = ["event.missing == 1", "event.a.startsWith('x')", "event.a > 0"]
    #expect(try route(conditions, #"{"a":1}"#) == Routing(lane: 3, rule: 2, failedRules: 2))
    #expect(try route(conditions, #"{"a":"x"}"#) == Routing(lane: 2, rule: 1, failedRules: 1))
  }

  @Test(arguments: [nil, "", " ", "not JSON", "[1", "{\"a\":1", "\u{FEFF}{\"a\":1}"] as [String?])
  func `a payload that is no event is routed by what does not read it`(payload: String?) throws {
    let conditions = ["event.a == 1", "has(event.a)", "key == 'k' || event.a == 1"]
    #expect(try route(conditions, payload, key: "k") == Routing(lane: 3, rule: 2, failedRules: 2))
    #expect(try route(conditions, payload) == Routing(lane: 0, rule: 3, failedRules: 3))
  }

  @Test func `a table without a rule for every record is refused`() throws {
    var plan = FieldPlan()
    let condition = try Expression("event.a > 0", fields: &plan)
    let open = #expect(throws: DecodingProgramError.self) {
      try RouteTable(laneNames: ["a"], routes: [Route(lane: 0, when: condition)])
    }
    #expect(open?.kind == .openRoutes)
    #expect(open?.description == "the last route has to match every record: leave out its condition")
    #expect(throws: DecodingProgramError.self) { try RouteTable(laneNames: ["a"], routes: []) }
    let lost = #expect(throws: DecodingProgramError.self) {
      try RouteTable(laneNames: ["a"], routes: [Route(lane: 0, when: condition), Route(lane: 1)])
    }
    #expect(lost?.kind == .noSuchLane(route: 1, lane: 1, lanes: 1))
    #expect(lost?.description == "route 2 leads to lane 1, and there are 1")
  }
}
