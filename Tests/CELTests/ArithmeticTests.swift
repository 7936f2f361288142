import Testing

@Suite struct ArithmeticTests {
  @Test(arguments: [
    Row("7 / 2", "3"), Row("-7 / 2", "-3"), Row("7 % 3", "1"), Row("-7 % 3", "-1"), Row("7 % -3", "1"), Row("7u / 2u", "3"),
    Row("7u % 4u", "3"), Row("7.0 / 2.0", "3.5"), Row("0.1 + 0.2", "0.30000000000000004"), Row("2u - 1u", "1"), Row("3 * -4", "-12"),
    Row("1.0 / 0.0", #""Infinity""#), Row("-1.0 / 0.0", #""-Infinity""#), Row("0.0 / 0.0", #""NaN""#),
    Row("'a' + 'b'", #""ab""#), Row("b'a' + b'b' == b'ab'", "true"), Row("[1] + [2, 3]", "[1,2,3]"), Row("-(1.5)", "-1.5"),
  ])
  func `both sides have one type, and so has the result`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    "9223372036854775807 + 1", "-9223372036854775808 - 1", "9223372036854775807 * 2", "-9223372036854775808 / -1",
    "-9223372036854775808 % -1",
    "18446744073709551615u + 1u", "1u - 2u", "9223372036854775808u * 2u", "-(-9223372036854775808)", "1 / 0", "1 % 0", "1u / 0u", "1u % 0u",
    "dyn(1) + dyn(1.0)", "dyn(1) + dyn(1u)", "dyn(1u) + dyn(1.0)", "dyn(1.5) % dyn(1.0)", "-dyn(1u)", "dyn('a') - dyn('a')", "dyn('a') + 1",
    "dyn(null) + 1", "dyn([1]) + 1",
  ])
  func `a result out of range, a division by zero and mixed types fail`(source: String) {
    Row(source, "error").check()
  }

  @Test(arguments: [
    Row("timestamp('2024-02-28T23:59:59Z') + duration('1s')", #""2024-02-29T00:00:00Z""#),
    Row("duration('24h') + timestamp('2023-12-31T00:00:00Z')", #""2024-01-01T00:00:00Z""#),
    Row("timestamp('1970-01-01T00:00:00Z') - duration('1ns')", #""1969-12-31T23:59:59.999999999Z""#),
    Row("timestamp('2024-01-02T00:00:00Z') - timestamp('2024-01-01T12:00:00Z')", #""43200s""#),
    Row("duration('1h') - duration('90m')", #""-1800s""#), Row("timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error"),
    Row("timestamp('0001-01-01T00:00:00Z') - duration('1ns')", "error"), Row("duration('292y')", "error"),
    Row("duration('2562047h') + duration('2562047h')", "error"),
    Row("timestamp('9999-01-01T00:00:00Z') - timestamp('0001-01-01T00:00:00Z')", "error"),
  ])
  func `times move by spans and stay in their range`(row: Row) {
    row.check()
  }
}
