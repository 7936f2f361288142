import Testing

@Suite struct ConversionTests {
  @Test(arguments: [
    Row("int(3.9)", "3"), Row("int(-3.9)", "-3"), Row("int(7u)", "7"), Row("int('-12')", "-12"),
    Row("int(timestamp('1970-01-01T00:01:00.9Z'))", "60"),
    Row("int(9223372036854775808.0)", "error"), Row("int(-9223372036854775808.0)", "error"), Row("int(18446744073709551615u)", "error"),
    Row("int('1.5')", "error"), Row("int('')", "error"), Row("int(0.0 / 0.0)", "error"), Row("int(' 1')", "error"),
    Row("uint(3.9)", "3"), Row("uint(7)", "7"), Row("uint('12')", "12"), Row("uint(-1)", "error"), Row("uint(-1.0)", "error"),
    Row("uint(-0.5)", "error"),
    Row("uint(1e20)", "error"),
    Row("uint('-1')", "error"), Row("double(3)", "3.0"), Row("double(7u)", "7.0"), Row("double('-1.5e2')", "-150.0"),
    Row("double('x')", "error"),
    Row("double('NaN')", #""NaN""#), Row("double('Infinity')", #""Infinity""#),
  ])
  func `numbers convert where they fit`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("string(12)", #""12""#), Row("string(12u)", #""12""#), Row("string(-1.5)", #""-1.5""#), Row("string(2.0)", #""2""#),
    Row("string(1e100)", #""1e+100""#),
    Row("string(true)", #""true""#), Row(#"string(b'\xc3\xa4')"#, #""ä""#), Row(#"string(b'\xff')"#, "error"),
    Row("string(null)", "error"),
    Row("string([1])", "error"), Row("string(duration('90.5s'))", #""90.5s""#),
    Row("string(timestamp('2024-01-01T00:00:00+01:00'))", #""2023-12-31T23:00:00Z""#),
    Row("bytes('ä') == b'\\xc3\\xa4'", "true"), Row("bool('true') && bool('1') && bool('t') && bool('TRUE')", "true"),
    Row("bool('yes')", "error"),
    Row("bool('False')", "false"), Row("bool(1)", "error"), Row("dyn(5)", "5"),
  ])
  func `strings convert to and fro`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("type(1)", #""int""#), Row("type(1u)", #""uint""#), Row("type('')", #""string""#), Row("type(null)", #""null_type""#),
    Row("type([])", #""list""#),
    Row("type({})", #""map""#), Row("type(type(1))", #""type""#), Row("type(b'')", #""bytes""#), Row("type(1.0)", #""double""#),
    Row("type(true)", #""bool""#),
    Row("type(timestamp(0)) == google.protobuf.Timestamp", "true"), Row("type(duration('1s')) == .google.protobuf.Duration", "true"),
  ])
  func `types are values`(row: Row) {
    row.check()
  }
}
