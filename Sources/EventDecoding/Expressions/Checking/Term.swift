/// A checked expression: names resolved, functions known, each part with its type.
struct Term {
  indirect enum Kind {
    case literal(Value)
    /// A variable of a macro, by its depth of nesting.
    case local(Int)
    case variable(Variable)
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
