/// Parts of an expression that are the same for every record are evaluated once, when it is compiled.
struct Folding {
  /// A part that takes longer is left as it is.
  private static let steps = 10_000

  /// The same term with its constant parts as literals. A part that fails is left to fail when it is evaluated: it may be absorbed.
  /// - Parameter scope: how many local variables are defined around the term.
  static func fold(_ term: Term, scope: Int = 0) -> Term {
    if case .literal = term.kind { return term }
    if isConstant(term, scope: scope), let value = evaluate(term) {
      return Term(kind: .literal(value), type: term.type, position: term.position)
    }
    func fold(_ term: Term) -> Term { Self.fold(term, scope: scope) }
    let kind: Term.Kind =
      switch term.kind {
      case .literal, .local, .variable: term.kind
      case .select(let operand, let field, let isOptional): .select(fold(operand), field, isOptional: isOptional)
      case .has(let operand, let field): .has(fold(operand), field)
      case .index(let operand, let index, let isOptional): .index(fold(operand), fold(index), isOptional: isOptional)
      case .call(let function, let arguments): .call(function, arguments.map(fold))
      case .list(let elements, let optional): .list(elements.map(fold), optional: optional)
      case .map(let entries, let optional): .map(entries.map { (fold($0.key), fold($0.value)) }, optional: optional)
      case .negate(let operand): .negate(fold(operand))
      case .not(let operand): .not(fold(operand))
      case .arithmetic(let operation, let left, let right): .arithmetic(operation, fold(left), fold(right))
      case .relation(let relation, let left, let right): .relation(relation, fold(left), fold(right))
      case .isIn(let element, let container): .isIn(fold(element), fold(container))
      case .logical(let logical, let operands): .logical(logical, operands.map(fold))
      case .conditional(let test, let yes, let no): .conditional(fold(test), fold(yes), fold(no))
      case .bind(let value, let body, let local): .bind(fold(value), Self.fold(body, scope: local + 1), local: local)
      case .optionalMap(let operand, let body, let local, let isFlat):
        .optionalMap(fold(operand), Self.fold(body, scope: local + 1), local: local, isFlat: isFlat)
      case .comprehension(let comprehension, let firstLocal):
        .comprehension(inner(comprehension, scope: scope, firstLocal: firstLocal), firstLocal: firstLocal)
      }
    return Term(kind: kind, type: term.type, position: term.position)
  }

  private static func inner(_ comprehension: Comprehension<Term>, scope: Int, firstLocal: Int) -> Comprehension<Term> {
    let within = firstLocal + comprehension.variables.count
    return Comprehension(
      kind: comprehension.kind, range: fold(comprehension.range, scope: scope), variables: comprehension.variables,
      condition: comprehension.condition.map { fold($0, scope: within) }, result: comprehension.result.map { fold($0, scope: within) })
  }

  /// Whether the term reads neither the record nor a local variable from outside of it.
  private static func isConstant(_ term: Term, scope: Int) -> Bool {
    func isConstant(_ term: Term) -> Bool { Self.isConstant(term, scope: scope) }
    return switch term.kind {
    case .literal: true
    case .variable: false
    case .local(let local): local >= scope
    case .select(let operand, _, _), .has(let operand, _), .negate(let operand), .not(let operand): isConstant(operand)
    case .index(let left, let right, _), .arithmetic(_, let left, let right), .relation(_, let left, let right), .isIn(let left, let right),
      .bind(let left, let right, _), .optionalMap(let left, let right, _, _):
      isConstant(left) && isConstant(right)
    case .call(_, let terms), .list(let terms, _), .logical(_, let terms): terms.allSatisfy(isConstant)
    case .map(let entries, _): entries.allSatisfy { isConstant($0.key) && isConstant($0.value) }
    case .conditional(let test, let yes, let no): isConstant(test) && isConstant(yes) && isConstant(no)
    case .comprehension(let comprehension, _):
      isConstant(comprehension.range) && (comprehension.condition.map(isConstant) ?? true)
        && (comprehension.result.map(isConstant) ?? true)
    }
  }

  private static func evaluate(_ term: Term) -> Value? {
    var plan = FieldPlan()
    guard let program = try? Compiler.compile(term, fields: &plan) else { return nil }
    let context = EvaluationContext(record: RecordView(value: nil), fields: nil)
    var frame = Frame(localCount: program.localCount, steps: steps)
    return try? program.value(program.value, context, &frame)
  }
}
