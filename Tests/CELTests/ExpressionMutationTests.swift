import Foundation
import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct ExpressionMutationTests {
  /// Expressions that between them use every part of the language.
  static let corpus: [[UInt8]] = [
    "event.amount >= 500.0 || headers[\"priority\"] == \"urgent\"", "event.items.exists(i, i.price > 10 && has(i.tags) && 'x' in i.tags)",
    "event.l.map(x, x > 1, x * 2)[0] + size(event.l) - 3 % 2", "cel.bind(total, event.a + event.b, total > 10 ? 'big' : 'small')",
    "{'a': 1, 2: [3u, 4.5e-3], true: null,}.a == 0x1F", "!(event.s.startsWith('ab') && event.s.matches(r'^\\w+(a|b)*$'))",
    "timestamp('2024-02-29T12:00:00.5Z') - duration('1h30m') < timestamp", "timestamp.getHours('Europe/Paris') in [1, 2, 3]",
    "b'\\xff\\101' + br\"\\n\" == bytes('\\u00e9\\U0001F600')", "'''a'b''' + \"\"\"c\"d\"\"\" != r'\\d'", "event.a.b[0]['c d'].e.f == null",
    "[1, 2, 3].transformMap(i, v, i > 0, v).all(k, v, k != v)", "'%s %.2f %x'.format([event.s, 2.5, 255])",
    "math.greatest(1, 2.5, event.a) + math.sqrt(4)",
    "string(int(double('1e3'))) + string(uint(7)) + type(event).name",
    "'a,b,c'.split(',').join('-').replace('-', '').upperAscii().reverse()",
    "event.l.exists_one(x, x == 1) ? -event.a : --5", ".event.x.`y-z` // comment\n + 1",
    "[[1, [2]], {'k': {}}] == [[1.0, [2u]], {'k': {}}]",
    "base64.decode(base64.encode(b'abc')) == b'abc' && dyn(1) == 1u", "google.protobuf.Timestamp == type(timestamp)",
    "event.s.substring(1, 3).indexOf('b', 0) + event.s.charAt(0).size()",
    "'x' in headers && headers.exists(h, h == topic) || key == null && offset > partition",
    "event.?x[?'y'].optMap(v, v + 1).orValue(optional.none().or(optional.of(3)).value()) in [1, ?event.?a]",
  ].map { Array($0.utf8) }

  static let fragments: [[UInt8]] = [
    "(", ")", "[", "]", "{", "}", "&&", "||", "!", "-", "+", "*", "/", "%", "==", "<", "in", "?", ":", ".", ",", "'", "\"", "'''", "\\",
    "\\x", "\\u", "0x", "1e", "u",
    "9223372036854775807", "-9223372036854775808", "1e308", "true", "null", "event", "event.l", ".map(x, ", ".all(x, x)", ".exists(y, ",
    "has(", "size(", "r'", "b'", "//", "\n",
    "[0]", "['a']", "`", "timestamp(", "duration('1s')", "matches('(a*)*')", ".format([", "cel.bind(x, ", "\u{0}", "é", "😀", "0", "1",
    "2.5", "''", ".?a", "[?0]", ".orValue(",
  ].map { Array($0.utf8) }

  static let event = """
    {"amount": 600, "a": 2, "b": 3.5, "s": "abc", "l": [1, 2, 3], "x": {"y-z": 1}, "items": [{"price": 20, "tags": ["x"]}]}
    """

  @Test func `100,000 mutated expressions neither crash nor hang`() throws {
    let seed = ProcessInfo.processInfo.environment["MILLRACE_TEST_SEED"].flatMap(UInt64.init) ?? 4711
    var random = SeededGenerator(seed: seed)
    var limits = ExpressionLimits()
    limits.steps = 2000
    let payload = Array(Self.event.utf8)
    let value = try #require(payload.withUnsafeBufferPointer { JSONValues.value($0) })
    let headers = HeaderList([("priority", Array("low".utf8))])
    var compiled = 0
    var evaluated = 0
    payload.withUnsafeBytes { bytes in
      let record = RecordView(value: bytes, topic: .literal("t"), timestampMs: 1_700_000_000_000, headers: headers.access)
      for _ in 0..<100_000 {
        let source = String(decoding: mutate(&random), as: UTF8.self)
        var plan = FieldPlan()
        guard let expression = try? Expression(source, fields: &plan, limits: limits) else { continue }
        compiled += 1
        let fields = EventFields(plan, of: value)
        withActivation(of: record, fields: fields.fields) { context in
          defer { withExtendedLifetime((fields, headers)) {} }
          let truth = expression.evaluateBool(context)
          switch expression.evaluate(context) {
          case .success(let value):
            evaluated += 1
            if case .bool(let flag) = value {
              #expect(truth == (flag ? .yes : .no), "seed \(seed): \(source)")
            } else {
              #expect(truth == .fault, "seed \(seed): \(source)")
            }
            _ = try? value.json(limit: 10_000)
          case .failure(let fault):
            #expect(truth == .fault, "seed \(seed): \(source)")
            _ = expression.describe(fault)
          }
        }
      }
    }
    // Most mutants are refused; enough must live to be evaluated.
    #expect(compiled > 5000 && evaluated > 1000, "compiled \(compiled), evaluated \(evaluated)")
  }

  private func mutate(_ random: inout SeededGenerator) -> [UInt8] {
    var source = random.pick(Self.corpus)
    for _ in 0..<(random.chance(70) ? 1 : Int.random(in: 2...4, using: &random)) {
      let position = Int.random(in: 0...source.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: source.insert(contentsOf: random.pick(Self.fragments), at: position)
      case 1 where position < source.count: source[position] = UInt8.random(in: 32...126, using: &random)
      case 2 where position < source.count:
        source.removeSubrange(position..<min(source.count, position + Int.random(in: 1...6, using: &random)))
      case 3 where position < source.count: source[position] = UInt8.random(in: 0...255, using: &random)
      case 4:
        let other = random.pick(Self.corpus)
        source.replaceSubrange(position..., with: other[Int.random(in: 0..<other.count, using: &random)...])
      default:
        let copied = source[min(position, source.count)..<min(source.count, position + Int.random(in: 1...20, using: &random))]
        source.insert(contentsOf: copied, at: Int.random(in: 0...source.count, using: &random))
      }
    }
    return source
  }
}
