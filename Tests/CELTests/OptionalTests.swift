import Testing

@Suite struct OptionalTests {
  static let event = #"{"a": {"b": 5, "n": null, "s": "x"}, "l": [10, {"x": 20}], "t": true}"#

  @Test(arguments: [
    Row("event.?a.b.orValue(0)", "5"), Row("event.?a.?b.orValue(0)", "5"), Row("event.?missing.b.orValue(7)", "7"),
    Row("event.?missing.?b.c.d.orValue(7)", "7"),
    Row("event.a.?missing.orValue('none')", #""none""#), Row("event.?l[0].orValue(0)", "10"), Row("event.?l[5].orValue(0)", "0"),
    Row("event.l[?1].x.orValue(0)", "20"),
    Row("event.l[?1].y.orValue(0)", "0"), Row("event[?'a'].s.orValue('')", #""x""#), Row("event.?a.n.orValue(1)", "null"),
    Row("event.?a[0].orValue(3)", "3"),
    Row("event.missing.?x.orValue(1)", "error"), Row("event.?t.x.orValue(1)", "error"), Row("event.?a.n.x.orValue(1)", "error"),
    Row("event.?l.x.orValue(1)", "error"),
    Row("event.?a.b", "5"), Row("event.?missing", "null"), Row("event.?a.hasValue()", "true"), Row("event.?missing.hasValue()", "false"),
    Row("event.?missing.value()", "error"), Row("event.?a.b.orValue(0) > 3 && event.?c.d.orValue(0) < 3", "true"),
    Row("has(event.?a.b) && !has(event.?c.b)", "true"),
    Row("headers.?x.orValue('none')", #""none""#), Row("headers[?'p' + 'q'].orValue('none')", #""none""#),
    Row("headers.?there.orValue('none')", #""yes""#),
  ])
  func `an optional selection is missing where the event ends`(row: Row) {
    row.check(event: Self.event, headers: [("there", "yes")])
  }

  @Test(arguments: [
    Row("optional.of(5).value()", "5"), Row("optional.none().orValue(3)", "3"), Row("optional.of(null).hasValue()", "true"),
    Row("optional.ofNonZeroValue('').hasValue()", "false"),
    Row("optional.ofNonZeroValue([0]).hasValue()", "true"), Row("optional.none().or(optional.of(4)).value()", "4"),
    Row("optional.of(2).or(optional.of(4)).value()", "2"),
    Row("optional.of(2).optMap(x, x * 2).value()", "4"), Row("optional.none().optMap(x, 1 / 0).hasValue()", "false"),
    Row("optional.of(2).optFlatMap(x, optional.none()).hasValue()", "false"),
    Row("optional.of(1) == optional.of(1.0)", "true"), Row("optional.of(1) == optional.none()", "false"),
    Row("optional.none() == optional.none()", "true"),
    Row("type(optional.of(1)) == optional_type", "true"), Row("{'a': 1}.?a.value() + {'a': 1}[?'b'].orValue(5)", "6"),
    Row("[1, 2][?2].hasValue()", "false"),
    Row("optional.of({'a': [1]}).a[0].value()", "1"), Row("optional.of(5).a", "error"), Row("dyn(5).hasValue()", "error"),
    Row("optional.of(1).value(2)", "error"),
    Row("optional.of(1).optFlatMap(x, x)", "error: column 30: optFlatMap() needs an optional value, and this is an int"),
    Row("5.optMap(x, x)", "error"),
    Row("optional.of(1).optMap(x)", "error: column 16: optMap() is written optional.optMap(x, result)"),
    Row("optional.of(1) < optional.of(2)", "error"),
  ])
  func `optional values are made, asked and passed on`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("[1, ?optional.none(), ?optional.of(2)]", "[1,2]"), Row("{'a': 1, ?'b': optional.none(), ?'c': optional.of(3)}", #"{"a":1,"c":3}"#),
    Row("[?5]", "error"),
    Row("[?dyn(5)]", "error"), Row("{?'a': 1}", "error"), Row("[?event.?a.b, ?event.?zz]", "[5]"), Row("size(?1)", "error"),
  ])
  func `elements with a question mark are left out where they are missing`(row: Row) {
    row.check(event: Self.event)
  }
}
