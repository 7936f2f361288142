import Testing

@Suite struct MacroTests {
  @Test(arguments: [
    Row("[1, 2, 3].all(x, x > 0)", "true"), Row("[1, 2, 3].all(x, x > 1)", "false"), Row("[].all(x, x > 1)", "true"),
    Row("[1, 2, 3].exists(x, x == 2)", "true"), Row("[1, 2, 3].exists(x, x == 4)", "false"), Row("[].exists(x, true)", "false"),
    Row("[1, 2, 3].exists_one(x, x > 2)", "true"), Row("[1, 2, 3].exists_one(x, x > 1)", "false"), Row("[].exists_one(x, true)", "false"),
    Row("[1, 2, 3].filter(x, x != 2)", "[1,3]"), Row("[1, 2, 3].map(x, x * x)", "[1,4,9]"),
    Row("[1, 2, 3].map(x, x > 1, x * 10)", "[20,30]"),
    Row("{'a': 1, 'b': 2}.all(k, k < 'c')", "true"), Row("{'a': 1, 'b': 2}.exists(k, k == 'b')", "true"),
    Row("{'a': 1, 'b': 2}.filter(k, k > 'a')", #"["b"]"#), Row("{'a': 1, 'b': 2}.map(k, k + k)", #"["aa","bb"]"#),
    Row("[[1], [2, 3]].map(l, l.map(x, x + size(l)))", "[[2],[4,5]]"), Row("[1, 2].map(x, [x].map(x, x * 3)[0] + x)", "[4,8]"),
  ])
  func `macros go through the elements of lists and the keys of maps`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("[5, 6].all(i, v, v == i + 5)", "true"), Row("[5, 6].exists(i, v, i == 1 && v == 6)", "true"),
    Row("{'a': 1, 'b': 2}.exists(k, v, k == 'b' && v == 2)", "true"), Row("{'a': 1, 'b': 2}.existsOne(k, v, v > 1)", "true"),
    Row("['x', 'y'].transformList(i, v, v + string(i))", #"["x0","y1"]"#), Row("[7, 8].transformList(i, v, i > 0, v)", "[8]"),
    Row("{'a': 1, 'b': 2}.transformMap(k, v, v * 10)", #"{"a":10,"b":20}"#),
    Row("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v)", #"{"b":2}"#),
    Row("['x', 'y'].transformMap(i, v, v)", #"{"0":"x","1":"y"}"#), Row("{'a': 'x'}.transformMapEntry(k, v, {v: k})", #"{"x":"a"}"#),
    Row("['a', 'a'].transformMapEntry(i, v, {v: i})", "error"),
  ])
  func `macros of two variables see index and element, or key and value`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("[0, 2].exists(x, 4 / x == 2)", "true"), Row("[0, 4].exists(x, 4 / x == 2)", "error"), Row("[0, 2].all(x, 4 / x == 3)", "false"),
    Row("[0, 2].all(x, 4 / x == 2)", "error"), Row("[0, 2].exists_one(x, 4 / x == 2)", "error"), Row("[0, 2].map(x, 4 / x)", "error"),
    Row("[0, 2].filter(x, 4 / x == 2)", "error"), Row("[1, 2].map(x, x > 1, 2 / (x - 1))", "[2]"),
  ])
  func `only all and exists absorb failures of elements`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("cel.bind(x, 3, x * x)", "9"), Row("cel.bind(x, 3, cel.bind(y, x + 1, x * y))", "12"), Row("cel.bind(x, 1 / 0, 5)", "error"),
    Row("cel.bind(x, 1, cel.bind(x, x + 1, x) + x)", "3"), Row("[1, 2].map(x, cel.bind(y, x * 2, y + x))", "[3,6]"),
    Row("['a'].exists(topic, topic == 'a')", "true"), Row("['a'].exists(topic, .topic == 'a')", "false"),
  ])
  func `a name is the innermost variable of that name, and absolute with a leading dot`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("has(topic)", "error: column 5: has() takes the selection of a field: has(event.card)"),
    Row("[1].all(x.y, true)", "error: column 11: this must be a plain name, the variable: list.all(x, condition)"),
    Row("[1].all(x)", "error: column 5: all() is written list.all(x, condition)"),
    Row("[1].all(x, x, x)", "error: column 12: the two variables of all() need different names"),
    Row("[1].map(x, 1)[0].all(y, true)", "error: column 14: an int has no elements to iterate over"),
    Row("[1].all(x, x)", "error: column 12: the condition of a macro is a bool, and this is an int"),
    Row("[1].map(x, x) + [y]", "error: column 18: unknown name 'y': a field of the event is written event.y"),
  ])
  func `a macro used wrongly is refused with its form`(row: Row) {
    row.check()
  }
}
