/// A checked expression: names resolved, functions known, each part with its type.
struct Term {
  indirect enum Kind {
    case literal(Value)
    /// A variable of a macro, by its depth of nesting.
    case local(Int)
    case variable(Variables.Variable)
    case select(Term, String, isOptional: Bool)
    case has(Term, String)
    case index(Term, Term, isOptional: Bool)
    case call(Function, [Term])
    case list([Term], optional: Set<Int>)
    case map([(key: Term, value: Term)], optional: Set<Int>)
    case negate(Term)
    case not(Term)
    case arithmetic(ArithmeticOperator, Term, Term)
    case relation(Relation, Term, Term)
    case isIn(Term, Term)
    case logical(Logical, [Term])
    case conditional(Term, Term, Term)
    /// The first variable is local `firstLocal`, the second the one after it.
    case comprehension(Comprehension<Term>, firstLocal: Int)
    case bind(Term, Term, local: Int)
    case optionalMap(Term, Term, local: Int, isFlat: Bool)
  }

  let kind: Kind
  let type: StaticType
  let position: Int32
}

extension Term {
  /// Whether it is the event itself.
  var isEvent: Bool {
    if case .variable(let variable) = kind { variable.access == .event } else { false }
  }

  /// Whether it is the map of texts.
  var isTextMap: Bool {
    if case .variable(let variable) = kind { variable.access == .texts } else { false }
  }

  /// The terms that this one is made of.
  var parts: [Term] {
    switch kind {
    case .literal, .variable, .local: []
    case .select(let operand, _, _), .has(let operand, _), .negate(let operand), .not(let operand): [operand]
    case .index(let left, let right, _), .arithmetic(_, let left, let right), .relation(_, let left, let right), .isIn(let left, let right),
      .bind(let left, let right, _), .optionalMap(let left, let right, _, _):
      [left, right]
    case .call(_, let terms), .list(let terms, _), .logical(_, let terms): terms
    case .map(let entries, _): entries.flatMap { [$0.key, $0.value] }
    case .conditional(let test, let yes, let no): [test, yes, no]
    case .comprehension(let comprehension, _): [comprehension.range, comprehension.condition, comprehension.result].compactMap(\.self)
    }
  }

  /// The variables that the term reads.
  var variables: Set<Variables.Variable> {
    if case .variable(let variable) = kind { return [variable] }
    return parts.reduce(into: []) { $0.formUnion($1.variables) }
  }
}
