import Testing

/// Producers write 5 and 5.0 alike, so a number from JSON takes the type of the other side.
@Suite struct JSONNumberTests {
  static let event = """
    {"five": 5, "fiveReal": 5.0, "half": 2.5, "minus": -3, "big": 18446744073709551615, "list": [1, 2.0, 3]}
    """

  @Test(arguments: [
    Row("event.five + 1", "6"), Row("event.five + 1.5", "6.5"), Row("event.fiveReal + 1", "6.0"), Row("1u + event.five", "6"),
    Row("event.five * 2 + 0.5", "10.5"), Row("event.five / 2", "2"), Row("event.fiveReal / 2", "2.5"),
    Row("event.five + event.half", "7.5"),
    Row("event.fiveReal % 2", "1"), Row("event.half % 2", "error"), Row("event.minus + 1u", "-2"),
    Row("event.minus + 18446744073709551615u", "error"),
    Row("event.big - 1", "18446744073709551614"), Row("event.big + 1", "error"), Row("-event.five", "-5"), Row("-event.half", "-2.5"),
    Row("event.five / 0", "error"), Row("event.list.map(x, x * 2.0)", "[2.0,4.0,6.0]"), Row("event.five + 'a'", "error"),
  ])
  func `arithmetic promotes where one side came from JSON`(row: Row) {
    row.check(event: Self.event)
  }

  @Test(arguments: [
    Row("event.five == 5 && event.five == 5.0 && event.five == 5u", "true"), Row("event.fiveReal == 5 && event.fiveReal == 5u", "true"),
    Row("event.half > 2 && event.half < 3u && event.half == 2.5", "true"), Row("event.minus < 0u", "true"),
    Row("event.big > 9223372036854775807", "true"),
    Row("event.five in [1, 5.0]", "true"), Row("event.fiveReal in {5: 'x'}", "true"), Row("event.list[event.five - 4]", "2.0"),
    Row("[7, 8, 9][event.list[1]]", "9"), Row("event.list[event.half]", "error"), Row("event.five == event.fiveReal", "true"),
  ])
  func `comparison and lookup see one number line`(row: Row) {
    row.check(event: Self.event)
  }

  @Test(arguments: [
    Row("type(event.five) == int", "true"), Row("type(event.fiveReal) == double", "true"), Row("type(event.big) == uint", "true"),
    Row("int(event.fiveReal) + 1", "6"), Row("int(event.five) + dyn(1.0)", "error"), Row("string(event.half)", #""2.5""#),
    Row("'abcdef'.substring(event.five)", #""f""#), Row("'abcdef'.substring(event.fiveReal)", #""f""#),
    Row("math.floor(event.five)", "5.0"),
    Row("math.greatest(event.five, 2)", "5"),
  ])
  func `a conversion makes an ordinary number, and functions take a whole number as int`(row: Row) {
    row.check(event: Self.event)
  }
}
