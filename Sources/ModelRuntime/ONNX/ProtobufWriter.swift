/// Writes the fields of a protobuf message, one behind the other.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// A field of another message, with its tag.
  mutating func copy(_ field: UnsafeRawBufferPointer) { bytes.append(contentsOf: field) }

  mutating func number(_ field: Int, _ value: UInt64) {
    LEB128.append(UInt64(field) << 3, to: &bytes)
    LEB128.append(value, to: &bytes)
  }

  mutating func text(_ field: Int, _ text: String) { content(field, Array(text.utf8)) }

  mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    write(&inner)
    content(field, inner.bytes)
  }

  mutating func content(_ field: Int, _ content: [UInt8]) {
    LEB128.append(UInt64(field) << 3 | 2, to: &bytes)
    LEB128.append(UInt64(content.count), to: &bytes)
    bytes.append(contentsOf: content)
  }
}
