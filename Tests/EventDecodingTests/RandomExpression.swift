/// Events of a few names and many types, so that expressions often meet what they don't expect.
enum RandomEvent {
  static func make(_ random: inout SeededGenerator) -> String {
    random.chance(5) ? random.pick(["[1, 2]", "5", "null", "\"x\"", "[]", "{}"]) : object(2, &random)
  }

  private static func object(_ depth: Int, _ random: inout SeededGenerator) -> String {
    var members: [String] = []
    for name in ["a", "b", "c", "d", "l"] where random.chance(80) { members.append("\"\(name)\": \(value(depth, &random))") }
    return "{\(members.joined(separator: ", "))}"
  }

  private static func value(_ depth: Int, _ random: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<(depth > 0 ? 12 : 8), using: &random) {
    case 0, 1: return random.pick(["0", "1", "2", "-1", "9223372036854775807", "18446744073709551615"])
    case 2, 3: return random.pick(["1.0", "2.5", "-0.5", "1e300", "0.0"])
    case 4, 5: return random.pick(["\"\"", "\"x\"", "\"xy\"", "\"é\"", "\"\\u0000\""])
    case 6: return random.pick(["true", "false"])
    case 7: return "null"
    case 8, 9: return object(depth - 1, &random)
    default: return "[\((0..<Int.random(in: 0..<4, using: &random)).map { _ in value(depth - 1, &random) }.joined(separator: ", "))]"
    }
  }
}

/// Expressions that are mostly well-typed, with constant parts to fold and paths to miss.
struct RandomExpression {
  var random: SeededGenerator

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
