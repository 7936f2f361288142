/// What stands before the quote of a literal: `b` for bytes, `r` for raw, `br` for both, in either case.
struct StringPrefix {
  var isRaw = false
  var isBytes = false
  var length = 0
}

extension Lexer {
  /// The prefix of a literal that begins here; nil if none does.
  func stringPrefix() -> StringPrefix? {
    var prefix = StringPrefix()
    while true {
      switch peek(prefix.length) {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): return prefix
      case UInt8(ascii: "r"), UInt8(ascii: "R"):
        guard !prefix.isRaw else { return nil }
        prefix.isRaw = true
      case UInt8(ascii: "b"), UInt8(ascii: "B"):
        guard prefix.length == 0 else { return nil }
        prefix.isBytes = true
      default: return nil
      }
      prefix.length += 1
    }
  }

  mutating func string(_ prefix: StringPrefix) throws(SyntaxFault) -> Token.Kind {
    let start = position
    position += prefix.length
    let quote = peek()
    let isTriple = peek(1) == quote && peek(2) == quote
    let quotes = isTriple ? 3 : 1
    position += quotes
    var bytes: [UInt8] = []
    while true {
      guard position < source.count else { throw SyntaxFault("the literal has no closing quote", at: Int32(start)) }
      let byte = source[position]
      if byte == quote, !isTriple || (peek(1) == quote && peek(2) == quote) { break }
      switch byte {
      case 0x0A where !isTriple, 0x0D where !isTriple:
        throw SyntaxFault("the literal has no closing quote on its line: three quotes allow line breaks", at: Int32(start))
      case UInt8(ascii: "\\") where !prefix.isRaw: try escape(&bytes, prefix)
      default:
        bytes.append(byte)
        position += 1
      }
    }
    position += quotes
    if prefix.isBytes { return .bytes(bytes) }
    return .string(String(decoding: bytes, as: UTF8.self))
  }

  /// Reads from a backslash on. Numbers are code points in strings, and in bytes literals the bytes themselves.
  private mutating func escape(_ bytes: inout [UInt8], _ prefix: StringPrefix) throws(SyntaxFault) {
    let start = position
    let code = peek(1)
    position += 2
    switch code {
    case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): bytes.append(code)
    case UInt8(ascii: "a"): bytes.append(0x07)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "v"): bytes.append(0x0B)
    case UInt8(ascii: "x"), UInt8(ascii: "X"): try append(digits(2, 16, start), &bytes, prefix.isBytes, start)
    case UInt8(ascii: "0")...UInt8(ascii: "3"):
      position -= 1
      try append(digits(3, 8, start), &bytes, prefix.isBytes, start)
    case UInt8(ascii: "u") where !prefix.isBytes: try append(digits(4, 16, start), &bytes, false, start)
    case UInt8(ascii: "U") where !prefix.isBytes: try append(digits(8, 16, start), &bytes, false, start)
    default:
      throw SyntaxFault("unknown escape: a backslash itself is written '\\\\', or the literal r'…' without escapes", at: Int32(start))
    }
  }

  private mutating func digits(_ count: Int, _ radix: UInt32, _ start: Int) throws(SyntaxFault) -> UInt32 {
    var number: UInt32 = 0
    for _ in 0..<count {
      guard let digit = peek().hexValue, digit < radix else {
        throw SyntaxFault("the escape needs \(count) \(radix == 8 ? "octal" : "hexadecimal") digits", at: Int32(start))
      }
      number = number << (radix == 8 ? 3 : 4) | digit
      position += 1
    }
    return number
  }

  private func append(_ code: UInt32, _ bytes: inout [UInt8], _ asByte: Bool, _ start: Int) throws(SyntaxFault) {
    if asByte {
      bytes.append(UInt8(truncatingIfNeeded: code))
    } else if let scalar = Unicode.Scalar(code) {
      bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
    } else {
      throw SyntaxFault("the escape is no Unicode code point", at: Int32(start))
    }
  }
}
