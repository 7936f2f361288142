/// Strings as JSON writes them: the only place that escapes.
public enum JSONString {
  /// Writes the string, quotes included, as runs of bytes: what needs no escape goes as it is, in one piece.
  /// - Parameter text: UTF-8.
  @inlinable @inline(__always)
  public static func write(_ text: UnsafeRawBufferPointer, to output: (UnsafeRawBufferPointer) -> Void) {
    output(quote)
    var plain = 0
    for (index, byte) in text.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
      output(UnsafeRawBufferPointer(rebasing: text[plain..<index]))
      output(escape(byte))
      plain = index + 1
    }
    output(UnsafeRawBufferPointer(rebasing: text[plain...]))
    output(quote)
  }

  @inlinable
  public static func write(_ text: String, to output: (UnsafeRawBufferPointer) -> Void) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0), to: output) }
  }

  /// The string with quotes and escapes.
  public static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 2)
    write(text) { bytes.append(contentsOf: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The same on one line for every reader: U+007F, and the separators of lines and paragraphs, which some take for line ends, are escaped
  /// too.
  public static func quotedOnOneLine(_ text: String) -> String {
    let quoted = quoted(text)
    guard quoted.unicodeScalars.contains(where: isSeparator) else { return quoted }
    var result = ""
    for scalar in quoted.unicodeScalars {
      if isSeparator(scalar) {
        let code = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value == 0x7F || scalar.value == 0x2028 || scalar.value == 0x2029
  }

  @inlinable static var quote: UnsafeRawBufferPointer { bytes("\"") }

  @usableFromInline
  static func escape(_ byte: UInt8) -> UnsafeRawBufferPointer {
    switch byte {
    case 0x08: return bytes("\\b")
    case 0x09: return bytes("\\t")
    case 0x0A: return bytes("\\n")
    case 0x0C: return bytes("\\f")
    case 0x0D: return bytes("\\r")
    case 0x22: return bytes("\\\"")
    case 0x5C: return bytes("\\\\")
    default: break
    }
    // The other control characters, six bytes each.
    let all: StaticString = """
      \\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\u0008\\u0009\\u000a\\u000b\\u000c\\u000d\\u000e\\u000f\
      \\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f
      """
    return UnsafeRawBufferPointer(rebasing: bytes(all)[6 * Int(byte)..<6 * Int(byte) + 6])
  }

  @inlinable
  static func bytes(_ text: StaticString) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }
}
