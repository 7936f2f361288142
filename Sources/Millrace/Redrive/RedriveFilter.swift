import CEL
import EventDecoding
import KafkaClient

/// The compiled expression that chooses letters: a route of two lanes, one of which is moved. Immutable; `Matcher` is one thread's.
struct RedriveFilter: Sendable {
  private let program: DecodingProgram

  /// Compiles an expression.
  /// - Throws: `ExpressionError` with the place in the source.
  init(_ source: String) throws {
    var fields = FieldPlan()
    let condition = try Expression(source, fields: &fields, expecting: .bool)
    let routes = try RouteTable(laneNames: ["left", "moved"], routes: [Route(lane: 1, when: condition), Route(lane: 0, when: nil)])
    program = try DecodingProgram(routes: routes, features: [], routeFields: fields, allFields: fields)
  }

  struct Matcher {
    private let decoder: EventDecoder

    init(_ filter: RedriveFilter) throws { decoder = try EventDecoder(filter.program, lane: 1) }

    /// Whether a letter is chosen. An expression that fails on it does not match it.
    func matches(_ letter: KafkaRecord) -> (isMatch: Bool, hasFailed: Bool) {
      let routing = decoder.route(letter.view)
      return (routing.lane == 1, routing.failedRules > 0)
    }
  }
}
