import CEL
import EventDecoding

/// The routes of one topic, as far as they decide whose a record is: what two configurations must agree on.
struct RoutesInForce: Equatable, Sendable {
  /// Tells routes apart. Blanks, comments, and everything else in the file don't count.
  let fingerprint: String
  /// The lanes that some record of the topic may take, in the order of the routes.
  let lanes: [String]

  init(fingerprint: String, lanes: [String]) {
    self.fingerprint = fingerprint
    self.lanes = lanes
  }

  init(_ table: RouteTable) {
    self.init(table.routes.map { (lane: table.laneNames[$0.lane], when: $0.when?.normalizedSource) })
  }

  /// - Parameter routes: in their order. What stands behind the first without a condition takes no record, and doesn't count.
  init(_ routes: [(lane: String, when: String?)]) {
    var lanes: [String] = []
    var hash = StableHash()
    for route in routes {
      if !lanes.contains(route.lane) { lanes.append(route.lane) }
      // Neither a lane's name nor an expression's tokens contain these separators.
      hash.add("\(route.lane)\u{1}\(route.when ?? "")\u{2}".utf8)
      if route.when == nil { break }
    }
    fingerprint = hash.digits
    self.lanes = lanes
  }
}
