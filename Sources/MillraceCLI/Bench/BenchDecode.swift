import EventDecoding
import Millrace

/// What routing and decoding cost without Kafka: time per record on one thread, over payments that lie in memory.
struct BenchDecode {
  struct Line: Encodable {
    let name: String
    let nanoseconds: Double
    /// What it should stay under.
    let aim: Double
  }

  /// Times that each payment is decoded in a measurement.
  let records: Int
  private static let rows = 256
  private static let payments = 1_000

  func lines() throws -> [Line] {
    let events = Self.events()
    let field = try measure(events, routes: ["event.amount >= 500000.0"])
    let five = try measure(
      events,
      routes: ["event.amount > 500000.0 || event.amount < -1.0 || event.amount == 0.125 || event.amount == 0.375 || event.amount > 9e9"])
    let header = try measure(events, routes: [#"headers["priority"] == "urgent""#])
    let features = try measure(events, routes: [], features: Self.features.map { ("event." + $0, nil) })
    let array = "[" + (0..<784).map { "0.\(10_000_000 + $0 * 7919)" }.joined(separator: ",") + "]"
    let numbers = try measure(
      [Array("{\"pixels\":\(array)}".utf8)], routes: [], features: [("event.pixels", FeatureVector(length: 784))])
    return [
      Line(name: "route on one JSON field, another lane's record", nanoseconds: field, aim: 500),
      Line(name: "route on a header", nanoseconds: header, aim: 150),
      Line(name: "five comparisons, beyond one", nanoseconds: five - field, aim: 200),
      Line(name: "30 numeric features", nanoseconds: features, aim: 1_000),
      Line(name: "784 floats in a JSON array", nanoseconds: numbers, aim: 8_000),
    ]
  }

  /// With features every record is the lane's own; without them every one is another's.
  private func measure(
    _ events: [[UInt8]], routes: [String], features: [(source: String, vector: FeatureVector?)] = []
  ) throws -> Double {
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
    let decoder = try EventDecoder(program, lane: 0)
    let width = definitions.reduce(0) { $0 + $1.width }
    let tensor = UnsafeMutableRawPointer.allocate(byteCount: Self.rows * width * 4 + 64, alignment: 64)
    defer { tensor.deallocate() }
    var column = 0
    try decoder.bind(
      definitions.map { definition in
        defer { column += definition.width }
        return FeatureColumn(
          base: tensor + column * 4, rowStride: width * 4, elementType: .float32, width: definition.width, store: { _, _ in })
      })
    let log = Self.log(of: events)
    defer { for event in log { event.deallocate() } }
    let headers = HeaderList([("priority", Array("normal".utf8))])
    var members = ByteBuffer()
    var failures = 0
    func turn(_ count: Int) {
      for index in 0..<count {
        let record = RecordView(value: UnsafeRawBufferPointer(log[index % log.count]), headers: headers.access)
        if decoder.route(record).lane != 0 { continue }
        if decoder.decode(row: index % Self.rows, members: &members) != nil { failures += 1 }
        members.removeAll()
      }
    }
    turn(records / 10)
    let start = MonotonicTime.now
    turn(records)
    let nanoseconds = Double(MonotonicTime.now.nanoseconds - start.nanoseconds) / Double(records)
    if failures > 0 { throw BenchFault("\(failures) of the records could not be decoded") }
    return nanoseconds
  }

  private static func events() -> [[UInt8]] {
    var generator = TransactionGenerator(seed: 1)
    return (0..<payments).map { _ in
      var bytes: [UInt8] = []
      _ = generator.next(into: &bytes)
      return bytes
    }
  }

  private static func log(of events: [[UInt8]]) -> [UnsafeMutableRawBufferPointer] {
    events.map { event in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: event.count, alignment: 16)
      copy.copyBytes(from: event)
      return copy
    }
  }

  /// Those of config/fraud.yaml.
  private static let features = [
    "amount", "hour", "weekday", "avg_30d", "std_30d", "amount_z", "n_10m", "n_1h", "n_24h", "sum_1h", "sum_24h", "max_7d", "tiny_1h",
    "declines", "gap_s", "km_last", "km_home", "km_h", "shop_risk", "cat_risk", "shop_seen", "shops_24h", "dev_days", "online", "chip",
    "pin", "abroad", "lands_7d", "card_days", "limit_use",
  ]
}
