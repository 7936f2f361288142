import Testing

@testable import ModelRuntime

@Suite struct ProtobufReaderTests {
  @Test func fieldsComeInOrderAndCanBeCopied() throws {
    var writer = ProtobufWriter()
    writer.number(1, 300)
    writer.text(2, "näme")
    writer.message(20) { $0.number(1, .max) }
    try writer.bytes.withUnsafeBytes { bytes in
      var reader = ProtobufReader(bytes)
      var copy = ProtobufWriter()
      let number = try #require(try reader.next())
      #expect(number.number == 1 && number.value == 300 && number.content == nil)
      copy.copy(number.whole)
      let text = try #require(try reader.next())
      #expect(text.number == 2 && String(text) == "näme")
      copy.copy(text.whole)
      let message = try #require(try reader.next())
      var inner = ProtobufReader(message.message)
      #expect(try inner.next()?.value == .max)
      #expect(try inner.next() == nil)
      copy.copy(message.whole)
      #expect(try reader.next() == nil)
      #expect(copy.bytes == writer.bytes)
    }
  }

  /// Field 1: a varint cut short, one too long, a length beyond the end, a group, a fixed field cut short.
  @Test(arguments: [
    [0x08, 0x80], [0x08] + [UInt8](repeating: 0xFF, count: 11), [0x0A, 0x05, 0x61], [0x0B], [0x0D, 1, 2, 3], [0x09, 1, 2, 3, 4, 5, 6, 7],
  ])
  func damageIsAnError(bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      var reader = ProtobufReader(bytes)
      #expect(throws: ProtobufReader.Damage.self) { while try reader.next() != nil {} }
    }
  }

  @Test(arguments: [true, false])
  func listsOfNumbersArePackedOrNot(isPacked: Bool) throws {
    var node = ProtobufWriter()
    node.message(5) { attribute in
      attribute.text(1, "list")
      if isPacked {
        attribute.content(8, [1, 0x96, 0x01])
        attribute.content(7, [0, 0, 0x80, 0x3F])
      } else {
        attribute.number(8, 1)
        attribute.number(8, 150)
        attribute.copyFixed32(7, 0x3F80_0000)
      }
    }
    let list = try node.bytes.withUnsafeBytes { try ONNXNode($0).attributes["list"] }
    #expect(list?.integers == [1, 150])
    #expect(list?.floats == [1])
  }
}

extension ProtobufWriter {
  fileprivate mutating func copyFixed32(_ field: UInt8, _ value: UInt32) {
    let bytes = [field << 3 | 5] + (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    bytes.withUnsafeBytes { copy($0) }
  }
}
