/// Whether bytes are JSON as RFC 8259 has it: written down from its grammar, apart from the code that it judges. How deep they nest and how
/// large their numbers are is not asked.
struct JSONGrammar {
  private let bytes: UnsafeRawBufferPointer
  private var at = 0

  static func accepts(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard String(validating: bytes, as: UTF8.self) != nil else { return false }
    var grammar = JSONGrammar(bytes: bytes)
    grammar.space()
    guard grammar.value() else { return false }
    grammar.space()
    return grammar.at == bytes.count
  }

  private init(bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func read(_ word: StaticString) -> Bool {
    guard at + word.utf8CodeUnitCount <= bytes.count else { return false }
    for offset in 0..<word.utf8CodeUnitCount where bytes[at + offset] != word.utf8Start[offset] { return false }
    at += word.utf8CodeUnitCount
    return true
  }

  private mutating func space() {
    while let next, next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D { at += 1 }
  }

  private mutating func value() -> Bool {
    switch next {
    case UInt8(ascii: "{"): members()
    case UInt8(ascii: "["): elements()
    case UInt8(ascii: "\""): string()
    case UInt8(ascii: "t"): read("true")
    case UInt8(ascii: "f"): read("false")
    case UInt8(ascii: "n"): read("null")
    default: number()
    }
  }

  private mutating func members() -> Bool {
    at += 1
    space()
    if take("}") { return true }
    while true {
      space()
      guard string() else { return false }
      space()
      guard take(":") else { return false }
      space()
      guard value() else { return false }
      space()
      if take("}") { return true }
      guard take(",") else { return false }
    }
  }

  private mutating func elements() -> Bool {
    at += 1
    space()
    if take("]") { return true }
    while true {
      space()
      guard value() else { return false }
      space()
      if take("]") { return true }
      guard take(",") else { return false }
    }
  }

  private mutating func string() -> Bool {
    guard take("\"") else { return false }
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return true
      case 0..<0x20: return false
      case UInt8(ascii: "\\"): guard escape() else { return false }
      default: continue
      }
    }
    return false
  }

  private mutating func escape() -> Bool {
    guard let byte = next else { return false }
    at += 1
    switch Character(Unicode.Scalar(byte)) {
    case "\"", "\\", "/", "b", "f", "n", "r", "t": return true
    case "u":
      for _ in 0..<4 {
        guard let digit = next, Character(Unicode.Scalar(digit)).isHexDigit, digit < 0x80 else { return false }
        at += 1
      }
      return true
    default: return false
    }
  }

  private mutating func number() -> Bool {
    _ = take("-")
    if !take("0") { guard digits() else { return false } }
    if take(".") { guard digits() else { return false } }
    if take("e") || take("E") {
      _ = take("+") || take("-")
      guard digits() else { return false }
    }
    return true
  }

  private mutating func digits() -> Bool {
    let start = at
    while let next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { at += 1 }
    return at > start
  }
}
