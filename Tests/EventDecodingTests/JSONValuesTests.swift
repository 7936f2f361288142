import CEL
import Testing

@testable import EventDecoding

@Suite struct JSONValuesTests {
  private func read(_ text: String) -> Value? {
    Array(text.utf8).withUnsafeBufferPointer { JSONValues.value($0) }
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
}
