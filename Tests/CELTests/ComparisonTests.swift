import Testing

@testable import CEL

@Suite struct ComparisonTests {
  @Test(arguments: [
    Row("dyn(1) == dyn(1u) && dyn(1u) == dyn(1.0) && dyn(1.0) == dyn(1)", "true"), Row("dyn(1) == dyn(1.5)", "false"),
    Row("dyn(-1) < dyn(0u)", "true"), Row("dyn(18446744073709551615u) > dyn(9223372036854775807)", "true"),
    Row("dyn(1) < dyn(1.5) && dyn(1u) < dyn(1.5) && dyn(1.5) < dyn(2) && dyn(1.5) < dyn(2u)", "true"),
    Row("dyn(-1.0) < dyn(0u)", "true"), Row("dyn(1e300) > dyn(9223372036854775807)", "true"),
    Row("dyn(-1e300) < dyn(-9223372036854775808)", "true"),
  ])
  func `numbers of different types lie on one line`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("dyn('1') == dyn(1)", "false"), Row("dyn(null) == dyn(0)", "false"), Row("dyn(true) == dyn(1)", "false"),
    Row("dyn(b'a') == dyn('a')", "false"),
    Row("null == null", "true"), Row("dyn([1]) == dyn({1: 1})", "false"), Row("[1, 2] == [1, 2.0]", "true"),
    Row("[1, 2] == [2, 1]", "false"),
    Row("[1] == [1, 2]", "false"), Row("{'a': 1, 'b': 2} == {'b': 2.0, 'a': 1u}", "true"), Row("{'a': 1} == {'b': 1}", "false"),
    Row("{1: 'a'} == {1u: 'a'}", "true"), Row("{'a': null} == {}", "false"), Row("[[1], {'a': [2]}] == [[1.0], {'a': [2u]}]", "true"),
    Row("int == type(1)", "true"), Row("type(1) == type(1u)", "false"), Row("duration('60s') == duration('1m')", "true"),
    Row("timestamp('2024-01-01T01:00:00+01:00') == timestamp('2024-01-01T00:00:00Z')", "true"),
  ])
  func `values of different types are unequal, and containers are equal part by part`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("0.0 / 0.0 == 0.0 / 0.0", "false"), Row("0.0 / 0.0 != 0.0 / 0.0", "true"), Row("0.0 / 0.0 < 1.0", "false"),
    Row("0.0 / 0.0 >= 1.0", "false"),
    Row("dyn(0.0 / 0.0) == dyn(1)", "false"), Row("0.0 == -0.0", "true"), Row("(0.0 / 0.0) in [0.0 / 0.0]", "false"),
  ])
  func `NaN equals nothing and has no order`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("'a' < 'b' && 'B' < 'a' && 'a' < 'aa' && '' < 'a'", "true"), Row(#"'\u00e9' == 'e\u0301'"#, "false"),
    Row(#"'z' < '\u00e9'"#, "true"),
    Row(#"'\uffff' < '\U00010000'"#, "true"), Row(#"{'\u00e9': 1}['e\u0301']"#, "error"), Row(#"b'\x7f' < b'\x80'"#, "true"),
    Row("false < true", "true"),
    Row("timestamp('2024-01-01T00:00:00Z') < timestamp('2024-01-01T00:00:00.1Z')", "true"),
    Row("duration('-1s') < duration('1ns')", "true"),
    Row("dyn('a') < dyn(1)", "error"), Row("dyn(null) < dyn(null)", "error"), Row("dyn([1]) < dyn([2])", "error"),
    Row("dyn(int) < dyn(uint)", "error"),
  ])
  func `text is ordered by its bytes, without equivalences of Unicode`(row: Row) {
    row.check()
  }

  @Test func `an order is mirrored with its sides`() {
    for relation in [Relation.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual] {
      for (left, right) in [(1, 2), (2, 1), (2, 2)] as [(Int64, Int64)] {
        #expect(relation.holds(ValueComparison.order(left, right)) == relation.mirrored.holds(ValueComparison.order(right, left)))
      }
      #expect(relation.holds(.unordered) == (relation == .notEqual))
    }
  }
}
