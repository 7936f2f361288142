/// Reads the fields of a protobuf message in the order of its bytes, copying nothing: what it hands out is valid as long
/// as the bytes are. The encoding is described at https://protobuf.dev/programming-guides/encoding/.
struct ProtobufReader {
  struct Field {
    let number: Int
    /// Of a field of a fixed width, or a varint.
    let value: UInt64
    /// Of a field with a length: text, bytes, a message, packed numbers. nil: it is a single number.
    let content: UnsafeRawBufferPointer?
    /// With its tag, as it can be copied into another message.
    let whole: UnsafeRawBufferPointer

    /// The content; empty for a single number.
    var message: UnsafeRawBufferPointer { content ?? UnsafeRawBufferPointer(start: nil, count: 0) }
  }

  /// The bytes end within a field, or aren't protobuf.
  struct Damage: Error {}

  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next field; nil at the end of the message.
  mutating func next() throws(Damage) -> Field? {
    if position == bytes.count { return nil }
    let start = position
    let tag = try varint()
    var value: UInt64 = 0
    var content: Range<Int>?
    switch tag & 7 {
    case 0: value = try varint()
    case 1: value = try fixed(8)
    case 2:
      let length = try varint()
      guard length <= UInt64(bytes.count - position) else { throw Damage() }
      content = position..<(position + Int(length))
      position += Int(length)
    case 5: value = try fixed(4)
    default: throw Damage()  // groups, which ONNX doesn't use
    }
    return Field(
      number: Int(truncatingIfNeeded: tag >> 3), value: value,
      content: content.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) },
      whole: UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
  }

  /// A number by itself, as packed fields hold them; nil at the end.
  mutating func nextPackedVarint() throws(Damage) -> UInt64? { position == bytes.count ? nil : try varint() }
  mutating func nextPackedFixed32() throws(Damage) -> UInt64? { position == bytes.count ? nil : try fixed(4) }

  private mutating func varint() throws(Damage) -> UInt64 {
    guard let value = LEB128.read(bytes, at: &position) else { throw Damage() }
    return value
  }

  private mutating func fixed(_ width: Int) throws(Damage) -> UInt64 {
    guard width <= bytes.count - position else { throw Damage() }
    var value: UInt64 = 0
    for index in 0..<width { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += width
    return value
  }
}
