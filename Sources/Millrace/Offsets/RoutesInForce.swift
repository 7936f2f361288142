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
    var hash = Self.offsetBasis
    for route in routes {
      if !lanes.contains(route.lane) { lanes.append(route.lane) }
      // Neither a lane's name nor an expression's tokens contain these separators.
      for byte in "\(route.lane)\u{1}\(route.when ?? "")\u{2}".utf8 { hash = (hash ^ UInt64(byte)) &* Self.prime }
      if route.when == nil { break }
    }
    let digits = String(hash, radix: 16)
    fingerprint = String(repeating: "0", count: 16 - digits.count) + digits
    self.lanes = lanes
  }

  // FNV-1a with 64 bits: the same on every machine and in every version, which Swift's own hashes are not.
  private static let offsetBasis: UInt64 = 0xCBF2_9CE4_8422_2325
  private static let prime: UInt64 = 0x100_0000_01B3
}
