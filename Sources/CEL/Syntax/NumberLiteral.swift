extension Lexer {
  /// `12`, `0xFF`, `7u`, `1.5`, `.5e-3`, `2e10`. The sign of a negative number is the parser's.
  mutating func number() throws(SyntaxFault) -> Token.Kind {
    let start = position
    if peek() == UInt8(ascii: "0"), peek(1) | 0x20 == UInt8(ascii: "x"), peek(2).isHexDigit {
      position += 2
      let digits = position
      while peek().isHexDigit { position += 1 }
      return try integer(digits, radix: 16, start: start)
    }
    while peek().isDigit { position += 1 }
    var isDouble = false
    if peek() == UInt8(ascii: "."), peek(1).isDigit {
      isDouble = true
      position += 1
      while peek().isDigit { position += 1 }
    }
    if peek() | 0x20 == UInt8(ascii: "e") {
      let signed = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
      if peek(signed ? 2 : 1).isDigit {
        isDouble = true
        position += signed ? 2 : 1
        while peek().isDigit { position += 1 }
      }
    }
    if !isDouble { return try integer(start, radix: 10, start: start) }
    try refuseLetter(start)
    let text = String(decoding: source[start..<position], as: UTF8.self)
    guard let value = Double(text.hasPrefix(".") ? "0" + text : text) else {
      throw SyntaxFault("'\(text.prefix(24))' is no number", at: Int32(start))
    }
    guard value.isFinite else { throw SyntaxFault("the number is beyond the range of a double", at: Int32(start)) }
    return .double(value)
  }

  private mutating func integer(_ digits: Int, radix: Int, start: Int) throws(SyntaxFault) -> Token.Kind {
    let text = String(decoding: source[digits..<position], as: UTF8.self)
    let unsigned = peek() | 0x20 == UInt8(ascii: "u")
    if unsigned { position += 1 }
    try refuseLetter(start)
    guard let magnitude = UInt64(text, radix: radix) else {
      throw SyntaxFault("the number is beyond the range of \(unsigned ? "a uint" : "an int")", at: Int32(start))
    }
    return unsigned ? .uint(magnitude) : .int(magnitude)
  }

  private func refuseLetter(_ start: Int) throws(SyntaxFault) {
    guard peek().isLetter || peek().isDigit else { return }
    throw SyntaxFault("a number can't be followed by a letter: put a space or an operator between them", at: Int32(start))
  }
}
