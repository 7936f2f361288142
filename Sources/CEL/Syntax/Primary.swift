/// The parts between operators: literals, names, calls, selections.
extension Parser {
  mutating func primary() throws(SyntaxFault) -> Syntax {
    let position = token.position
    switch token.kind {
    case .int(let magnitude):
      guard let integer = Int64(exactly: magnitude) else { throw SyntaxFault("the number is beyond the range of an int", at: position) }
      return try literal(.int(integer))
    case .uint(let integer): return try literal(.uint(integer))
    case .double(let real): return try literal(.double(real))
    case .string(let text): return try literal(.string(text))
    case .bytes(let bytes): return try literal(.bytes(bytes))
    case .true: return try literal(.bool(true))
    case .false: return try literal(.bool(false))
    case .null: return try literal(.null)
    case .identifier: return try name(isAbsolute: false, at: position)
    case .dot:
      try advance()
      guard case .identifier = token.kind else { throw unexpected("a name") }
      return try name(isAbsolute: true, at: position)
    case .leftParenthesis:
      try advance()
      let inner = try expression()
      try expect(.rightParenthesis, "')'")
      return inner
    case .leftBracket:
      try advance()
      var optional: Set<Int> = []
      let elements = try expressions(until: .rightBracket, "']'", trailingComma: true, optional: &optional)
      return try node(.list(elements, optional: optional), at: position, depth: elements.map(\.depth).max() ?? 0)
    case .leftBrace: return try map(at: position)
    default: throw unexpected("a value")
    }
  }

  private mutating func literal(_ value: Value) throws(SyntaxFault) -> Syntax {
    let position = token.position
    try advance()
    return try node(.literal(value), at: position)
  }

  private mutating func name(isAbsolute: Bool, at position: Int32) throws(SyntaxFault) -> Syntax {
    guard case .identifier(let name) = token.kind else { throw unexpected("a name") }
    guard !Token.reserved.contains(name) else {
      throw SyntaxFault("'\(name)' is a reserved word and can't be a name", at: token.position)
    }
    try advance()
    guard token.kind == .leftParenthesis else { return try node(.name(name, isAbsolute: isAbsolute), at: position) }
    return try call(name, receiver: nil, at: position)
  }

  private mutating func map(at position: Int32) throws(SyntaxFault) -> Syntax {
    try advance()
    var entries: [(key: Syntax, value: Syntax)] = []
    var optional: Set<Int> = []
    while token.kind != .rightBrace {
      if try take(.question) { optional.insert(entries.count) }
      let key = try expression()
      try expect(.colon, "':' and the value of the key")
      entries.append((key, try expression()))
      guard try take(.comma) else { break }
    }
    try expect(.rightBrace, "',' or '}'")
    let depth = entries.map { max($0.key.depth, $0.value.depth) }.max() ?? 0
    return try node(.map(entries, optional: optional), at: position, depth: depth)
  }

  /// Expressions separated by commas, and the token that ends them; those written with a question mark go into `optional`.
  private mutating func expressions(
    until end: Token.Kind, _ symbol: String, trailingComma: Bool, optional: inout Set<Int>
  ) throws(SyntaxFault) -> [Syntax] {
    var found: [Syntax] = []
    while token.kind != end {
      if trailingComma, try take(.question) { optional.insert(found.count) }
      found.append(try expression())
      guard try take(.comma) else { break }
      if token.kind == end, !trailingComma { throw unexpected("another argument") }
    }
    try expect(end, "',' or \(symbol)")
    return found
  }

  /// Selections, indexes and calls that follow an operand.
  mutating func members(of operand: Syntax) throws(SyntaxFault) -> Syntax {
    var operand = operand
    while true {
      let position = token.position
      switch token.kind {
      case .dot:
        try advance()
        operand = try selection(operand)
      case .leftBracket:
        try advance()
        let isOptional = try take(.question)
        let index = try expression()
        try expect(.rightBracket, "']'")
        operand = try node(.index(operand, index, isOptional: isOptional), at: position, over: operand, index)
      case .leftBrace:
        guard operand.isQualifiedName else { return operand }
        throw SyntaxFault("messages of protocol buffers are not supported: write a map, {'field': value}", at: position)
      default:
        return operand
      }
    }
  }

  private mutating func selection(_ operand: Syntax) throws(SyntaxFault) -> Syntax {
    let isOptional = try take(.question)
    let namePosition = token.position
    switch token.kind {
    case .identifier(let name):
      try advance()
      if token.kind == .leftParenthesis, !isOptional { return try call(name, receiver: operand, at: namePosition) }
      return try node(.select(operand, name, isOptional: isOptional), at: namePosition, over: operand)
    case .quotedField(let name):
      try advance()
      return try node(.select(operand, name, isOptional: isOptional), at: namePosition, over: operand)
    default: throw unexpected("the name of a field or function")
    }
  }

  private mutating func call(_ name: String, receiver: Syntax?, at position: Int32) throws(SyntaxFault) -> Syntax {
    try advance()
    var optional: Set<Int> = []
    let arguments = try expressions(until: .rightParenthesis, "')'", trailingComma: false, optional: &optional)
    if let expanded = try macro(name, receiver: receiver, arguments, at: position) { return expanded }
    let depth = max(receiver?.depth ?? 0, arguments.map(\.depth).max() ?? 0)
    return try node(.call(name, receiver: receiver, arguments), at: position, depth: depth)
  }
}

extension Syntax {
  /// `a`, `.a` or `a.b.c`.
  fileprivate var isQualifiedName: Bool {
    switch kind {
    case .name: true
    case .select(let operand, _, isOptional: false): operand.isQualifiedName
    default: false
    }
  }
}
