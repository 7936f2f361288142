import Testing

@testable import Millrace

@Suite struct StableHashTests {
  /// From the reference that its authors published.
  @Test(arguments: [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)] as [(String, UInt64)])
  func isFNV1a(_ text: String, _ value: UInt64) {
    var hash = StableHash()
    hash.add(text.utf8)
    #expect(hash.value == value)
  }

  @Test func partsAddUpToTheWhole() {
    var (parts, whole) = (StableHash(), StableHash())
    for part in ["foo", "", "bar"] { parts.add(part.utf8) }
    whole.add("foobar".utf8)
    #expect(parts.value == whole.value && whole.digits == "85944171f73967e8")
  }

  @Test func digitsAreAlwaysSixteen() {
    var (hash, short) = (StableHash(), 0)
    for number in 0..<10_000 {
      hash.add("\(number)".utf8)
      if hash.value >> 60 == 0 { short += 1 }
      #expect(hash.digits.count == 16 && UInt64(hash.digits, radix: 16) == hash.value)
    }
    #expect(short > 0)
  }
}
