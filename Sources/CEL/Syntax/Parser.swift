/// Reads tokens into a tree, by precedence climbing.
struct Parser {
  private var lexer: Lexer
  private(set) var token: Token
  private let limits: ExpressionLimits
  private var nesting = 0

  static func parse(_ source: String, limits: ExpressionLimits) throws(SyntaxFault) -> Syntax {
    let bytes = Array(source.utf8)
    guard bytes.count <= limits.length else {
      throw SyntaxFault("the expression has \(bytes.count) bytes, more than the \(limits.length) allowed", at: 0)
    }
    var parser = try Parser(bytes, limits)
    let syntax = try parser.expression()
    guard parser.token.kind == .end else { throw parser.unexpected("an operator or the end") }
    return syntax
  }

  private init(_ source: [UInt8], _ limits: ExpressionLimits) throws(SyntaxFault) {
    lexer = Lexer(source)
    token = try lexer.next()
    self.limits = limits
  }

  // MARK: Tokens

  mutating func advance() throws(SyntaxFault) {
    token = try lexer.next()
  }

  mutating func take(_ kind: Token.Kind) throws(SyntaxFault) -> Bool {
    guard token.kind == kind else { return false }
    try advance()
    return true
  }

  mutating func expect(_ kind: Token.Kind, _ what: String) throws(SyntaxFault) {
    guard try take(kind) else { throw unexpected(what) }
  }

  func unexpected(_ wanted: String) -> SyntaxFault {
    SyntaxFault("expected \(wanted), found \(token.text(of: lexer.source))", at: token.position)
  }

  // MARK: Trees

  /// A node, if it doesn't nest too deep.
  func node(_ kind: Syntax.Kind, at position: Int32, over children: Syntax?...) throws(SyntaxFault) -> Syntax {
    try node(kind, at: position, depth: children.lazy.map { $0?.depth ?? 0 }.max() ?? 0)
  }

  func node(_ kind: Syntax.Kind, at position: Int32, depth: Int) throws(SyntaxFault) -> Syntax {
    guard depth < limits.depth else { throw tooDeep(position) }
    return Syntax(kind: kind, position: position, depth: depth + 1)
  }

  private func tooDeep(_ position: Int32) -> SyntaxFault {
    SyntaxFault("the expression nests deeper than the \(limits.depth) levels allowed", at: position)
  }

  // MARK: Expressions

  mutating func expression() throws(SyntaxFault) -> Syntax {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= limits.depth else { throw tooDeep(token.position) }
    let condition = try binary(1)
    let position = token.position
    guard try take(.question) else { return condition }
    let yes = try binary(1)
    try expect(.colon, "':' and the value otherwise")
    let no = try expression()
    return try node(.conditional(condition, yes, no), at: position, over: condition, yes, no)
  }

  private enum Operator {
    case logical(Logical)
    case relation(Relation)
    case isIn
    case arithmetic(ArithmeticOperator)
  }

  private var binaryOperator: (precedence: Int, operator: Operator)? {
    switch token.kind {
    case .or: (1, .logical(.or))
    case .and: (2, .logical(.and))
    case .equal: (3, .relation(.equal))
    case .notEqual: (3, .relation(.notEqual))
    case .less: (3, .relation(.less))
    case .lessOrEqual: (3, .relation(.lessOrEqual))
    case .greater: (3, .relation(.greater))
    case .greaterOrEqual: (3, .relation(.greaterOrEqual))
    case .in: (3, .isIn)
    case .plus: (4, .arithmetic(.add))
    case .minus: (4, .arithmetic(.subtract))
    case .star: (5, .arithmetic(.multiply))
    case .slash: (5, .arithmetic(.divide))
    case .percent: (5, .arithmetic(.modulo))
    default: nil
    }
  }

  /// A chain of operators that bind at least so tightly; all associate to the left.
  private mutating func binary(_ least: Int) throws(SyntaxFault) -> Syntax {
    var left = try unary()
    while let (precedence, found) = binaryOperator, precedence >= least {
      let position = token.position
      try advance()
      switch found {
      case .logical(let logical):
        // As one node of many operands, so that a long chain is not a deep tree.
        var operands = [left, try binary(precedence + 1)]
        while let (next, _) = binaryOperator, next == precedence {
          try advance()
          operands.append(try binary(precedence + 1))
        }
        left = try node(.logical(logical, operands), at: position, depth: operands.map(\.depth).max() ?? 0)
      case .relation(let relation):
        let right = try binary(precedence + 1)
        left = try node(.relation(relation, left, right), at: position, over: left, right)
      case .isIn:
        let right = try binary(precedence + 1)
        left = try node(.isIn(left, right), at: position, over: left, right)
      case .arithmetic(let operation):
        let right = try binary(precedence + 1)
        left = try node(.arithmetic(operation, left, right), at: position, over: left, right)
      }
    }
    return left
  }

  private mutating func unary() throws(SyntaxFault) -> Syntax {
    let symbol = token.kind
    guard symbol == .not || symbol == .minus else { return try member() }
    var positions: [Int32] = []
    while token.kind == symbol {
      positions.append(token.position)
      try advance()
    }
    var operand: Syntax
    if symbol == .minus, let literal = try negativeLiteral(positions[positions.count - 1]) {
      positions.removeLast()
      operand = try members(of: literal)
    } else {
      operand = try member()
    }
    for position in positions.reversed() {
      operand = try node(symbol == .not ? .not(operand) : .negate(operand), at: position, over: operand)
    }
    return operand
  }

  /// The sign belongs to the literal: the smallest int has no positive counterpart.
  private mutating func negativeLiteral(_ position: Int32) throws(SyntaxFault) -> Syntax? {
    let value: Value
    switch token.kind {
    case .int(let magnitude) where magnitude <= 1 << 63: value = .int(Int64(truncatingIfNeeded: 0 &- magnitude))
    case .double(let real): value = .double(-real)
    default: return nil
    }
    try advance()
    return try node(.literal(value), at: position)
  }

  private mutating func member() throws(SyntaxFault) -> Syntax {
    try members(of: try primary())
  }
}
