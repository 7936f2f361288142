import Testing

/// Producers write 5 and 5.0 alike, so a number from JSON takes the type of the other side.
@Suite struct JSONNumberTests {
  static let event = """
    {"five": 5, "fiveReal": 5.0, "half": 2.5, "minus": -3, "big": 18446744073709551615, "cents": 1999, "centsReal": 1999.0, "zero": 0.0,
     "id": 9007199254740993, "idReal": 9007199254740993.0, "idExponent": 9.007199254740993e15, "list": [1, 2.0, 3]}
    """

  @Test(arguments: [
    Row("event.five + 1", "6"), Row("event.five + 1.5", "6.5"), Row("event.fiveReal + 1", "6"), Row("1u + event.five", "6"),
    Row("event.five * 2 + 0.5", "10.5"), Row("event.five / 2", "2.5"), Row("event.fiveReal / 2", "2.5"),
    Row("event.five + event.half", "7.5"),
    Row("event.fiveReal % 2", "1"), Row("event.half % 2", "error"), Row("event.minus + 1u", "-2"),
    Row("event.minus + 18446744073709551615u", "error"),
    Row("event.big - 1", "18446744073709551614"), Row("event.big + 1", "error"), Row("-event.five", "-5"), Row("-event.half", "-2.5"),
    Row("event.five / 0", "error"), Row("event.list.map(x, x * 2.0)", "[2,4,6]"), Row("event.five + 'a'", "error"),
  ])
  func `arithmetic promotes where one side came from JSON`(row: Row) {
    row.check(event: Self.event)
  }

  @Test(arguments: [
    Row("event.five == 5 && event.five == 5.0 && event.five == 5u", "true"), Row("event.fiveReal == 5 && event.fiveReal == 5u", "true"),
    Row("event.half > 2 && event.half < 3u && event.half == 2.5", "true"), Row("event.minus < 0u", "true"),
    Row("event.big > 9223372036854775807", "true"),
    Row("event.five in [1, 5.0]", "true"), Row("event.fiveReal in {5: 'x'}", "true"), Row("event.list[event.five - 4]", "2"),
    Row("[7, 8, 9][event.list[1]]", "9"), Row("event.list[event.half]", "error"), Row("event.five == event.fiveReal", "true"),
  ])
  func `comparison and lookup see one number line`(row: Row) {
    row.check(event: Self.event)
  }

  @Test(arguments: [
    Row("type(event.five) == int", "true"), Row("type(event.fiveReal) == int", "true"), Row("type(event.big) == uint", "true"),
    Row("type(event.half) == double", "true"),
    Row("int(event.fiveReal) + 1", "6"), Row("int(event.five) + dyn(1.0)", "error"), Row("string(event.half)", #""2.5""#),
    Row("'abcdef'.substring(event.five)", #""f""#), Row("'abcdef'.substring(event.fiveReal)", #""f""#),
    Row("math.floor(event.five)", "5.0"),
    Row("math.greatest(event.five, 2)", "5"),
  ])
  func `a conversion makes an ordinary number, and functions take a whole number as int`(row: Row) {
    row.check(event: Self.event)
  }

  @Test(arguments: [
    Row("event.cents / 100", "19.99"), Row("event.centsReal / 100", "19.99"), Row("event.cents / 100u", "19.99"),
    Row("event.cents / 100.0", "19.99"), Row("event.cents / event.centsReal", "1"), Row("100 / event.five", "20"),
    Row("size(event.list) / event.cents * 1999", "3"), Row("(event.cents + 1) / 16", "125"), Row("event.list.map(x, x / 2)", "[0.5,1,1.5]"),
    Row("event.id / 1 == event.id", "true"), Row("event.id * 2 / 2", "9007199254740993"), Row("event.minus / -1", "3"),
    Row("int(event.cents) / 100", "19"), Row("int(event.centsReal) / 100", "19"), Row("event.cents / int(event.cents)", "1"),
    Row("double(event.cents) / 100.0", "19.99"), Row("7 / 2", "3"), Row("event.?none.orValue(7) / 2", "3"),
    Row("event.five / event.zero", "error: column 12: division by zero"), Row("event.half / 0.0", "error: column 12: division by zero"),
    Row("1.0 / event.zero", "error: column 5: division by zero"), Row("event.zero / event.five", "0"),
  ])
  func `division leaves no remainder where a number of the event takes part`(row: Row) {
    row.check(event: Self.event)
  }

  @Test(arguments: [
    Row("event.cents % 100", "99"), Row("event.centsReal % 100", "99"), Row("event.centsReal % 100u", "99"),
    Row("string(event.cents) == string(event.centsReal)", "true"), Row("string(event.centsReal)", #""1999""#),
    Row("type(event.cents) == type(event.centsReal)", "true"), Row("'%s %d'.format([event.centsReal, event.centsReal])", #""1999 1999""#),
    Row("'%x'.format([event.fiveReal])", #""5""#), Row("{event.fiveReal: 'x'}[5]", #""x""#), Row("{event.fiveReal: 'x'}", #"{"5":"x"}"#),
    Row("timestamp(event.fiveReal)", #""1970-01-01T00:00:05Z""#), Row("math.bitAnd(event.fiveReal, 4)", "4"),
    Row("math.abs(event.minus) / 2", "1.5"), Row("math.sign(event.half) + 1", "2"),
    Row("event.id == 9007199254740993 && event.idReal == 9007199254740993", "true"), Row("event.idReal == 9007199254740992", "false"),
    Row("event.idExponent - event.id", "0"), Row("[event.idReal][0]", "9007199254740993"),
    Row("event.idReal in [9007199254740992]", "false"),
    Row("string(event.idExponent)", #""9007199254740993""#), Row("event.?idReal.value() + 1", "9007199254740994"),
    Row("event.transformMap(k, v, k == 'idReal', v)", #"{"idReal":9007199254740993}"#),
  ])
  func `how a producer spells a whole number is not seen`(row: Row) {
    row.check(event: Self.event)
  }
}
