extension Expression {
  /// The source without what doesn't count: its tokens with one blank between them. Two expressions with the same one are the same.
  public var normalizedSource: String {
    let bytes = Array(source.utf8)
    var lexer = Lexer(bytes)
    var words: [String] = []
    // It was compiled, so it can be cut into tokens.
    while let token = try? lexer.next(), token.kind != .end {
      words.append(String(decoding: bytes[Int(token.position)..<Int(token.end)], as: UTF8.self))
    }
    return words.joined(separator: " ")
  }
}
