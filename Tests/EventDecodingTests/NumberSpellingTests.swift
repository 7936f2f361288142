import Foundation
import Testing

@testable import CEL
@testable import EventDecoding

/// `1999`, `1999.0` and `1.999e3` are one number, whatever is done with it.
@Suite struct NumberSpellingTests {
  /// The same whole number in other digits.
  static func respelled(_ number: String, _ random: inout SeededGenerator) -> String {
    let sign = number.hasPrefix("-") ? "-" : ""
    let digits = number.dropFirst(sign.count)
    let scientific = "\(sign)\(digits.prefix(1)).\(digits.dropFirst())0e\(digits.count - 1)"
    return random.pick([
      number, number + ".0", number + ".000", number + "e0", number == "0" ? "0E-5" : number + "0E-1", number + ".0e+0", scientific,
      "\(sign)0.\(digits)e\(digits.count)",
      number == "0" ? "-0.0" : number,
    ])
  }

  @Test func `another spelling changes neither a result nor a fault`() throws {
    let seed = ProcessInfo.processInfo.environment["MILLRACE_TEST_SEED"].flatMap(UInt64.init) ?? 20_261_201
    var random = SeededGenerator(seed: seed)
    var counts = (values: 0, faults: 0, respelled: 0)
    for round in 0..<6000 {
      var grammar = RandomExpression(random: random, isFlat: round % 3 != 0)
      let source = grammar.value(2)
      random = grammar.random
      var plan = FieldPlan()
      guard let expression = try? Expression(source, fields: &plan) else { continue }
      let extractor = try FieldExtractor(plan)
      for _ in 0..<4 {
        var (same, spelling) = (random, SeededGenerator(seed: random.next()))
        _ = same.next()
        let (event, other) =
          grammar.isFlat
          ? (RandomEvent.numbers(&random) { $0 }, RandomEvent.numbers(&same) { Self.respelled($0, &spelling) })
          : (RandomEvent.make(&random), RandomEvent.make(&same) { Self.respelled($0, &spelling) })
        let place: Comment = "seed \(seed), round \(round): \(source) over \(event) and \(other)"
        let one = evaluate(expression, extractor, event)
        try #require(one == evaluate(expression, extractor, other), place)
        if event != other { counts.respelled += 1 }
        if one.hasPrefix("fault fault") { counts.faults += 1 } else { counts.values += 1 }
      }
    }
    #expect(counts.values > 3000 && counts.faults > 3000 && counts.respelled > 5000, "\(counts)")
  }

  /// The result, or the fault with its words, in each way of evaluation.
  private func evaluate(_ expression: Expression, _ extractor: FieldExtractor, _ event: String) -> String {
    Array(event.utf8).withUnsafeBytes { payload in
      if let fault = extractor.extract(payload, validating: true) { return "not read: \(fault)" }
      let key = Array("x".utf8)
      return key.withUnsafeBytes { key in
        let record = RecordView(value: payload, key: key, topic: .literal("x"), partition: 1, offset: 2, timestampMs: 3)
        return withActivation(of: record, fields: extractor.fields) { context in
          let truth = expression.evaluateBool(context)
          switch expression.evaluate(context) {
          case .success(let value): return "\(truth) \(value.type) \((try? value.json()) ?? "no JSON")"
          case .failure(let fault): return "fault \(truth) \(expression.describe(fault))"
          }
        }
      }
    }
  }

  @Test func `features are the same, and so are their faults`() throws {
    let types: [FeatureType] = [.float32, .float64, .int64, .int32, .bool, .string]
    let vector = FeatureVector(length: 2)
    let rigs = try types.map { try DecoderRig(features: [DecoderRig.Feature("event.x", $0), DecoderRig.Feature("event.x * 1", $0)]) }
    let vectors = try types.prefix(4).map { try DecoderRig(features: [DecoderRig.Feature("event.v", $0, vector: vector)]) }
    let numbers = [
      "0", "1", "2", "-1", "255", "16777217", "2147483648", "-2147483649", "9007199254740993", "9223372036854775807",
      "-9223372036854775808",
      "9223372036854775808", "18446744073709551615",
    ]
    var random = SeededGenerator(seed: 6)
    for number in numbers {
      for _ in 0..<20 {
        var other = Self.respelled(number, &random)
        // A tensor of floating point keeps the sign of a zero that has one.
        if other == "-0.0" { other = "0.0" }
        for (rig, type) in zip(rigs, types) {
          let expected = rig.decode("{\"x\":\(number)}")
          #expect(rig.decode("{\"x\":\(other)}") == expected, "\(number) as \(other) in \(type)")
        }
        for (rig, type) in zip(vectors, types) {
          let expected = rig.decode("{\"v\":[1,\(number)]}")
          #expect(rig.decode("{\"v\":[1.0,\(other)]}") == expected, "\(number) as \(other) in a vector of \(type)")
        }
      }
    }
  }

  @Test func `an integer of 64 bits loses no digit`() throws {
    let rig = try DecoderRig(
      features: [DecoderRig.Feature("event.id", .int64), DecoderRig.Feature("event.ids", .int64, vector: FeatureVector(length: 2))],
      id: "event.id", include: [("next", "event.id + 1"), ("text", "string(event.id)"), ("list", "event.ids.map(i, i)")])
    for id in ["9007199254740993", "9007199254740993.0", "9.007199254740993e15"] {
      #expect(
        rig.decode("{\"id\":\(id),\"ids\":[\(id),-9223372036854775808.0]}") == [
          "9007199254740993", "9007199254740993 -9223372036854775808",
        ])
      #expect(
        rig.members
          == "\"id\":\(id),\"next\":9007199254740994,\"text\":\"9007199254740993\",\"list\":[9007199254740993,-9223372036854775808]")
    }
  }
}
