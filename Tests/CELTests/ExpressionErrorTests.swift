import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct ExpressionErrorTests {
  private func error(_ source: String, limits: ExpressionLimits = ExpressionLimits()) -> ExpressionError? {
    var plan = FieldPlan()
    do throws(ExpressionError) {
      _ = try Expression(source, fields: &plan, limits: limits)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a column counts characters, and the caret stands below it`() throws {
    let found = try #require(error("'äöü' == nonsense"))
    #expect(found.line == 1)
    #expect(found.column == 10)
    #expect(found.caret == "'äöü' == nonsense\n         ^")
    #expect("\(found)".hasPrefix("column 10: unknown name 'nonsense'"))
  }

  @Test func `a fault in a later line names that line`() throws {
    let found = try #require(error("event.amount > 5 &&\n  topic = 'x'\n  && true"))
    #expect(found.line == 2)
    #expect(found.column == 9)
    #expect(found.caret == "  topic = 'x'\n        ^")
    #expect("\(found)" == "line 2, column 9: '=' is no operator: equality is written '=='")
  }

  @Test func `a long line is cut around the caret`() throws {
    let found = try #require(error(String(repeating: "1 + ", count: 60) + "x" + String(repeating: " + 1", count: 60)))
    let lines = found.caret.split(separator: "\n")
    #expect(lines[0].count <= 100)
    #expect(Array(lines[0])[lines[1].count - 1] == "x")
  }

  @Test func `an end that comes too early is shown behind the last character`() throws {
    let found = try #require(error("event.a >"))
    #expect(found.column == 10)
    #expect("\(found)" == "column 10: expected a value, found the end of the expression")
  }

  @Test func `what is missing is told from what failed`() throws {
    for (source, isMissing) in [
      ("headers.x", true), ("[1][int(offset) + 3]", true), ("{'a': 1}[topic]", true), ("key + 1", true), ("1 / int(offset)", false),
      ("int(topic)", false),
    ] {
      var plan = FieldPlan()
      let expression = try Expression(source, fields: &plan)
      guard case .failure(let fault) = withActivation(of: RecordView(value: nil), { expression.evaluate($0) }) else {
        Issue.record("\(source) has a value")
        continue
      }
      #expect(fault.isMissing == isMissing, "\(source)")
    }
  }

  @Test func `a condition that is no bool is explained`() throws {
    var plan = FieldPlan()
    let condition = try Expression("dyn(partition)", fields: &plan, expecting: .bool)
    let header = try Expression("headers.x", fields: &plan)
    withActivation(of: RecordView(value: nil, partition: 7)) { context in
      #expect(condition.evaluateBool(context) == .fault)
      #expect(condition.explain(context) == "expected a bool, and the value is an int: 7")
      #expect(header.explain(context) == #"column 9: no such key: headers["x"]"#)
    }
  }

  @Test func `a failure of a record names its place in the expression`() {
    #expect(evaluate("1 + 2 * (3 / event.z)", event: #"{"z": 0}"#) == "error: column 12: division by zero")
    #expect(evaluate("topic == ''\n  && event.x > 5", event: "{}") == "error: line 2, column 12: no such key: event.x")
    #expect(evaluate("[1, 2][event.i]", event: #"{"i": 5}"#) == "error: column 7: index 5 is out of range of a list of 2")
    #expect(evaluate("event.s + 1", event: #"{"s": "a"}"#) == "error: column 9: no such overload: string + int")
    #expect(evaluate("int(event.s)", event: #"{"s": "a"}"#) == #"error: column 1: "a" can't be read as int"#)
    #expect(evaluate("headers.x == 'a'") == #"error: column 9: no such key: headers["x"]"#)
  }
}
