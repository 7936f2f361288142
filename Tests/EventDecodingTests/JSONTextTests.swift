import Testing

@testable import EventDecoding

@Suite struct JSONTextTests {
  @Test(arguments: [
    Row("{'i': 1, 'u': 2u, 'd': 2.0, 's': 'x', 'n': null, 'b': [true]}", #"{"i":1,"u":2,"d":2.0,"s":"x","n":null,"b":[true]}"#),
    Row("{1: 'a', true: 'b', 3u: 'c'}", #"{"1":"a","true":"b","3":"c"}"#), Row("b'\\x00\\xff'", #""AP8=""#), Row("1e400 > 1.0", "error"),
    Row("[1.0 / 0.0, -1.0 / 0.0]", #"["Infinity","-Infinity"]"#), Row(#"'"\\\x01\x7fé'"#, "\"\\\"\\\\\\u0001\u{7F}é\""),
    Row("1e21", "1e+21"), Row("-0.0", "-0.0"),
    Row("int", #""int""#), Row("duration('3.5s')", #""3.5s""#), Row("duration('-0.000000001s')", #""-0.000000001s""#),
  ])
  func `every value has a form in JSON`(row: Row) {
    row.check()
  }

  @Test func `a value whose text would be endless is refused`() {
    var value = Value.list([.int(1), .int(2)])
    for _ in 0..<60 { value = .list([value, value]) }
    #expect(throws: EvaluationFault.self) { try value.json() }
    #expect(value.text == "a large list")
  }

  private func read(_ text: String) -> Value? {
    Array(text.utf8).withUnsafeBufferPointer { JSONReader.value($0) }
  }

  @Test(arguments: [
    #"{"a":[1,-2,3.5,1e+20,true,false,null,"x\ny"],"b":{"c":{},"d":[]}}"#, "[]", "{}", "[[],[[]],{}]", "5", #""text""#, "null",
    "18446744073709551615",
    "-9223372036854775808", #"{"é":"😀"}"#,
  ])
  func `JSON is read and written back the same`(text: String) throws {
    #expect(try read(text)?.json() == text)
  }

  @Test func `of a name that occurs twice the last value counts`() throws {
    #expect(try read(#"{"a":1,"b":2,"a":3}"#)?.json() == #"{"a":3,"b":2}"#)
    let many = (0..<40).map { "\"k\($0 % 20)\":\($0)" }.joined(separator: ",")
    guard case .map(let map) = try #require(read("{\(many)}")) else {
      Issue.record("no map")
      return
    }
    #expect(map.count == 20)
    #expect(map[.string("k7")]?.doubleValue == 27)
  }

  @Test(arguments: ["", " ", "{", "[1,]", "{\"a\"}", "nul", "01", "1 2", "\"\\x\"", "\"\u{1}\"", "[1e999]", "\u{FEFF}1x"])
  func `what is no JSON is refused`(text: String) {
    #expect(read(text) == nil)
  }

  @Test func `JSON as deep as the parser allows is read without recursion`() throws {
    let depth = 1000
    let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(try read(text)?.json() == text)
    #expect(read(String(repeating: "[", count: 100_000)) == nil)
  }

  @Test func `a map finds its keys, few or many, whatever their number type`() throws {
    for count in [3, 30] {
      let map = try #require(ValueMap(distinct: (0..<count).map { (.int(Int64($0)), .int(Int64($0 * 10))) }))
      #expect(map[.uint(2)]?.doubleValue == 20)
      #expect(map[.double(2)]?.doubleValue == 20)
      #expect(map[.double(2.5)] == nil)
      #expect(map[.int(-1)] == nil)
      #expect(map[.string("2")] == nil)
      #expect(map[.null] == nil)
    }
    #expect(ValueMap(distinct: [(.int(1), .null), (.uint(1), .null)]) == nil)
    #expect(ValueMap(distinct: [(.string("a"), .null), (.string("a"), .null)]) == nil)
  }
}
