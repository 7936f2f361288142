import Testing

@testable import EventDecoding

@Suite struct ByteBufferTests {
  private func written(_ body: (inout ByteBuffer) -> Void) -> String {
    var buffer = ByteBuffer(capacity: 0)
    body(&buffer)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }

  @Test func `numbers are written with the shortest digits that read back`() {
    #expect(written { $0.append(Float(0.1)) } == "0.1")
    #expect(written { $0.append(0.1) } == "0.1")
    #expect(written { $0.append(Double(Float(0.1))) } == "0.10000000149011612")
    #expect(written { $0.append(Double.leastNonzeroMagnitude) } == "5e-324")
    #expect(written { $0.append(-Double.greatestFiniteMagnitude) } == "-1.7976931348623157e+308")
    #expect(written { $0.append(5.0) } == "5")
    #expect(written { $0.append(-0.0) } == "-0")
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<10_000 {
      let number = Double(bitPattern: generator.next())
      if number.isFinite { #expect(Double(written { $0.append(number) }) == number) }
      let narrow = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
      if narrow.isFinite { #expect(Float(written { $0.append(narrow) }) == narrow) }
    }
  }

  @Test func `integers are written at any width`() {
    #expect(written { $0.append(0) } == "0")
    #expect(written { $0.append(Int64.min) } == "-9223372036854775808")
    #expect(written { $0.append(UInt64.max) } == "18446744073709551615")
    #expect(written { $0.append(Int8.min) } == "-128")
  }

  @Test func `strings are quoted so that JSON reads them back`() throws {
    #expect(written { $0.append(quoted: "a\"b\\c\n\r\t\u{8}\u{C}\u{1F}\u{0}é😀") } == #""a\"b\\c\n\r\t\b\f\u001f\u0000é😀""#)
    #expect(written { $0.append(quoted: "") } == #""""#)
    for scalar in (0..<0x300).compactMap(Unicode.Scalar.init) {
      let json = written { $0.append(quoted: String(scalar)) }
      #expect(try extract(json, ["event"]) == ["string \(scalar)"])
    }
  }

  @Test func `a buffer grows, is emptied, and takes back what was too much`() {
    var buffer = ByteBuffer(capacity: 1)
    for _ in 0..<1000 { buffer.append("0123456789") }
    #expect(buffer.count == 10_000)
    buffer.truncate(to: 12)
    #expect(String(decoding: buffer.bytes, as: UTF8.self) == "012345678901")
    buffer.removeAll()
    buffer.append(UInt8(ascii: "x"))
    #expect(String(decoding: buffer.bytes, as: UTF8.self) == "x")
  }
}
