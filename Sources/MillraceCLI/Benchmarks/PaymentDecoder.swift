import CEL
import EventDecoding
import Millrace

/// A decoder of payments, with the tensor that it writes to.
final class PaymentDecoder {
  let decoder: EventDecoder
  /// How many columns a row has.
  let width: Int
  let tensor: UnsafeMutablePointer<Float>

  /// Compiles the routes and features. With features every record is the lane's own; without them every one is another's.
  init(routes: [String], features: [(source: String, vector: FeatureVector?)], rows: Int) throws {
    var plan = FieldPlan()
    var table = try routes.map { Route(lane: 0, when: try Expression($0, fields: &plan, expecting: .bool)) }
    table.append(Route(lane: features.isEmpty ? 1 : 0))
    let routeFields = plan
    let definitions = try features.map {
      FeatureDefinition(name: $0.source, expression: try Expression($0.source, fields: &plan), vector: $0.vector)
    }
    let program = try DecodingProgram(
      format: .json, routes: RouteTable(laneNames: ["own", "other"], routes: table), features: definitions, routeFields: routeFields,
      allFields: plan)
    decoder = try EventDecoder(program, lane: 0)
    let width = definitions.reduce(0) { $0 + $1.width }
    let base = UnsafeMutableRawPointer.allocate(byteCount: max(1, rows * width * 4), alignment: 64)
    self.width = width
    tensor = base.initializeMemory(as: Float.self, repeating: 0, count: rows * width)
    var column = 0
    try decoder.bind(
      definitions.map { definition in
        defer { column += definition.width }
        return FeatureColumn(
          base: base + column * 4, rowStride: width * 4, elementType: .float32, width: definition.width, store: { _, _ in })
      })
  }

  deinit { tensor.deallocate() }

  static func payments(_ count: Int) -> [[UInt8]] {
    var generator = TransactionGenerator(seed: 1)
    return (0..<count).map { _ in
      var bytes: [UInt8] = []
      _ = generator.next(into: &bytes)
      return bytes
    }
  }

  /// The features of config/fraud.yaml.
  static let features: [(source: String, vector: FeatureVector?)] = [
    "amount", "hour", "weekday", "avg_30d", "std_30d", "amount_z", "n_10m", "n_1h", "n_24h", "sum_1h", "sum_24h", "max_7d", "tiny_1h",
    "declines", "gap_s", "km_last", "km_home", "km_h", "shop_risk", "cat_risk", "shop_seen", "shops_24h", "dev_days", "online", "chip",
    "pin", "abroad", "lands_7d", "card_days", "limit_use",
  ].map { ("event." + $0, nil) }
}
