import Foundation
import Testing

@testable import CEL
@testable import EventDecoding

/// Four ways to evaluate the same expression have to agree: compiled with truths and folding, on fields found by way of a whole value and
/// in one pass over the payload; with values only; and with the event as a value whose fields are looked up one by one.
@Suite struct TruthAgreementTests {
  @Test func `the fast way, the general way and the event as a value agree`() throws {
    let seed = ProcessInfo.processInfo.environment["MILLRACE_TEST_SEED"].flatMap(UInt64.init) ?? 20_240_517
    var random = SeededGenerator(seed: seed)
    var counts: [Truth: Int] = [:]
    for round in 0..<4000 {
      var grammar = RandomExpression(random: random)
      let source = grammar.bool(4)
      random = grammar.random
      let place: Comment = "seed \(seed), round \(round): \(source)"

      var plan = FieldPlan()
      let fast: Expression
      do throws(ExpressionError) {
        fast = try Expression(source, fields: &plan)
      } catch {
        // What is refused is refused in each way.
        #expect(throws: ExpressionError.self, place) { try Self.general(source, &plan) }
        continue
      }
      let general = try Self.general(source, &plan)
      let bound = "cel.bind(e, event, \(source.replacingOccurrences(of: "event", with: "e")))"
      let whole = try Self.general(bound, &plan)

      for _ in 0..<3 {
        let truth = check(fast, general, whole, plan, RandomEvent.make(&random), &random, place)
        counts[truth, default: 0] += 1
      }
    }
    // A generator that made only failures would prove nothing.
    for truth in [Truth.no, .yes, .fault] { #expect(counts[truth, default: 0] > 500, "\(counts)") }
  }

  private static func general(_ source: String, _ plan: inout FieldPlan) throws(ExpressionError) -> Expression {
    try Expression(source, variables: .record, fields: &plan, expecting: nil, limits: ExpressionLimits(), usesTruths: false)
  }

  private func check(
    _ fast: Expression, _ general: Expression, _ whole: Expression, _ plan: FieldPlan, _ event: String, _ random: inout SeededGenerator,
    _ place: Comment
  ) -> Truth {
    let headers = HeaderList([("a", Array("x".utf8)), ("n", nil), ("bad", [0xFF])].filter { _ in random.chance(70) })
    var key: [UInt8]? = Array("x".utf8)
    if random.chance(30) { key = random.chance(50) ? nil : [0xFE] }
    let payload = Array(event.utf8)
    return payload.withUnsafeBytes { payload in
      (key ?? []).withUnsafeBytes { bytes in
        let record = RecordView(
          value: payload, key: key == nil ? nil : bytes, topic: .literal("x"), partition: 1, offset: 2, timestampMs: 3,
          headers: headers.access)
        guard let value = JSONValues.value(payload.bindMemory(to: UInt8.self)) else {
          Issue.record("not JSON: \(event)")
          return .fault
        }
        let fields = EventFields(plan, of: value)
        let extractor = try? FieldExtractor(plan)
        #expect(extractor?.extract(payload, validating: random.chance(50)) == nil, "\(place) on \(event)")
        return withActivation(of: record, fields: fields.fields) { context in
          defer { withExtendedLifetime((headers, fields, extractor)) {} }
          var extracted = context
          extracted.fields = extractor?.fields
          let truth = fast.evaluateBool(context)
          #expect(fast.evaluateBool(extracted) == truth, "\(place) on \(event)")
          #expect(general.evaluateBool(context) == truth, "\(place) on \(event)")
          #expect(whole.evaluateBool(context) == truth, "\(place) on \(event)")
          #expect(Self.truth(fast.evaluate(context)) == truth, "\(place) on \(event)")
          #expect(Self.truth(general.evaluate(context)) == truth, "\(place) on \(event)")
          return truth
        }
      }
    }
  }

  private static func truth(_ result: Result<Value, EvaluationFault>) -> Truth {
    guard case .success(.bool(let flag)) = result else { return .fault }
    return flag ? .yes : .no
  }
}
