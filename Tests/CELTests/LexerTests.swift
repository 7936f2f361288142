import Testing

@Suite struct LexerTests {
  @Test(arguments: [
    Row("42", "42"), Row("0x2A", "42"), Row("0XfF", "255"), Row("7u", "7"), Row("0x10U", "16"), Row("1.5", "1.5"), Row(".25", "0.25"),
    Row("2e3", "2000.0"), Row("2E-3", "0.002"), Row("1.5e+1", "15.0"), Row("-9223372036854775808", "-9223372036854775808"),
    Row("18446744073709551615u", "18446744073709551615"), Row("1 .size()", "error"), Row("9223372036854775808", "error"),
    Row("18446744073709551616u", "error"), Row("-9223372036854775809", "error"), Row("1e999", "error"), Row("1.", "error"),
    Row("12abc", "error"), Row("0x", "error"), Row("1u2", "error"),
  ])
  func `numbers are read in every form and range`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row(#"'it''s'"#, "error"), Row(#""a'b""#, #""a'b""#), Row(#"'a"b'"#, #""a\"b""#), Row(#"'''a'b''c'''"#, #""a'b''c""#),
    Row("\"\"\"two\nlines\"\"\"", #""two\nlines""#), Row("'two\nlines'", "error"), Row("'open", "error"), Row("'''open''", "error"),
    Row(#"r'\d+\'"#, #""\\d+\\""#), Row(#"R"\n""#, #""\\n""#),
    Row(#"'\a\b\f\n\r\t\v\\\?\"\'\`'"#, #""\u0007\b\f\n\r\t\u000b\\?\"'`""#),
    Row(#"'\x41\X42\103\u00e4\U0001F600'"#, #""ABCä😀""#), Row(#"'\377'"#, #""ÿ""#), Row(#"'\400'"#, "error"), Row(#"'\s'"#, "error"),
    Row(#"'\x4'"#, "error"), Row(#"'\ud800'"#, "error"), Row(#"'\U00110000'"#, "error"), Row("''", #""""#), Row("''''''", #""""#),
  ])
  func `strings are read with their quotes and escapes`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row(#"b'abc' == bytes('abc')"#, "true"), Row(#"b'\xff\377' == b'ÿ'"#, "false"), Row(#"size(b'\xff\377')"#, "2"),
    Row(#"size(b'ÿ')"#, "2"), Row(#"br'\x41' == bytes(r'\x41')"#, "true"), Row(#"bR'\x41' == bytes(r'\x41')"#, "true"),
    Row(#"b'\u0041'"#, "error"), Row(#"rb'a'"#, "error"), Row(#"B"""a"b""" == b'a"b'"#, "true"),
  ])
  func `bytes literals hold octets, not code points`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("1 // one\n + 2", "3"), Row("1 + 2 // three", "3"), Row("\t1\r\n+\u{0C}2 ", "3"), Row("// nothing", "error"), Row("", "error"),
    Row("{'content-type': 1}.`content-type`", "1"), Row("{'a': 1}.``", "error"), Row("{'a': 1}.`a", "error"), Row("1 $ 2", "error"),
    Row("ä", "error"), Row("1 = 1", "error"), Row("true & true", "error"), Row("true | true", "error"), Row("{'if': 1}.if", "1"),
    Row("if", "error"), Row("[1].map(var, var)", "error"), Row("{'in': 1}.in", "error"),
  ])
  func `blanks, comments, quoted fields and reserved words are told apart`(row: Row) {
    row.check()
  }
}
