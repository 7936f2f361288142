import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct FoldingTests {
  private func constant(_ source: String) throws -> String? {
    var plan = FieldPlan()
    return try Expression(source, fields: &plan).constant?.json()
  }

  @Test(arguments: [
    ("1 + 2 * 3", "7"), ("'a' + 'b'", "\"ab\""), ("[1, 2].map(x, [3].map(y, x * y))", "[[3],[6]]"),
    ("timestamp('2024-01-01T00:00:00Z').getFullYear()", "2024"),
    ("cel.bind(x, 2, x * x)", "4"), ("{'a': [1]}.a[0] in [1, 2]", "true"), ("true ? 'x' : 'y'", "\"x\""),
    ("optional.of(1).optMap(x, x + 1).orValue(0)", "2"),
    ("'abc'.matches('b')", "true"),
  ])
  func `what reads no record has one value`(source: String, value: String) throws {
    #expect(try constant(source) == value)
  }

  @Test(arguments: ["1 / 0", "event.a", "topic", "[1].map(x, partition)", "[1].map(x, 1 / 0)", "headers", "cel.bind(x, 1, x + offset)"])
  func `what reads a record or fails is evaluated for each`(source: String) throws {
    #expect(try constant(source) == nil)
  }

  @Test func `a constant part makes a path or a condition of the fast kind`() throws {
    var plan = FieldPlan()
    #expect(try Expression("event['a' + 'b'][2 - 1]", fields: &plan).path == FieldPath([.key("ab"), .index(1)]))
  }

  @Test func `a failing constant fails only where it is needed`() {
    #expect(evaluate("partition > 0 && 1 / 0 == 1") == "false")
    #expect(evaluate("partition == 0 && 1 / 0 == 1") == "error: column 21: division by zero")
  }
}
