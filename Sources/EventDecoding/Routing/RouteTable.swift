/// The rules that give each record exactly one lane. The first that matches decides; the last one matches always.
public struct RouteTable: Sendable {
  /// By number.
  public let laneNames: [String]
  public let routes: [Route]

  public init(laneNames: [String], routes: [Route]) throws(DecodingProgramError) {
    guard let last = routes.last, last.when == nil else {
      throw DecodingProgramError("the last route has to match every record: leave out its condition")
    }
    for (rule, route) in routes.enumerated() {
      guard laneNames.indices.contains(route.lane) else {
        throw DecodingProgramError("route \(rule + 1) leads to lane \(route.lane), and there are \(laneNames.count)")
      }
    }
    self.laneNames = laneNames
    self.routes = routes
  }

  /// Whether a rule reads the event, so that the payload has to be looked at.
  public var usesEvent: Bool { routes.contains { $0.when?.usesEvent ?? false } }

  /// A pure function of the context.
  public func route(_ context: borrowing EvaluationContext) -> Routing {
    var failedRules = 0
    for rule in routes.indices {
      guard let condition = routes[rule].when else { return Routing(lane: routes[rule].lane, rule: rule, failedRules: failedRules) }
      switch condition.evaluateBool(context) {
      case .yes: return Routing(lane: routes[rule].lane, rule: rule, failedRules: failedRules)
      case .no: continue
      case .fault: failedRules += 1
      }
    }
    preconditionFailure("the last route matches every record")
  }
}
