import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct ExpressionLimitTests {
  private func nested(_ count: Int, _ open: String, _ middle: String, _ close: String) -> String {
    String(repeating: open, count: count) + middle + String(repeating: close, count: count)
  }

  @Test func `the nesting that the language demands is allowed`() {
    #expect(evaluate(nested(150, "(", "7", ")")) == "7")
    #expect(evaluate(nested(90, "[", "7", "]") + String(repeating: "[0]", count: 90)) == "7")
    #expect(evaluate(nested(60, "int(uint(", "7", "))")) == "7")
    #expect(evaluate(nested(150, "!", "true", "")) == "true")
    #expect(evaluate(Array(repeating: "1", count: 150).joined(separator: " + ")) == "150")
    #expect(evaluate(Array(repeating: "true ? true", count: 150).joined(separator: " : ") + " : false") == "true")
    #expect(evaluate(Array(repeating: "topic == ''", count: 3000).joined(separator: " && ")) == "true")
    #expect(evaluate("size([" + Array(repeating: "1", count: 20_000).joined(separator: ",") + "])") == "20000")
  }

  @Test(arguments: ["(", "[", "{1:", "!", "-", "size(", "[1].map(x,", "true?", "a[", "1+(", "{", "'a'.contains("])
  func `deeper nesting is refused, not crashed on`(open: String) {
    for count in [300, 20_000] {
      let found = evaluate(String(repeating: open, count: count))
      #expect(found.hasPrefix("error: column"))
    }
  }

  @Test func `a chain of operators of one side counts as nesting`() {
    let refusal = "the expression nests deeper than the 200 levels allowed"
    #expect(evaluate(Array(repeating: "1", count: 5000).joined(separator: " + ")).hasSuffix(refusal))
    #expect(evaluate("topic" + String(repeating: ".a", count: 5000)).hasSuffix(refusal))
  }

  @Test func `a source that is too long is refused`() {
    #expect(evaluate(String(repeating: " ", count: 100_000) + "1").hasSuffix("more than the 100000 allowed"))
  }

  @Test func `a condition nested in conditions compiles in proportion to its length`() throws {
    var source = "event.a"
    for _ in 0..<60 { source = "((event.b + 1 == (\(source) ? 1 : 2)) || event.c)" }
    var plan = FieldPlan()
    // Doubling at every level would take longer than the age of the universe.
    #expect(try Expression(source, fields: &plan).type == .bool)
  }

  private static let ten = "[1,2,3,4,5,6,7,8,9,10]"

  @Test(arguments: [
    "\(ten).map(a, \(ten).map(b, \(ten).map(c, event.l.map(d, event.l.map(e, event.l.all(f, f + e > 0))))))",
    "event.l.all(a, event.l.all(b, event.l.all(c, event.l.all(d, event.l.all(e, event.l.all(f, event.l.all(g, g >= 0)))))))",
    "event.l.exists(a, event.l.exists(b, event.l.exists(c, event.l.exists(d, event.l.exists(e, event.l.exists(f, 1 / 0 == a))))))",
  ])
  func `macros nested in macros run out of steps`(source: String) {
    let list = (0..<100).map { String($0) }.joined(separator: ",")
    #expect(evaluate(source, event: "{\"l\": [\(list)]}").contains("the expression takes too many steps"))
  }

  @Test func `values that double at every step run out of steps or of text`() {
    func doubled(_ start: String, _ step: String, _ count: Int) -> String {
      (0..<count).reduce(start) { source, _ in "\(source).map(x, \(step))" }
    }
    #expect(evaluate(doubled("['ab', topic]", "x + x", 60)).contains("too many steps"))
    #expect(evaluate(doubled("[[1], [size(topic)]]", "x + x", 60)).contains("too many steps"))
    #expect(evaluate(doubled("[topic, topic]", "[x, x]", 60)).contains("bytes of JSON"))
    #expect(evaluate("[\(doubled("[topic]", "[x, x]", 60)) == \(doubled("[topic]", "[x, x]", 60))]").contains("too many steps"))
    let replaced = (0..<40).reduce("event.s") { source, _ in "\(source).replace('a', 'aa')" }
    #expect(evaluate(replaced, event: #"{"s": "aaaa"}"#).contains("too many steps"))
    let joined = (0..<60).reduce("event.s") { source, _ in "cel.bind(x, \(source), [x, x].join())" }
    #expect(evaluate(joined, event: #"{"s": "aaaa"}"#).contains("too many steps"))
  }

  @Test func `constants that are dear to fold are left to evaluation`() {
    let source = "\(Self.ten).map(a, \(Self.ten).map(b, \(Self.ten).map(c, \(Self.ten).map(d, a + b + c + d))))"
    #expect(evaluate("size(\(source))") == "10")
    #expect(evaluate("size(\(source)) == 10 && event.a", event: #"{"a": true}"#) == "true")
  }

  /// Many elements, and a pattern that is too large to be compiled for each of them.
  private static let patterns = """
    {"l": [\((0..<1000).map { String($0) }.joined(separator: ","))], "p": "((a{1,30}){1,30}){1,10}", "ok": "^a+$"}
    """

  @Test func `a long text is paid for whenever it is gone through`() {
    let text = String(repeating: "ab", count: 500_000)
    let event = "{\"s\": \"\(text)\", \"t\": \"\(text)\", \"l\": [\(Array(repeating: "1", count: 2000).joined(separator: ","))]}"
    for part in [
      "event.s == event.t", "event.s <= event.t", "event.s.contains('zz')", "size(event.s) == 1", "event.s in {'a': 1}",
      "bytes(event.s) == b''",
    ] {
      #expect(evaluate("event.l.map(x, \(part))", event: event).contains("too many steps"), "\(part)")
    }
    #expect(evaluate("event.s.lastIndexOf('b' + event.s.substring(0, 500000))", event: event) == "499999")
  }

  @Test func `a pattern can't take exponential time`() {
    let text = String(repeating: "a", count: 5000)
    #expect(evaluate("event.s.matches('^(a+)+$')", event: "{\"s\": \"\(text)b\"}") == "false")
    #expect(evaluate("event.l.exists(x, 'a'.matches(event.p))", event: Self.patterns).contains("too many steps"))
    #expect(evaluate("event.l.all(x, !'b'.matches(event.ok))", event: Self.patterns) == "true")
    let many = evaluate((0..<101).map { "event.s.matches('\($0)')" }.joined(separator: " || "), event: #"{"s": ""}"#)
    #expect(many.hasSuffix("an expression has at most 100 regular expressions"))
    let large = evaluate("event.s.matches('((a{1,100}){1,100}){1,100}')", event: "{\"s\": \"a\"}")
    #expect(large.hasPrefix("error: column 17: the regular expression"))
  }
}
