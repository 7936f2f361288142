import Testing

@testable import CEL
@testable import EventDecoding

/// Expressions that are right, and mean more than one thing.
@Suite struct ExpressionDoubtTests {
  private func doubts(_ source: String) throws -> [ExpressionDoubt] {
    var plan = FieldPlan()
    return try Expression(source, fields: &plan).doubts
  }

  @Test(arguments: [
    ("event.?limit.orValue(7) / 2", 25), ("(has(event.a) ? event.a : 1) / 2", 30), ("100 / event.?a.orValue(7)", 5),
    ("math.greatest(event.a, 2) / 3", 27), ("cel.bind(x, event.?a.orValue(7), x / 2)", 36), ("[event.a, 7].map(x, x / 2)", 23),
    ("[event.a, 7][0] / partition", 17), ("event.?a.or(optional.of(7)).value() / 2", 37), ("dyn(event.flag ? event.a : 7) / 2", 31),
    ("event.?a.optMap(x, [x, 1].map(y, y / 2))", 36), ("(event.?a.orValue(7) + 1) / 2", 27), ("-event.?a.orValue(7) / 2u", 22),
  ])
  func `a division that may have a remainder or not is told at its place`(source: String, column: Int) throws {
    let doubt = try #require(try doubts(source).first)
    #expect(
      doubt.column == column && doubt.line == 1 && doubt.message.hasPrefix("'/' has a remainder here") && doubt.help.contains("double(…)"))
    #expect(try doubts(source).count == 1)
  }

  @Test(arguments: [("type(event.a) == int", 15), ("type(event.l[0]) != double", 18), ("true &&\n type(event.a) in [int, uint]", 16)])
  func `a comparison with some types of numbers is told`(source: String, column: Int) throws {
    let doubt = try #require(try doubts(source).first)
    #expect(doubt.column == column && doubt.message.contains("20.00 is an int, 19.99 a double"))
    #expect(doubt.line == (source.contains("\n") ? 2 : 1))
  }

  @Test(arguments: [
    "event.amount / 100", "event.a / event.b", "100 / event.a", "event.?limit.orValue(7) / 2.5", "event.?limit.orValue(7) / event.b",
    "double(event.?limit.orValue(7)) / 2.0", "int(event.?limit.orValue(7)) / 2", "7 / 2", "partition / 2", "event.l.map(x, x / 2)",
    "size(event.l) / 2", "event.?limit.orValue(7) + 2", "type(event.a) == string", "type(event.a) in [int, uint, double]", "type(1) == int",
    "event.l.transformList(i, x, i / 2)", "(event.?a.orValue(7) * event.b) / 2", "event.?a.orValue('x') == 'y'", "type(topic) == string",
  ])
  func `what has one meaning is left alone`(source: String) throws {
    #expect(try doubts(source) == [])
  }
}
