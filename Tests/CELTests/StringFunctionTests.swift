import Testing

@Suite struct StringFunctionTests {
  @Test(arguments: [
    Row("size('añ😀')", "3"), Row("'añ😀'.size()", "3"), Row("size(b'añ')", "3"), Row("size([1, 2])", "2"),
    Row("{'a': 1}.size()", "1"),
    Row("'hello'.contains('ell')", "true"), Row("'hello'.contains('elo')", "false"), Row("'hello'.contains('')", "true"),
    Row("''.contains('a')", "false"),
    Row("'hello'.startsWith('he')", "true"), Row("'hello'.startsWith('hello!')", "false"), Row("'hello'.endsWith('lo')", "true"),
    Row("'hello'.endsWith('he')", "false"), Row("'hello'.endsWith('')", "true"), Row("dyn(5).contains('a')", "error"),
    Row("dyn(null).size()", "error"),
  ])
  func `the standard functions see code points and substrings`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("'hello'.matches('l+')", "true"), Row("'hello'.matches('^l+$')", "false"), Row("matches('hello', '^h.*o$')", "true"),
    Row("'HELLO'.matches('(?i)hello')", "true"), Row(#"'a.b'.matches(r'^\w\.\w$')"#, "true"), Row("event.s.matches(event.p)", "true"),
    Row("event.s.matches('^card-[0-9]+$')", "true"), Row("event.n.matches('1')", "error"), Row("event.s.matches(event.bad)", "error"),
    Row("event.s.matches('(')", "error: column 17: the regular expression is faulty: missing ): ("),
    Row(#"event.s.matches(r'(a)\1')"#, #"error: column 17: the regular expression is faulty: invalid escape sequence: \1"#),
  ])
  func `matches searches with RE2, and a faulty literal pattern is refused`(row: Row) {
    row.check(event: #"{"s": "card-17", "p": "^card", "bad": "(", "n": 1}"#)
  }

  @Test(arguments: [
    Row("'abc'.charAt(1)", #""b""#), Row("'abc'.charAt(3)", #""""#), Row("'abc'.charAt(4)", "error"), Row("'abc'.charAt(-1)", "error"),
    Row("'añbñ'.indexOf('ñ')", "1"), Row("'añbñ'.indexOf('ñ', 2)", "3"), Row("'añbñ'.indexOf('x')", "-1"),
    Row("'abc'.indexOf('a', 4)", "error"),
    Row("'añbñ'.lastIndexOf('ñ')", "3"), Row("'añbñ'.lastIndexOf('ñ', 2)", "1"), Row("'a'.lastIndexOf('abc')", "-1"),
    Row("'abc'.lastIndexOf('')", "3"),
    Row("'ÄbC'.lowerAscii()", #""Äbc""#), Row("'äbC'.upperAscii()", #""äBC""#), Row("'añb'.reverse()", #""bña""#),
    Row("' \\t a b\\u00a0'.trim()", #""a b""#),
    Row("'   '.trim()", #""""#), Row("'añbc'.substring(1)", #""ñbc""#), Row("'añbc'.substring(1, 3)", #""ñb""#),
    Row("'abc'.substring(2, 1)", "error"),
    Row("'abc'.substring(4)", "error"), Row("'aXbX'.replace('X', '--')", #""a--b--""#), Row("'aXbX'.replace('X', '', 1)", #""abX""#),
    Row("'ab'.replace('', '-')", #""-a-b-""#), Row("'ab'.replace('', '-', 2)", #""-a-b""#), Row("'ab'.replace('a', 'b', 0)", #""ab""#),
    Row("'a,b,,c'.split(',')", #"["a","b","","c"]"#), Row("'a,b,c'.split(',', 2)", #"["a","b,c"]"#), Row("'a,b'.split(',', 0)", "[]"),
    Row("'añ'.split('')", #"["a","ñ"]"#), Row("'abc'.split('', 2)", #"["a","bc"]"#), Row("['a', 'b'].join()", #""ab""#),
    Row("['a', 'b'].join(', ')", #""a, b""#), Row("[].join('x')", #""""#), Row("[dyn(1)].join()", "error"),
    Row(#"strings.quote('a"b\n')"#, #""\"a\\\"b\\n\"""#),
  ])
  func `the strings extension counts code points and keeps its ranges`(row: Row) {
    row.check()
  }

  @Test(arguments: [
    Row("'%s is %d of %s%%'.format(['x', 5, [1, 'a', null]])", #""x is 5 of [1, a, null]%""#),
    Row("'%.2f %e'.format([2.345, 1200])", #""2.35 1.200000e+03""#),
    Row("'%.0f %.0f'.format([2.5, 3.5])", #""2 4""#), Row("'%x %X %o %b'.format([255, 255u, 8, 5])", #""ff FF 10 101""#),
    Row("'%x'.format([-255])", #""-ff""#),
    Row("'%x'.format(['hé'])", #""68c3a9""#), Row("'%s'.format([{'b': 1.5, 'a': true}])", #""{a: true, b: 1.5}""#),
    Row("'%b'.format([true])", #""1""#),
    Row("'%d'.format([0.0 / 0.0])", #""NaN""#), Row("'%s %s'.format([duration('90s'), timestamp(0)])", #""90s 1970-01-01T00:00:00Z""#),
    Row("'%s'.format([])", "error"), Row("'%'.format([1])", "error"), Row("'%q'.format([1])", "error"), Row("'%d'.format(['a'])", "error"),
    Row("'%.101f'.format([1.0])", "error"), Row("'%.f'.format([1.0])", "error"), Row("'%s'.format([type(1)])", #""int""#),
    Row("'%f'.format([event.n])", #""7.000000""#),
  ])
  func `format fills its clauses`(row: Row) {
    row.check(event: #"{"n": 7}"#)
  }

  @Test(arguments: [
    Row("base64.encode(b'')", #""""#), Row("base64.encode(b'f')", #""Zg==""#), Row("base64.encode(b'fo')", #""Zm8=""#),
    Row("base64.encode(b'foo')", #""Zm9v""#),
    Row("string(base64.decode('Zm9vYg=='))", #""foob""#), Row("string(base64.decode('Zm9vYg'))", #""foob""#),
    Row("base64.decode('-_8=') == b'\\xfb\\xff'", "true"),
    Row("base64.decode('Z')", "error"), Row("base64.decode('Zm9v!')", "error"), Row("base64.decode('====')", "error"),
  ])
  func `base64 is written with padding and read with or without`(row: Row) {
    row.check()
  }
}
