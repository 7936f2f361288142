/// Resolves names and overloads. What could only fail when evaluated is refused here; what may succeed for some event is not.
struct TypeChecker {
  private let variables: Variables
  /// Variables of the macros around, the innermost last.
  private var locals: [(name: String, type: StaticType)] = []

  private init(_ variables: Variables) {
    self.variables = variables
  }

  static func check(_ syntax: Syntax, _ variables: Variables) throws(SyntaxFault) -> Term {
    var checker = TypeChecker(variables)
    return try checker.term(syntax)
  }

  mutating func term(_ syntax: Syntax) throws(SyntaxFault) -> Term {
    let position = syntax.position
    switch syntax.kind {
    case .literal(let value): return Term(kind: .literal(value), type: .of(value), position: position)
    case .name(let name, let isAbsolute): return try self.name(name, isAbsolute, at: position)
    case .select(let operand, let field, let isOptional): return try select(operand, field, isOptional, syntax)
    case .has(let operand, let field):
      let operand = try term(operand)
      try requireFields(operand, position)
      return Term(kind: .has(operand, field), type: .bool, position: position)
    case .index(let operand, let index, let isOptional): return try self.index(operand, index, isOptional, at: position)
    case .call(let name, let receiver, let arguments): return try call(name, receiver, arguments, at: position)
    case .list(let elements, let optional): return try list(elements, optional, at: position)
    case .map(let entries, let optional): return try map(entries, optional, at: position)
    case .negate(let operand): return try negate(operand, at: position)
    case .not(let operand):
      return Term(kind: .not(try condition(operand, "'!' negates")), type: .bool, position: position)
    case .arithmetic(let operation, let left, let right): return try arithmetic(operation, left, right, at: position)
    case .relation(let relation, let left, let right): return try self.relation(relation, left, right, at: position)
    case .isIn(let element, let container): return try isIn(element, container, at: position)
    case .logical(let logical, let operands): return try self.logical(logical, operands, at: position)
    case .conditional(let test, let yes, let no):
      let test = try condition(test, "before '?' stands")
      let (yes, no) = (try term(yes), try term(no))
      return Term(kind: .conditional(test, yes, no), type: yes.type.joined(with: no.type), position: position)
    case .comprehension(let comprehension): return try self.comprehension(comprehension, at: position)
    case .bind(let name, let value, let body):
      let value = try term(value)
      let (body, local) = try within(name, value.type, body)
      return Term(kind: .bind(value, body, local: local), type: body.type, position: position)
    case .optionalMap(let operand, let name, let body, let isFlat): return try optionalMap(operand, name, body, isFlat, at: position)
    }
  }

  /// A term in which a name is a local variable, and that variable's number.
  mutating func within(_ name: String, _ type: StaticType, _ body: Syntax) throws(SyntaxFault) -> (Term, Int) {
    locals.append((name, type))
    defer { locals.removeLast() }
    return (try term(body), locals.count - 1)
  }

  // MARK: Names

  private func name(_ name: String, _ isAbsolute: Bool, at position: Int32) throws(SyntaxFault) -> Term {
    if !isAbsolute, let local = locals.lastIndex(where: { $0.name == name }) {
      return Term(kind: .local(local), type: locals[local].type, position: position)
    }
    if let variable = variables[name] {
      return Term(kind: .variable(variable), type: variable.type, position: position)
    }
    if let type = RuntimeType(rawValue: name) { return Term(kind: .literal(.type(type)), type: .type, position: position) }
    let known = (isAbsolute ? [] : locals.map(\.name)) + variables.names
    let event = variables.all.first { $0.access == .event }
    let help = event.map { ": a field of the event is written \($0.name).\(name)" } ?? ""
    throw SyntaxFault("unknown name '\(name)'\(Self.hint(name, known) ?? help)", at: position)
  }

  /// `a.b.c`, if the syntax is that and `a` is no variable.
  func qualifiedName(_ syntax: Syntax) -> String? {
    switch syntax.kind {
    case .name(let name, let isAbsolute):
      let isVariable = (!isAbsolute && locals.contains { $0.name == name }) || variables[name] != nil
      return isVariable ? nil : name
    case .select(let operand, let field, isOptional: false): return qualifiedName(operand).map { "\($0).\(field)" }
    default: return nil
    }
  }

  // MARK: Macros

  private mutating func comprehension(
    _ syntax: Comprehension<Syntax>, at position: Int32
  ) throws(SyntaxFault) -> Term {
    let range = try term(syntax.range)
    let types: [StaticType]
    switch range.type {
    case .dyn: types = [.dyn, .dyn]
    case .list(let element): types = syntax.variables.count == 2 ? [.int, element] : [element]
    case .map(let key, let value): types = [key, value]
    default: throw SyntaxFault("\(range.type.description.withArticle) has no elements to iterate over", at: range.position)
    }
    let firstLocal = locals.count
    for (name, type) in zip(syntax.variables, types) { locals.append((name, type)) }
    defer { locals.removeLast(syntax.variables.count) }
    var condition: Term?
    if let test = syntax.condition { condition = try self.condition(test, "the condition of a macro is") }
    var result: Term?
    if let value = syntax.result { result = try term(value) }
    let type: StaticType =
      switch syntax.kind {
      case .all, .exists, .existsOne: .bool
      case .list: .list(result?.type ?? types[0])
      case .map: .map(range.type == .dyn ? .dyn : types[0], result?.type ?? .dyn)
      case .entries: result?.type ?? .dyn
      }
    if syntax.kind == .entries, let result { try requireFields(result, result.position) }
    let checked = Comprehension<Term>(
      kind: syntax.kind, range: range, variables: syntax.variables, condition: condition, result: result)
    return Term(kind: .comprehension(checked, firstLocal: firstLocal), type: type, position: position)
  }
}
