import Testing

@testable import CEL
@testable import EventDecoding

@Suite struct JSONWriterTests {
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
