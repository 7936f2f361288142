import CEL
import EventDecoding

/// Splits the members that a decoder wrote (`"id":"a","by":3`) into JSON texts, in their order.
struct MemberTexts {
  struct Member {
    /// The value as JSON. A string has lost its quotes and keeps its escapes.
    let text: String
    let isString: Bool

    /// The same text for the same number, however its producer writes it.
    var spelledAlike: String {
      guard !isString, let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else { return text }
      let number = Array(text.utf8).withUnsafeBufferPointer { JSONValues.value($0) }
      return number.flatMap { try? $0.json() } ?? text
    }
  }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next member; nil behind the last.
  mutating func next() -> Member? {
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
      return Member(text: String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start + 1..<end - 1]), as: UTF8.self), isString: true)
    }
    return Member(text: String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self), isString: false)
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
