/// A word of the source.
struct Token {
  enum Kind: Equatable {
    case end
    case identifier(String)
    /// A field's name between backticks: `` `content-type` ``.
    case quotedField(String)
    case int(UInt64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case `true`, `false`, null, `in`
    case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
    case dot, comma, colon, question
    case plus, minus, star, slash, percent, not
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case and, or
  }

  let kind: Kind
  /// Where it begins, in UTF-8 bytes of the source.
  let position: Int32
  /// Where it ends.
  let end: Int32

  /// As a message names it.
  func text(of source: [UInt8]) -> String {
    if kind == .end { return "the end of the expression" }
    let limit = 24
    let bytes = source[Int(position)..<Int(end)]
    let text = String(decoding: bytes.prefix(limit), as: UTF8.self)
    return "'\(text)\(bytes.count > limit ? "…" : "")'"
  }

  /// Words that are kept for host languages and can't be names of variables or functions.
  static let reserved: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return",
    "var", "void", "while",
  ]
}
