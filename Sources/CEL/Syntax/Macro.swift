/// Calls that are no functions: their arguments are not evaluated first.
extension Parser {
  /// What a call means if it is a macro; nil if it is a function.
  func macro(
    _ name: String, receiver: Syntax?, _ arguments: [Syntax], at position: Int32
  ) throws(SyntaxFault) -> Syntax? {
    guard let receiver else { return name == "has" ? try has(arguments, at: position) : nil }
    if name == "bind", case .name("cel", _) = receiver.kind { return try bind(arguments, at: position) }
    if name == "optMap" || name == "optFlatMap" { return try optionalMap(name, receiver, arguments, at: position) }
    guard let macro = Self.iterations[name] else { return nil }
    guard let form = macro.forms.first(where: { $0.variables + $0.expressions == arguments.count }) else {
      throw SyntaxFault("\(name)() is written \(macro.example)", at: position)
    }
    var variables: [String] = []
    for argument in arguments.prefix(form.variables) {
      guard case .name(let variable, isAbsolute: false) = argument.kind else {
        throw SyntaxFault("this must be a plain name, the variable: \(macro.example)", at: argument.position)
      }
      guard !variables.contains(variable) else {
        throw SyntaxFault("the two variables of \(name)() need different names", at: argument.position)
      }
      variables.append(variable)
    }
    var rest = Array(arguments.dropFirst(form.variables))
    let condition: Syntax?
    let result: Syntax?
    if macro.kind == .list || macro.kind == .map || macro.kind == .entries {
      result = name == "filter" ? nil : rest.removeLast()
      condition = rest.first
    } else {
      (condition, result) = (rest[0], nil)
    }
    let comprehension = Comprehension(
      kind: macro.kind, range: receiver, variables: variables, condition: condition, result: result)
    return try node(.comprehension(comprehension), at: position, over: receiver, condition, result)
  }

  private struct Iteration {
    let kind: ComprehensionKind
    /// How many variables and how many expressions the arguments may be.
    let forms: [(variables: Int, expressions: Int)]
    let example: String
  }

  private static let iterations: [String: Iteration] = [
    "all": Iteration(kind: .all, forms: [(1, 1), (2, 1)], example: "list.all(x, condition)"),
    "exists": Iteration(kind: .exists, forms: [(1, 1), (2, 1)], example: "list.exists(x, condition)"),
    "exists_one": Iteration(kind: .existsOne, forms: [(1, 1), (2, 1)], example: "list.exists_one(x, condition)"),
    "existsOne": Iteration(kind: .existsOne, forms: [(1, 1), (2, 1)], example: "list.existsOne(x, condition)"),
    "filter": Iteration(kind: .list, forms: [(1, 1)], example: "list.filter(x, condition)"),
    "map": Iteration(kind: .list, forms: [(1, 1), (1, 2)], example: "list.map(x, result) or list.map(x, condition, result)"),
    "transformList": Iteration(kind: .list, forms: [(2, 1), (2, 2)], example: "list.transformList(i, x, result)"),
    "transformMap": Iteration(kind: .map, forms: [(2, 1), (2, 2)], example: "map.transformMap(k, v, value)"),
    "transformMapEntry": Iteration(kind: .entries, forms: [(2, 1), (2, 2)], example: "map.transformMapEntry(k, v, {key: value})"),
  ]

  private func has(_ arguments: [Syntax], at position: Int32) throws(SyntaxFault) -> Syntax {
    guard arguments.count == 1, case .select(let operand, let field, _) = arguments[0].kind else {
      let place = arguments.first?.position ?? position
      throw SyntaxFault("has() takes the selection of a field: has(event.card)", at: place)
    }
    return try node(.has(operand, field), at: position, over: operand)
  }

  private func optionalMap(
    _ name: String, _ receiver: Syntax, _ arguments: [Syntax], at position: Int32
  ) throws(SyntaxFault) -> Syntax {
    let example = "optional.\(name)(x, result)"
    guard arguments.count == 2 else { throw SyntaxFault("\(name)() is written \(example)", at: position) }
    guard case .name(let variable, isAbsolute: false) = arguments[0].kind else {
      throw SyntaxFault("this must be a plain name, the variable: \(example)", at: arguments[0].position)
    }
    let kind = Syntax.Kind.optionalMap(receiver, variable, arguments[1], isFlat: name == "optFlatMap")
    return try node(kind, at: position, over: receiver, arguments[1])
  }

  private func bind(_ arguments: [Syntax], at position: Int32) throws(SyntaxFault) -> Syntax {
    let example = "cel.bind(name, value, body)"
    guard arguments.count == 3 else { throw SyntaxFault("bind() is written \(example)", at: position) }
    guard case .name(let variable, isAbsolute: false) = arguments[0].kind else {
      throw SyntaxFault("this must be a plain name, the variable: \(example)", at: arguments[0].position)
    }
    return try node(.bind(variable, arguments[1], arguments[2]), at: position, over: arguments[1], arguments[2])
  }
}
