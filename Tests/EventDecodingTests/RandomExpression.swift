/// Events of a few names and many types, so that expressions often meet what they don't expect.
enum RandomEvent {
  /// - Parameter spell: how a whole number is written.
  static func make(_ random: inout SeededGenerator, spell: (String) -> String = { $0 }) -> String {
    random.chance(5) ? random.pick(["[1, 2]", "5", "null", "\"x\"", "[]", "{}"]) : object(2, &random, spell)
  }

  /// An event that mostly has numbers, at `a`, `b`, `c` and in the list `l`.
  static func numbers(_ random: inout SeededGenerator, spell: (String) -> String) -> String {
    func number(_ random: inout SeededGenerator) -> String {
      random.chance(80) ? spell(random.pick(wholeNumbers)) : random.pick(["2.5", "-0.5", "1e300", "1e400"])
    }
    let members = ["a", "b", "c"].map { "\"\($0)\": \(random.chance(90) ? number(&random) : value(1, &random, spell))" }
    let elements = (0..<Int.random(in: 0..<4, using: &random)).map { _ in number(&random) }
    return "{\(members.joined(separator: ", ")), \"l\": [\(elements.joined(separator: ", "))]}"
  }

  private static let wholeNumbers = [
    "0", "1", "2", "-1", "5", "1999", "9007199254740993", "9223372036854775807", "18446744073709551615",
  ]

  private static func object(_ depth: Int, _ random: inout SeededGenerator, _ spell: (String) -> String) -> String {
    var members: [String] = []
    for name in ["a", "b", "c", "d", "l"] where random.chance(80) { members.append("\"\(name)\": \(value(depth, &random, spell))") }
    if random.chance(5) { members.append("\"\\ud800\": \(value(depth, &random, spell))") }
    return "{\(members.joined(separator: ", "))}"
  }

  private static func value(_ depth: Int, _ random: inout SeededGenerator, _ spell: (String) -> String) -> String {
    switch Int.random(in: 0..<(depth > 0 ? 13 : 9), using: &random) {
    case 0, 1: return spell(random.pick(wholeNumbers))
    case 2, 3: return random.pick(["1.0", "2.5", "-0.5", "1e300", "0.0"])
    case 4, 5: return random.pick(["\"\"", "\"x\"", "\"xy\"", "\"é\"", "\"\\u0000\""])
    case 6: return random.pick(["true", "false"])
    case 7: return "null"
    case 8: return random.pick(["1e400", "123456789012345678901", "\"\\ud83d\"", "\"x\"", "1"])
    case 9, 10: return object(depth - 1, &random, spell)
    default:
      let elements = (0..<Int.random(in: 0..<4, using: &random)).map { _ in value(depth - 1, &random, spell) }
      return "[\(elements.joined(separator: ", "))]"
    }
  }
}

/// Expressions that are mostly well-typed, with constant parts to fold and paths to miss.
struct RandomExpression {
  var random: SeededGenerator
  /// Whether paths lead to members that `RandomEvent.numbers` has.
  var isFlat = false

  mutating func bool(_ depth: Int) -> String {
    guard depth > 0 else { return random.pick(["true", "false", path(), path()]) }
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return "(\(bool(depth - 1)) && \(bool(depth - 1)))"
    case 1: return "(\(bool(depth - 1)) || \(bool(depth - 1)) || \(bool(depth - 1)))"
    case 2: return "!(\(bool(depth - 1)))"
    case 3: return "(\(bool(depth - 1)) ? \(bool(depth - 1)) : \(bool(depth - 1)))"
    case 4, 5: return "(\(number(depth - 1)) \(relation()) \(number(depth - 1)))"
    case 6: return "(\(path()) \(relation()) \(literal()))"
    case 7: return "(\(literal()) \(relation()) \(path()))"
    case 8: return "(\(text(depth - 1)) \(relation()) \(text(depth - 1)))"
    case 9: return "has(\(path()).\(random.pick(["a", "b", "l"])))"
    case 10:
      let test = random.pick(["startsWith", "endsWith", "contains", "matches"])
      return "(\(text(depth - 1))).\(test)(\(random.pick(["'x'", "''", "'xy'", text(0)])))"
    case 11: return "(\(random.chance(50) ? text(0) : number(0)) in \(list()))"
    case 12: return "(\(path()) == \(random.pick(["null", "true", "false", "[]", "{}", path()])))"
    case 13: return random.pick(["('a' in headers)", "has(headers.n)", "('zz' in headers)", "(key == null)", "(key in ['x'])"])
    case 14:
      let macro = random.pick(["exists", "all", "exists_one"])
      return "\(random.chance(50) ? path() : list()).\(macro)(v, \(bool(depth - 1)) || v == \(literal()))"
    case 15: return "(size(\(path())) \(relation()) \(Int.random(in: 0..<3, using: &random)))"
    case 16: return "(\(path()) \(relation()) \(path()))"
    case 17: return "(\(optional()).orValue(\(literal())) \(relation()) \(number(0)))"
    case 18: return random.pick(["\(optional()).hasValue()", "has(\(optional()).a)", "(\(optional()) == \(optional()))"])
    default: return "\(optional()).optMap(v, v == \(literal())).orValue(\(bool(depth - 1)))"
    }
  }

  /// An expression of any type: every function and operator that takes a number.
  mutating func value(_ depth: Int) -> String {
    switch Int.random(in: 0..<24, using: &random) {
    case 0...3: return number(depth)
    case 4: return bool(depth)
    case 5: return text(depth)
    case 6: return "\(random.pick(["string", "type", "int", "uint", "double", "timestamp"]))(\(path()))"
    case 7: return "math.\(random.pick(["abs", "sign", "floor", "ceil", "round", "trunc", "sqrt", "bitNot", "isFinite"]))(\(path()))"
    case 8: return "math.\(random.pick(["greatest", "least", "bitAnd", "bitOr", "bitShiftLeft"]))(\(path()), \(number(1)))"
    case 9: return "math.\(random.pick(["greatest", "least"]))(event.l)"
    case 10: return "'\(random.pick(["%s", "%d", "%.2f", "%x", "%e", "%b"]))|%s'.format([\(path()), \(path())])"
    case 11: return "{0: 'z', 1: 'a', 1999: 'b'}[\(path())]"
    case 12: return "[7, 8, 9][\(path())]"
    case 13: return "{\(path()): \(path())}"
    case 14: return "[\(path()), \(number(depth))]"
    case 15: return "(\(path()) in \(random.pick([path(), list()])))"
    case 16: return "event.l.\(random.pick(["map", "filter"]))(v, \(random.pick(["v", "v / 2", "v > 1", "v % 2 == 0", "-v == 1", "true"])))"
    case 17: return "event.l.map(v, v * 2).\(random.pick(["exists(w, w == 2)", "map(w, w / 4)", "all(w, w > 0)"]))"
    case 18: return "'abcdef'.\(random.pick(["substring", "charAt"]))(\(path()))"
    case 19: return "-\(path())"
    case 20: return "(\(path()) == \(path()) ? \(number(1)) : \(path()))"
    case 21: return "(timestamp(\(path())) - timestamp(0)).getSeconds() + \(path())"
    case 22: return "\(optional()).orValue(\(number(1)))"
    default: return path()
    }
  }

  private mutating func optional() -> String {
    var path = random.chance(50) ? "event" : path()
    path += random.pick([".?a", ".?b", ".?l", "[?'a']", "[?0]"])
    for _ in 0..<Int.random(in: 0...2, using: &random) { path += random.pick([".a", ".?b", "[0]", "[?1]", "['b']", ".?l"]) }
    return path
  }

  private mutating func number(_ depth: Int) -> String {
    guard depth > 0, random.chance(60) else { return random.pick([path(), "1", "2.5", "1u", "-1", "0", "partition", "offset"]) }
    return "(\(number(depth - 1)) \(random.pick(["+", "-", "*", "/", "%"])) \(number(depth - 1)))"
  }

  private mutating func text(_ depth: Int) -> String {
    guard depth > 0, random.chance(40) else {
      return random.pick([path(), "'x'", "''", "'é'", "key", "topic", "headers.a", "headers['n']", "headers.bad"])
    }
    return "(\(text(depth - 1)) + \(text(depth - 1)))"
  }

  private mutating func path() -> String {
    if isFlat { return random.pick(["event.a", "event.b", "event.c", "event.l[0]", "event['a']"]) }
    var path = "event"
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      path += random.pick([".a", ".b", ".c", ".d", "['a']", "['b']", ".l[0]", ".l[1]", "[0]", ".l"])
    }
    return path
  }

  private mutating func literal() -> String {
    random.pick([
      "0", "1", "-1", "2u", "1.0", "2.5", "9223372036854775807", "18446744073709551615u", "'x'", "''", "true", "null", "(1 + 1)",
    ])
  }

  private mutating func list() -> String {
    let count = Int.random(in: 0..<4, using: &random)
    return "[\((0..<count).map { _ in random.pick(["1", "2.0", "3u", "'x'", "null", "1 / 0"]) }.joined(separator: ", "))]"
  }

  private mutating func relation() -> String {
    random.pick(["==", "!=", "<", "<=", ">", ">="])
  }
}
