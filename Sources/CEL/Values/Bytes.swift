import CRE2

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Searching and comparing runs of bytes in place.
package enum Bytes {
  /// Below, at or above zero as the first run sorts before, like or after the second.
  @inline(__always)
  static func compare(_ left: UnsafePointer<UInt8>?, _ right: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard count > 0, let left, let right else { return 0 }
    return memcmp(left, right, count)
  }

  @inline(__always)
  static func hasPrefix(_ text: UnsafeBufferPointer<UInt8>, _ prefix: UnsafeBufferPointer<UInt8>) -> Bool {
    text.count >= prefix.count && compare(text.baseAddress, prefix.baseAddress, prefix.count) == 0
  }

  @inline(__always)
  static func hasSuffix(_ text: UnsafeBufferPointer<UInt8>, _ suffix: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count >= suffix.count else { return false }
    guard let base = text.baseAddress else { return suffix.isEmpty }
    return compare(base + (text.count - suffix.count), suffix.baseAddress, suffix.count) == 0
  }

  /// The offset of the first occurrence, or nil.
  static func find(_ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let wanted = needle.baseAddress, !needle.isEmpty else { return 0 }
    guard let base = text.baseAddress, text.count >= needle.count else { return nil }
    guard let found = mr_find(base, text.count, wanted, needle.count) else { return nil }
    return found - base
  }

  /// Whether the bytes are well-formed UTF-8.
  @inline(__always)
  package static func isUTF8(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var position = 0
    if let base = text.baseAddress {
      while position + 8 <= text.count {
        let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
        if word & 0x8080_8080_8080_8080 != 0 { break }
        position += 8
      }
    }
    while position < text.count, text[position] < 0x80 { position += 1 }
    if position == text.count { return true }
    return String(validating: UnsafeBufferPointer(rebasing: text[position...]), as: UTF8.self) != nil
  }
}
