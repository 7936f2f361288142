import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct TypeCheckerTests {
  @Test(arguments: [
    Row("evnt.amount > 5", "error: column 1: unknown name 'evnt': did you mean 'event'?"),
    Row("amount > 5", "error: column 1: unknown name 'amount': a field of the event is written event.amount"),
    Row("event.name.startWith('a')", "error: column 12: unknown function 'startWith': did you mean 'startsWith'?"),
    Row("math.greatst(1, 2)", "error: column 6: unknown function 'math.greatst': did you mean 'math.greatest'?"),
    Row("contains('ab', 'a')", "error: column 1: 'contains' is called as x.contains(…)"),
    Row("'1'.int()", "error: column 5: 'int' is called as int(x)"),
    Row("topic > 5", "error: column 7: no such overload: string > int"),
    Row("topic == 5", "error: column 7: no such overload: string == int"),
    Row("1 + 1.0", "error: column 3: no such overload: int + double: convert one side with int(), uint() or double()"),
    Row("topic.contains(5)", "error: column 7: no such overload: string.contains(int)"),
    Row("size(5)", "error: column 1: no such overload: size(int)"), Row("-topic", "error: column 1: no such overload: -string"),
    Row("!topic", "error: column 2: '!' negates a bool, and this is a string"),
    Row("topic && true", "error: column 1: '&&' joins a bool, and this is a string"),
    Row("partition ? 1 : 2", "error: column 1: before '?' stands a bool, and this is an int"),
    Row("topic.name", "error: column 7: a string has no fields"), Row("topic[0]", "error: column 6: a string can't be indexed"),
    Row("[1]['a']", "error: column 5: a list is indexed by an int, not by a string"),
    Row("headers[5]", "error: column 9: this map is indexed by a string, not by an int"),
    Row("'a' in topic", "error: column 5: no such overload: string in string"),
    Row("topic in [1, 2]", "error: column 7: no such overload: string in list(int)"),
    Row("{1.5: 'a'}", "error: column 2: a key is a string, an int, a uint or a bool, not a double"),
    Row("int(headers)", "error: column 1: no such overload: int(map(string, string))"),
    Row("timestamp + timestamp", "error: column 11: no such overload: timestamp + timestamp"),
    Row("int('1', 2)", "error: column 1: no such overload: int(string, int)"),
  ])
  func `what can only fail is refused at its column`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("event.a + 1 == 3", "true"), Row("event.a + 1.5 == 3.5", "true"), Row("event.s + 'b'", #""ab""#),
    Row("[1, 'a', null]", #"[1,"a",null]"#),
    Row("true ? 1 : 'a'", "1"), Row("dyn(1) == 'a'", "false"), Row("[1, 'a'][1] == 'a'", "true"), Row("1 == 1.0", "true"),
    Row("1 < 1.5", "true"),
    Row("2u in [1, 2]", "true"), Row("null == topic", "false"), Row("type(event.s) == string", "true"),
    Row("event.l.map(x, x + 1)", "[2,3]"),
    Row("size(event.l) + size(event.s)", "3"),
  ])
  func `what may succeed is left to the record`(row: Row) {
    row.check(event: #"{"a": 2, "s": "a", "l": [1, 2]}"#)
  }

  @Test(arguments: [
    Row("true || nonsense(1)", "true"), Row("nonsense || true", "true"), Row("false && 5", "false"), Row("'a' && false", "false"),
    Row("false || nonsense", "error: column 10: unknown name 'nonsense': a field of the event is written event.nonsense"),
    Row("true && 5", "error: column 9: '&&' joins a bool, and this is an int"),
  ])
  func `an operand beside a deciding literal is absorbed unseen`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    ("event.a", ExpressionType.dyn), ("1 + 2", .int), ("'a' + topic", .string), ("event.a > 1", .bool), ("[1]", .list), ("headers", .map),
    ("timestamp - duration('1s')", .timestamp), ("timestamp - timestamp", .duration), ("size(event.a)", .int), ("type(1)", .type),
    ("event.a + 1", .dyn), ("event.a ? 1 : 2", .int), ("event.a ? 1 : 'x'", .dyn), ("[1, 2].map(x, string(x))[0]", .string),
    ("null", .null),
    ("double(event.a) / 2.0", .double), ("uint(offset)", .uint), ("bytes('a')", .bytes), ("{'a': [1]}.a[0]", .int),
  ])
  func `the type is as narrow as can be known`(source: String, type: ExpressionType) throws {
    var plan = FieldPlan()
    #expect(try Expression(source, fields: &plan).type == type)
  }

  @Test func `an expected type is demanded where the type is known`() throws {
    var plan = FieldPlan()
    #expect(throws: ExpressionError.self) { try Expression("partition", fields: &plan, expecting: .bool) }
    #expect(try Expression("event.flag", fields: &plan, expecting: .bool).type == .dyn)
    #expect(try Expression("event.a > 1", fields: &plan, expecting: .bool).type == .bool)
  }

  @Test func `a plan is left as it was when an expression is refused`() {
    var plan = FieldPlan()
    #expect(throws: ExpressionError.self) { try Expression("event.a > 1 && topic == 5", fields: &plan) }
    #expect(plan.isEmpty)
  }

  @Test func `every overload of the catalogue has the name of its function`() {
    for (name, entry) in Catalogue.functions {
      #expect(entry.function.name == name)
      for overload in entry.overloads {
        #expect(overload.name == name)
        #expect(!overload.parameters.isEmpty || name == "optional.none")
      }
    }
    #expect(Set(Catalogue.names.keys) == Set(Function.allCases))
    #expect(Set(Catalogue.operators.keys) == ["+", "-", "*", "/", "%"])
  }
}
