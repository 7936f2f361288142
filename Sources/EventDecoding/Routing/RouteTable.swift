import CEL

/// The rules that give each record exactly one lane. The first that matches decides; the last one matches always.
package struct RouteTable: Sendable {
  /// By number.
  package let laneNames: [String]
  package let routes: [Route]
  private let rules: Rules

  package init(laneNames: [String], routes: [Route]) throws(DecodingProgramError) {
    guard let last = routes.last, last.when == nil else {
      throw DecodingProgramError(.openRoutes)
    }
    for (rule, route) in routes.enumerated() {
      guard laneNames.indices.contains(route.lane) else {
        throw DecodingProgramError(.noSuchLane(route: rule, lane: route.lane, lanes: laneNames.count))
      }
    }
    self.laneNames = laneNames
    self.routes = routes
    rules = Rules(routes)
  }

  /// Whether a rule reads the event, so that the payload has to be looked at.
  package var usesEvent: Bool { routes.contains { $0.when?.usesEvent ?? false } }

  /// A pure function of the context.
  package func route(_ context: Activation) -> Routing {
    var failedRules = 0
    for rule in 0..<rules.all.count {
      guard let condition = rules.all[rule].when else {
        return Routing(lane: rules.all[rule].lane, rule: rule, failedRules: failedRules)
      }
      switch condition._withUnsafeGuaranteedRef({ $0.evaluateBool(context) }) {
      case .yes: return Routing(lane: rules.all[rule].lane, rule: rule, failedRules: failedRules)
      case .no: continue
      case .fault: failedRules += 1
      }
    }
    preconditionFailure("the last route matches every record")
  }
}

/// The routes once more, in a form that is read for each record without counting references. The table owns the expressions.
///
/// @unchecked: written in init, and only read until deinit.
private final class Rules: @unchecked Sendable {
  let all: UnsafeMutableBufferPointer<(lane: Int, when: Unmanaged<Expression>?)>

  init(_ routes: [Route]) {
    all = .allocate(capacity: routes.count)
    _ = all.initialize(from: routes.map { ($0.lane, $0.when.map(Unmanaged.passUnretained)) })
  }

  deinit { all.deallocate() }
}
