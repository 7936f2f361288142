/// Whole numbers in as few bytes as they need, as Protobuf and others write them: seven bits a byte, the lowest first, and the eighth
/// bit set where another byte follows.
package enum LEB128 {
  package static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Bytes that ``append(_:to:)`` adds.
  package static func length(of number: UInt64) -> Int { max(1, (64 - number.leadingZeroBitCount + 6) / 7) }

  /// The number at a position, which moves behind it; nil if the bytes end within it, or it has more than 64 bits.
  package static func read(_ bytes: UnsafeRawBufferPointer, at position: inout Int) -> UInt64? {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.count, shift < 64 {
      let byte = bytes[position]
      position += 1
      if shift == 63, byte > 1 { return nil }
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
      shift += 7
    }
    return nil
  }
}
