/// Parts of an expression that are the same for every record are evaluated once, when it is compiled.
struct Folding {
  /// A part that takes longer is left as it is.
  private static let steps = 10_000
  /// What all parts together may take.
  private var remaining = 200_000

  /// The same term with its constant parts as literals. A part that fails is left to fail when it is evaluated: it may be absorbed.
  /// - Parameter scope: how many local variables are defined around the term.
  mutating func fold(_ term: Term, scope: Int = 0) -> Term {
    let folded = Term(kind: inner(term.kind, scope), type: term.type, position: term.position)
    if case .literal = folded.kind { return folded }
    guard Self.isConstant(folded, scope: scope), let value = evaluate(folded) else { return folded }
    return Term(kind: .literal(value), type: term.type, position: term.position)
  }

  private mutating func inner(_ kind: Term.Kind, _ scope: Int) -> Term.Kind {
    switch kind {
    case .literal, .local, .variable: return kind
    case .select(let operand, let field, let isOptional): return .select(fold(operand, scope: scope), field, isOptional: isOptional)
    case .has(let operand, let field): return .has(fold(operand, scope: scope), field)
    case .index(let operand, let index, let isOptional):
      return .index(fold(operand, scope: scope), fold(index, scope: scope), isOptional: isOptional)
    case .call(let function, let arguments): return .call(function, fold(arguments, scope))
    case .list(let elements, let optional): return .list(fold(elements, scope), optional: optional)
    case .map(let entries, let optional):
      var folded: [(key: Term, value: Term)] = []
      for entry in entries { folded.append((fold(entry.key, scope: scope), fold(entry.value, scope: scope))) }
      return .map(folded, optional: optional)
    case .negate(let operand): return .negate(fold(operand, scope: scope))
    case .not(let operand): return .not(fold(operand, scope: scope))
    case .arithmetic(let operation, let left, let right):
      return .arithmetic(operation, fold(left, scope: scope), fold(right, scope: scope))
    case .relation(let relation, let left, let right): return .relation(relation, fold(left, scope: scope), fold(right, scope: scope))
    case .isIn(let element, let container): return .isIn(fold(element, scope: scope), fold(container, scope: scope))
    case .logical(let logical, let operands): return .logical(logical, fold(operands, scope))
    case .conditional(let test, let yes, let no):
      return .conditional(fold(test, scope: scope), fold(yes, scope: scope), fold(no, scope: scope))
    case .bind(let value, let body, let local): return .bind(fold(value, scope: scope), fold(body, scope: local + 1), local: local)
    case .optionalMap(let operand, let body, let local, let isFlat):
      return .optionalMap(fold(operand, scope: scope), fold(body, scope: local + 1), local: local, isFlat: isFlat)
    case .comprehension(let comprehension, let firstLocal):
      let within = firstLocal + comprehension.variables.count
      let range = fold(comprehension.range, scope: scope)
      var (condition, result) = (comprehension.condition, comprehension.result)
      if let term = condition { condition = fold(term, scope: within) }
      if let term = result { result = fold(term, scope: within) }
      let folded = Comprehension(
        kind: comprehension.kind, range: range, variables: comprehension.variables, condition: condition, result: result)
      return .comprehension(folded, firstLocal: firstLocal)
    }
  }

  private mutating func fold(_ terms: [Term], _ scope: Int) -> [Term] {
    var folded: [Term] = []
    folded.reserveCapacity(terms.count)
    for term in terms { folded.append(fold(term, scope: scope)) }
    return folded
  }

  /// Whether a term whose parts are folded reads neither the record nor a local variable from outside of it. Parts that define no
  /// variable are literals by now, if they are constant at all.
  private static func isConstant(_ term: Term, scope: Int) -> Bool {
    func isLiteral(_ term: Term) -> Bool {
      if case .literal = term.kind { true } else { false }
    }
    switch term.kind {
    case .literal: return true
    case .variable, .local: return false
    case .select(let operand, _, _), .has(let operand, _), .negate(let operand), .not(let operand): return isLiteral(operand)
    case .index(let left, let right, _), .arithmetic(_, let left, let right), .relation(_, let left, let right), .isIn(let left, let right):
      return isLiteral(left) && isLiteral(right)
    case .call(_, let terms), .list(let terms, _), .logical(_, let terms): return terms.allSatisfy(isLiteral)
    case .map(let entries, _): return entries.allSatisfy { isLiteral($0.key) && isLiteral($0.value) }
    case .conditional(let test, let yes, let no): return isLiteral(test) && isLiteral(yes) && isLiteral(no)
    case .bind(let value, let body, _), .optionalMap(let value, let body, _, _): return isLiteral(value) && body.isClosed(over: scope)
    case .comprehension(let comprehension, _):
      return isLiteral(comprehension.range) && (comprehension.condition?.isClosed(over: scope) ?? true)
        && (comprehension.result?.isClosed(over: scope) ?? true)
    }
  }

  private mutating func evaluate(_ term: Term) -> Value? {
    guard remaining > 0 else { return nil }
    var plan = FieldPlan()
    guard let program = try? Compiler.compile(term, Variables(), fields: &plan, usesTruths: false) else { return nil }
    let context = Activation()
    let steps = min(Self.steps, remaining)
    var frame = Frame(localCount: program.localCount, steps: steps)
    defer { remaining -= 1 + steps - max(0, frame.meter.remaining) }
    return try? program.value(program.value, context, &frame)
  }
}

extension Term {
  /// Whether the term reads only local variables, and of those none below the scope.
  fileprivate func isClosed(over scope: Int) -> Bool {
    switch kind {
    case .literal: true
    case .variable: false
    case .local(let local): local >= scope
    default: parts.allSatisfy { $0.isClosed(over: scope) }
    }
  }
}
