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

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\"}", "nul", "01", "1 2", "\"\\x\"", "\"\u{1}\"", "[1e]", "\u{FEFF}1x",
    "[1e999", "[1e999,]", "{\"a\":1e999 1}",
  ])
  func `what is no JSON is refused`(text: String) {
    #expect(read(text) == nil)
  }

  @Test(arguments: [
    #"{"a":[1e999,"\ud83d",{"b":123456789012345678901234567890}],"c":"é\n"}"#, "-1e400", #"[[],{},[1e999],"\ude00"]"#,
    #"{"\ud83d":1,"\ud83d\u00e9":{"\udc00":2}}"#,
  ])
  func `what no value can hold is written back as it was`(text: String) throws {
    #expect(try read(text)?.json() == text)
  }

  @Test func `names that are no text count once, and are found by no key`() throws {
    let many = (0..<20).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
    for members in ["", "\"a\":1,\"b\":2,", "\"a\":1,\(many),"] {
      guard case .map(let map)? = read("{\(members)\"\\ud800\":3,\"a\":4,\"\\ud800\":5}") else {
        Issue.record("no map")
        continue
      }
      #expect(map[.string("a")]?.doubleValue == 4 && map[.string("\\ud800")] == nil && map[.string("")] == nil)
      #expect(try map.keys.count { try Value.list([$0]).json() == #"["\ud800"]"# } == 1)
      #expect(map.values.compactMap(\.doubleValue).contains(5) && map.values.compactMap(\.doubleValue).contains(3) == (map.count > 20))
    }
  }

  @Test(arguments: [5] as [UInt64])
  func `beside a part that can't be read everything is read as without it`(seed: UInt64) throws {
    var mutator = JSONMutator(seed: seed)
    var count = 0
    for _ in 0..<20_000 {
      let document = String(decoding: mutator.next(), as: UTF8.self)
      guard let value = read(document) else { continue }
      count += 1
      let found = try #require(read("[\(document),-1e400]"), "\(document)")
      try #require(try found.json() == "[\(value.json()),-1e400]", "\(document)")
    }
    #expect(count > 4000)
  }

  @Test func `JSON as deep as the parser allows is read without recursion`() throws {
    let depth = 1000
    let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(try read(text)?.json() == text)
    #expect(read(String(repeating: "[", count: 100_000)) == nil)
  }
}
