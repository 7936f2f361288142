import Testing

@testable import CEL
@testable import EventDecoding

/// Random routes over random records: every lane's decoder, however it reads, has to say the same.
@Suite struct RoutingAgreementTests {
  private static let laneCount = 3
  private static let paths = JSONMutationTests.paths + ["event", "event.items", "event.b", "event.k", "event.nil", "event.id"]

  private struct Conditions {
    var generator: SeededGenerator

    mutating func next(depth: Int = 2) -> String {
      if depth > 0, generator.chance(40) {
        let left = next(depth: depth - 1)
        let right = next(depth: depth - 1)
        return generator.pick(["(\(left)) && (\(right))", "(\(left)) || (\(right))", "!(\(left))", "(\(left)) ? (\(right)) : false"])
      }
      let path = generator.pick(RoutingAgreementTests.paths)
      return generator.pick([
        "\(path) > \(generator.pick(["0", "1.5", "100", "-1"]))",
        "\(path) == \(generator.pick(["1", "'a'", "null", "true", "[1, 2]", "{}"]))",
        "\(path) == true", "size(\(path)) > 1", "has(event.ok)", "has(event.nested.a)", "event.items.exists(i, i.price > 1)", "key == 'k'",
        "headers['h'] == 'x'", "\(path) in [1, 'a', 2.5]", "type(\(path)) == int", "'a' in \(path)", "\(path).startsWith('日')",
        "partition == 1",
      ])
    }
  }

  private static func rigs(seed: UInt64) throws -> [DecoderRig] {
    var conditions = Conditions(generator: SeededGenerator(seed: seed))
    var plan = FieldPlan()
    var routes: [Route] = []
    for _ in 0..<4 {
      let lane = Int.random(in: 0..<laneCount, using: &conditions.generator)
      // What the type checker refuses can't be configured.
      guard let condition = try? Expression(conditions.next(), fields: &plan, expecting: .bool) else { continue }
      routes.append(Route(lane: lane, when: condition))
    }
    routes.append(Route(lane: 1))
    var rigs: [DecoderRig] = []
    for lane in 0..<laneCount {
      for reading in [EventDecoder.Reading.adaptive, .routesFirst, .everything] {
        rigs.append(
          try DecoderRig(
            routes: routes, laneNames: ["a", "b", "c"], lane: lane, plan: plan,
            features: [
              DecoderRig.Feature("event.amount", .float64, missing: .nan), DecoderRig.Feature("event.a", .float64, missing: .number(0)),
              DecoderRig.Feature("event.pixels", vector: FeatureVector(length: 3)),
            ], id: "event.ok", include: [("items", "event.items[0]")], reading: reading))
      }
    }
    return rigs
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func `every record has one lane, whichever lane reads it and however much of it`(seed: UInt64) throws {
    let rigs = try Self.rigs(seed: seed)
    var mutator = JSONMutator(seed: seed)
    var generator = SeededGenerator(seed: seed)
    let headers = HeaderList([("h", Array("x".utf8))])
    let key = Array("k".utf8)
    try key.withUnsafeBytes { key in
      for round in 0..<400 {
        let payload = mutator.next()
        let record = RecordView(
          value: generator.chance(4) ? nil : payload, key: generator.chance(50) ? key : nil, partition: Int32(generator.next() % 3),
          headers: generator.chance(50) ? headers.access : .none)
        let routings = rigs.map { $0.route(record) }
        guard let expected = routings.first, routings.allSatisfy({ $0 == expected }) else {
          Issue.record("seed \(seed), record \(round): \(routings): \(String(decoding: payload, as: UTF8.self))")
          return
        }
        let takers = (0..<Self.laneCount).filter { lane in routings[3 * lane].lane == lane }
        #expect(takers == [expected.lane])
        // What is decoded does not depend on the way either.
        let ways = rigs[(3 * expected.lane)..<(3 * expected.lane + 3)].map { $0.decode() + [$0.members] }
        try #require(ways.allSatisfy { $0 == ways[0] }, "seed \(seed), record \(round): \(ways)")
      }
    }
    withExtendedLifetime(headers) {}
  }
}
