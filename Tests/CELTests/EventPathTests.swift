import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct EventPathTests {
  static let event = """
    {"a": {"b": {"c": 1}, "n": null, "s": "x", "two words": 2}, "l": [10, {"x": 20}, [30]], "o": {}, "t": true, "0": "zero",
     "dup": 1, "dup": 2}
    """

  @Test(arguments: [
    Row("event.a.b.c", "1"), Row("event['a'].b['c']", "1"), Row("event.a['two words']", "2"), Row("event.l[1].x", "20"),
    Row("event.l[2][0]", "30"),
    Row("event.a.n", "null"), Row("event.l", #"[10,{"x":20},[30]]"#), Row("event.a.b", #"{"c":1}"#), Row("event['0']", #""zero""#),
    Row("event.dup", "2"),
    Row("event['a' + ''].s", #""x""#), Row("event.l[1 + 1][0]", "30"), Row("event[event.a.s + '']", "error"),
    Row("event.l[size(event.l) - 1]", "[30]"),
    Row("event.missing", "error: column 7: no such key: event.missing"),
    Row("event.a.b.c.d", "error: column 13: no such key: event.a.b.c.d"),
    Row("event.l[3]", "error: column 8: no such key: event.l[3]"),
    Row("event.l[-1]", "error: column 8: index -1 is out of range of a list of 3"),
    Row("event.a[0]", "error: column 8: no such key: event.a[0]"), Row("event.l['x']", "error"), Row("event[0]", "error"),
    Row("event.t.x", "error"),
  ])
  func `constant paths read what they name, and fail with their name`(row: Row) {
    row.check(event: Self.event)
  }

  @Test(arguments: [
    Row("has(event.a)", "true"), Row("has(event.a.n)", "true"), Row("has(event.missing)", "false"), Row("has(event.a.missing)", "false"),
    Row("has(event.a.b.c)", "true"), Row("has(event.o.x)", "false"), Row("has(event.l[1].x)", "true"), Row("has(event.l[1].y)", "false"),
    Row("has(event.missing.x)", "error: column 1: no such key: event.missing"),
    Row("has(event.t.x)", "error: column 1: event.t is no object"),
    Row("has(event.l.x)", "error: column 1: event.l is no object"), Row("has(event.a.n.x)", "error"), Row("has(event.l[7].x)", "error"),
    Row("has(event.missing.x) || true", "true"), Row("[has(event.a), has(event.missing)]", "[true,false]"),
    Row("event.l.exists(e, has(e.x))", "true"), Row("event.l.filter(e, type(e) == map).all(e, has(e.x))", "true"),
  ])
  func `has tells whether an object holds a field, and fails on what is no object`(row: Row) {
    row.check(event: Self.event)
  }

  @Test(arguments: [
    Row("event.l.exists(e, e == 10)", "true"), Row("size(event.l)", "3"), Row("size(event.a)", "4"), Row("'b' in event.a", "true"),
    Row("10 in event.l", "true"),
    Row("event.a.b == {'c': 1}", "true"), Row("event.l[1] == {'x': 20.0}", "true"), Row("event.a.map(k, k)", #"["b","n","s","two words"]"#),
    Row("event.o == {}", "true"), Row("size(event)", "6"), Row("'a' in event", "true"), Row("event.all(k, size(k) > 0)", "true"),
  ])
  func `objects and arrays are maps and lists`(row: Row) {
    row.check(event: Self.event)
  }

  @Test(arguments: [
    Row("has(event.x)", "error: column 1: the event is no object"), Row("event[1]", "2"), Row("size(event)", "3"), Row("event.x", "error"),
    Row("event == [1, 2, 3]", "true"),
  ])
  func `an event need not be an object`(row: Row) {
    row.check(event: " [1, 2, 3]")
  }

  @Test func `without an event only what reads it fails`() {
    #expect(evaluate("event.a") == "error: column 7: the record has no payload, so there is no event")
    #expect(evaluate("has(event.a)") == "error: column 1: the record has no payload, so there is no event")
    #expect(evaluate("event.a > 1 || topic == ''") == "true")
    #expect(evaluate("1 + 1", event: "{nonsense") == "error: the event is not valid JSON")
  }

  @Test func `a plan holds each path once, and only what is read`() throws {
    var plan = FieldPlan()
    let first = try Expression("event.a.b > 1 && event['a'].b < 5 && event.l[0] == 1", fields: &plan)
    let second = try Expression("event.a.b", fields: &plan)
    #expect(plan.paths.map(\.description) == ["event.a.b", "event.l[0]"])
    #expect(second.slot == 0)
    #expect(second.path == FieldPath([.key("a"), .key("b")]))
    #expect(first.slot == nil && first.path == nil && first.usesEvent && !first.reads("headers"))
    _ = try Expression("has(event.c.d) && size(event.items) > 0 && event[headers['f']] == 1", fields: &plan)
    #expect(plan.paths.map(\.description).sorted() == ["event", "event.a.b", "event.c", "event.c.d", "event.items", "event.l[0]"])
  }

  @Test func `paths that differ in bytes alone are different fields`() throws {
    var plan = FieldPlan()
    #expect(plan.slot(for: FieldPath([.key("\u{e9}")])) == 0)
    #expect(plan.slot(for: FieldPath([.key("e\u{301}")])) == 1)
    #expect(evaluate(#"event['\u00e9'] + event['e\u0301']"#, event: #"{"\u00e9": 1, "e\u0301": 20}"#) == "21")
  }

  @Test func `a path is spelt as an expression would`() {
    #expect("\(FieldPath([.key("a"), .index(3), .key("b c"), .key("1"), .key("q\"\\")]))" == #"event.a[3]["b c"]["1"]["q\"\\"]"#)
  }
}
