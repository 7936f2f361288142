import Testing

@testable import CEL

@Suite struct ParserTests {
  @Test(arguments: [
    Row("1 + 2 * 3", "7"), Row("(1 + 2) * 3", "9"), Row("10 - 3 - 2", "5"), Row("100 / 10 / 5", "2"), Row("7 - 2 + 1", "6"),
    Row("1 + 1 == 2 && 2 < 3", "true"), Row("true || false && false", "true"), Row("(true || false) && false", "false"),
    Row("1 < 2 == true", "true"), Row("!true || true", "true"), Row("!(true || true)", "false"), Row("!!true", "true"),
    Row("--3", "3"), Row("-(-3)", "3"), Row("2 - -3", "5"), Row("-2 * -3", "6"), Row("- 2", "-2"), Row("-[3][0]", "-3"),
    Row("false ? 1 : true ? 2 : 3", "2"), Row("true ? false ? 1 : 2 : 3", "error"), Row("true ? (false ? 1 : 2) : 3", "2"),
    Row("1 in [1] == true", "true"), Row("2 * 3 in [6]", "true"), Row("[[1, 2], [3]][0][1]", "2"), Row("{'a': {'b': 5}}.a.b", "5"),
    Row("{'a': [1, {'b': 6}]}.a[1].b", "6"), Row("'abc'.size() + size('de')", "5"),
  ])
  func `operators bind as the language orders them`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("[1, 2,]", "[1,2]"), Row("{'a': 1,}", #"{"a":1}"#), Row("[]", "[]"), Row("{}", "{}"), Row("[,]", "error"), Row("{,}", "error"),
    Row("size('a',)", "error"), Row("[1 2]", "error"), Row("{'a' 1}", "error"), Row("{'a': 1 'b': 2}", "error"), Row("(1", "error"),
    Row("1)", "error"), Row("1 +", "error"), Row("+ 1", "error"), Row("1 2", "error"), Row("true ?", "error"), Row("true ? 1", "error"),
    Row("a.", "error"), Row(".", "error"), Row("size(", "error"), Row("[1][", "error"), Row("{1: 2}[1", "error"), Row("!", "error"),
    Row("1 ? 2 : 3", "error"), Row("Money{units: 1}", "error"), Row("my.Money{}", "error"), Row(".topic == ''", "true"),
  ])
  func `lists, maps and calls are closed, with a trailing comma where it is allowed`(row: Row) {
    row.check()
  }

  @Test func `a literal minus sign belongs to the number`() throws {
    let syntax = try Parser.parse("-9223372036854775808", limits: ExpressionLimits())
    guard case .literal(.int(.min)) = syntax.kind else {
      Issue.record("the smallest int is no literal")
      return
    }
  }

  @Test func `a chain of one logical operator is one node`() throws {
    let source = Array(repeating: "true", count: 5000).joined(separator: " && ")
    let syntax = try Parser.parse(source, limits: ExpressionLimits())
    guard case .logical(.and, let operands) = syntax.kind else {
      Issue.record("the chain is no logical node")
      return
    }
    #expect(operands.count == 5000)
    #expect(syntax.depth == 2)
  }
}
