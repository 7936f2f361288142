/// Cuts a source into tokens.
struct Lexer {
  let source: [UInt8]
  var position = 0

  init(_ source: [UInt8]) {
    self.source = source
  }

  mutating func next() throws(SyntaxFault) -> Token {
    skipBlanks()
    let start = position
    let kind = try scan()
    return Token(kind: kind, position: Int32(start), end: Int32(position))
  }

  /// The byte at an offset from here; 0 beyond the end.
  func peek(_ offset: Int = 0) -> UInt8 {
    position + offset < source.count ? source[position + offset] : 0
  }

  private mutating func skipBlanks() {
    while position < source.count {
      switch source[position] {
      case UInt8(ascii: " "), 0x09, 0x0A, 0x0C, 0x0D: position += 1
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
        while position < source.count, source[position] != 0x0A { position += 1 }
      default: return
      }
    }
  }

  private mutating func scan() throws(SyntaxFault) -> Token.Kind {
    guard position < source.count else { return .end }
    let byte = source[position]
    if byte.isDigit || (byte == UInt8(ascii: ".") && peek(1).isDigit) { return try number() }
    if let prefix = stringPrefix() { return try string(prefix) }
    if byte.isLetter { return word() }
    if byte == UInt8(ascii: "`") { return try quotedField() }
    return try symbol(byte)
  }

  private mutating func word() -> Token.Kind {
    let start = position
    while peek().isLetter || peek().isDigit { position += 1 }
    switch String(decoding: source[start..<position], as: UTF8.self) {
    case "true": return .true
    case "false": return .false
    case "null": return .null
    case "in": return .in
    case let name: return .identifier(name)
    }
  }

  private mutating func quotedField() throws(SyntaxFault) -> Token.Kind {
    let start = position
    position += 1
    while peek() != UInt8(ascii: "`") {
      switch peek() {
      case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: " "): break
      case let byte where byte.isLetter || byte.isDigit: break
      default:
        throw SyntaxFault("a name between backticks has letters, digits and _ - . / only, and ends with a backtick", at: Int32(start))
      }
      position += 1
    }
    position += 1
    let name = source[(start + 1)..<(position - 1)]
    guard !name.isEmpty else { throw SyntaxFault("a name between backticks can't be empty", at: Int32(start)) }
    return .quotedField(String(decoding: name, as: UTF8.self))
  }

  private mutating func symbol(_ byte: UInt8) throws(SyntaxFault) -> Token.Kind {
    let start = position
    position += 1
    switch byte {
    case UInt8(ascii: "("): return .leftParenthesis
    case UInt8(ascii: ")"): return .rightParenthesis
    case UInt8(ascii: "["): return .leftBracket
    case UInt8(ascii: "]"): return .rightBracket
    case UInt8(ascii: "{"): return .leftBrace
    case UInt8(ascii: "}"): return .rightBrace
    case UInt8(ascii: "."): return .dot
    case UInt8(ascii: ","): return .comma
    case UInt8(ascii: ":"): return .colon
    case UInt8(ascii: "?"): return .question
    case UInt8(ascii: "+"): return .plus
    case UInt8(ascii: "-"): return .minus
    case UInt8(ascii: "*"): return .star
    case UInt8(ascii: "/"): return .slash
    case UInt8(ascii: "%"): return .percent
    case UInt8(ascii: "!"): return take("=") ? .notEqual : .not
    case UInt8(ascii: "<"): return take("=") ? .lessOrEqual : .less
    case UInt8(ascii: ">"): return take("=") ? .greaterOrEqual : .greater
    case UInt8(ascii: "=") where take("="): return .equal
    case UInt8(ascii: "&") where take("&"): return .and
    case UInt8(ascii: "|") where take("|"): return .or
    case UInt8(ascii: "="): throw SyntaxFault("'=' is no operator: equality is written '=='", at: Int32(start))
    case UInt8(ascii: "&"): throw SyntaxFault("'&' is no operator: the logical and is written '&&'", at: Int32(start))
    case UInt8(ascii: "|"): throw SyntaxFault("'|' is no operator: the logical or is written '||'", at: Int32(start))
    default:
      while position < source.count, source[position] & 0xC0 == 0x80 { position += 1 }
      throw SyntaxFault("unexpected character '\(String(decoding: source[start..<position], as: UTF8.self))'", at: Int32(start))
    }
  }

  private mutating func take(_ symbol: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: symbol) else { return false }
    position += 1
    return true
  }
}

extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  var isHexDigit: Bool { hexValue != nil }

  /// A letter or an underscore.
  var isLetter: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self == UInt8(ascii: "_")
  }

  var hexValue: UInt32? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
