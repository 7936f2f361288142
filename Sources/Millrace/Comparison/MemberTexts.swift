/// Splits the members that a decoder wrote (`"id":"a","by":3`) into JSON texts, in their order.
struct MemberTexts {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next member's value; nil behind the last. Strings lose their quotes and keep their escapes.
  mutating func next() -> String? {
    // The comma before it, its name, and the colon behind that.
    if position < bytes.count, bytes[position] == UInt8(ascii: ",") { position += 1 }
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
    skipString()
    position += 1
    let start = position
    skipValue()
    let end = min(position, bytes.count)
    guard start < end else { return nil }
    if bytes[start] == UInt8(ascii: "\""), end - start >= 2 {
      return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start + 1..<end - 1]), as: UTF8.self)
    }
    return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
  }

  private mutating func skipString() {
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    position += 1
  }

  private mutating func skipValue() {
    var depth = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        skipString()
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: ",") where depth == 0: return
      default: break
      }
      position += 1
    }
  }
}
