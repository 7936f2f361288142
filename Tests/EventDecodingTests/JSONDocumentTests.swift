import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct JSONDocumentTests {
  @Test(arguments: [
    (#"{"a":1"#, "byte 6: it ends too early"),
    (#"{"a":"#, "byte 5: it ends too early"),
    (#"{"a""#, "byte 4: it ends too early"),
    ("[", "byte 1: it ends too early"),
    (#"{"a":[1,{"b":2"#, "byte 14: it ends too early"),
    (#"{"a":"abc"#, "byte 5: the string that begins here does not end"),
    (#"{"a" 1}"#, "byte 5: expected ':', found 1"),
    (#"{"a":1 "b":2}"#, "byte 7: expected ',' or '}', found \"b\""),
    (#"{"a":[1 2]}"#, "byte 8: expected ',' or ']', found 2"),
    (#"{"a":[1}}"#, "byte 7: expected ',' or ']', found }"),
    (#"{"a":1]"#, "byte 6: expected ',' or '}', found ]"),
    (#"{a:1}"#, "byte 1: expected a key in quotes, found a"),
    (#"{"a":1,}"#, "byte 7: expected a key in quotes, found }"),
    (#"{"a":,}"#, "byte 5: expected a value, found ,"),
    (#"{"a":NaN}"#, "byte 5: expected a value, found NaN"),
    (#"{"a":nul}"#, "byte 5: expected true, false or null, found nul"),
    (#"{"a":True}"#, "byte 5: expected a value, found True"),
    (#"{"a":01}"#, "byte 5: expected a number as JSON writes it, found 01"),
    (#"{"a":1.}"#, "byte 5: expected a number as JSON writes it, found 1."),
    (#"{"a":-}"#, "byte 5: expected a number as JSON writes it, found -"),
    (#"{"a":'x'}"#, "byte 5: expected a value, found 'x'"),
    (#"{"a":1} x"#, "byte 8: something follows the end of the document, found x"),
    (#"{"a":1}{}"#, "byte 7: something follows the end of the document, found {"),
    (#"{"a":"\x"}"#, #"byte 5: the string that begins here has an invalid escape, found "\x""#),
    (#"{"a":"\u12g4"}"#, #"byte 5: the string that begins here has an invalid escape, found "\u12g4""#),
    (#"{"a":"\ud800\udz00"}"#, #"byte 5: the string that begins here has an invalid escape, found "\ud800\udz00""#),
    (#"{"\ud800\q":1}"#, #"byte 1: the string that begins here has an invalid escape, found "\ud800\q""#),
    (#"{"a":1e400x}"#, "byte 5: expected a number as JSON writes it, found 1e400x"),
    (#"{"a":99999999999999999999.}"#, "byte 5: expected a number as JSON writes it, found 99999999999999999999."),
    ("{\"a\":\"x\ny\"}", "byte 7: a control character in a string has to be escaped, found byte 0x0a"),
    ("{\"a\":\"\u{0}\"}", "byte 6: a control character in a string has to be escaped, found byte 0x00"),
    ("{\"a\":\u{0}}", "byte 5: expected a value, found byte 0x00"),
    ("\u{FEFF}{}", "byte 0: it begins with a byte order mark; write UTF-8 without one"),
    ("", "it is empty or holds white space alone"),
    (" \n\t ", "it is empty or holds white space alone"),
    ("hello", "byte 0: expected a value, found hello"),
  ])
  func `a fault says what was expected, what is there instead, and where`(json: String, expected: String) throws {
    #expect(try fault(json) == expected)
  }

  @Test(
    arguments: [
      ([0xFF], 0), ([0x22, 0xC3, 0x22], 1), ([0x22, 0x61, 0xC0, 0x80, 0x22], 2), ([0x22, 0xED, 0xA0, 0x80, 0x22], 1),
      ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1), ([0x22, 0xE2, 0x82], 1), ([0x5B, 0x31, 0x80, 0x5D], 2),
      ([0x22, 0xF0, 0x8F, 0xBF, 0xBF, 0x22], 1),
    ] as [([UInt8], Int)])
  func `invalid UTF-8 is found by its first byte`(bytes: [UInt8], offset: Int) throws {
    #expect(try fault(bytes) == "byte \(offset): invalid UTF-8")
    #expect(try fault(bytes, validating: false) == "byte \(offset): invalid UTF-8")
  }

  @Test(arguments: [
    "1e999", "-1e400", "18446744073709551616", "-9223372036854775809", "123456789012345678901234567890", #""\ud83d""#, #""\udc00x\ud800""#,
    #""\ud800\u0041""#, #""\n\ud83d\ud83d\ude00""#, String(repeating: "7", count: 10_000),
  ])
  func `what JSON allows and no value can hold is no fault of the document, but of its field`(value: String) throws {
    for validating in [true, false] {
      #expect(try extract("{\"b\":[\(value)],\"a\":\(value) }", ["event.a"], validating: validating) == ["unreadable \(value)"])
      #expect(try extract("{\"a\":\(value),\"a\":5}", ["event.a"], validating: validating) == ["int 5"], "the last one counts")
      #expect(try extract("{\"a\":5,\"a\":\(value)}", ["event.a"], validating: validating) == ["unreadable \(value)"])
      #expect(try extract(value, ["event", "event.a"], validating: validating) == ["unreadable \(value)", "absent"])
    }
    let list = "[1, \(value), {\"x\": \(value)}]"
    #expect(try extract("{\"a\":\(list)}", ["event.a", "event.a[1]"]) == ["array \(list)", "unreadable \(value)"])
  }

  @Test func `a name that is no text leads nowhere, and is passed over`() throws {
    let json = #"{"\ud83d":{"a":2},"b":{"\udc00":[1e400]},"a":1}"#
    #expect(try extract(json, ["event.a", "event.b.a"]) == ["int 1", "absent"])
    #expect(try extract(json, ["event.a", "event.b.a"], validating: false) == ["int 1", "absent"])
  }

  @Test func `a fault carries its offset`() throws {
    let payload = Array(#"{"a":1,"b":tru}"#.utf8)
    let extractor = try FieldExtractor(FieldPlan())
    let fault = payload.withUnsafeBytes { extractor.extract($0, validating: true) }
    #expect(fault?.offset == 11)
    #expect(fault?.stage == .json)
  }

  @Test func `a payload of 4 GiB is refused without being looked at`() throws {
    let extractor = try FieldExtractor(FieldPlan())
    let fault = [UInt8(0)].withUnsafeBytes { byte in
      extractor.extract(UnsafeRawBufferPointer(start: byte.baseAddress, count: 4 << 30), validating: false)
    }
    #expect(fault?.description == "the payload is not valid JSON: it has 4 GiB or more")
  }

  @Test func `what a fault quotes is cut, and stays readable`() throws {
    #expect(try fault("{\"a\":\(String(repeating: "ä", count: 30))}").hasSuffix("found " + String(repeating: "ä", count: 12) + "…"))
    #expect(try fault(Array(#"{"a":1}"#.utf8) + [0x01]) == "byte 7: something follows the end of the document, found byte 0x01")
  }
}
