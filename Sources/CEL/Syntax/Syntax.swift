/// What a source says, before anything is known about its names and types.
struct Syntax {
  indirect enum Kind {
    case literal(Value)
    /// A variable or type. An absolute name, written `.name`, skips the variables of macros.
    case name(String, isAbsolute: Bool)
    /// `operand.field`, or `operand.?field`, which is missing where the field is.
    case select(Syntax, String, isOptional: Bool)
    /// The macro `has(operand.field)`.
    case has(Syntax, String)
    /// `operand[index]`, or `operand[?index]`.
    case index(Syntax, Syntax, isOptional: Bool)
    case call(String, receiver: Syntax?, [Syntax])
    /// Elements written `?element` are left out where their value is missing.
    case list([Syntax], optional: Set<Int>)
    case map([(key: Syntax, value: Syntax)], optional: Set<Int>)
    case negate(Syntax)
    case not(Syntax)
    case arithmetic(ArithmeticOperator, Syntax, Syntax)
    case relation(Relation, Syntax, Syntax)
    case isIn(Syntax, Syntax)
    /// A chain of `&&`, or of `||`, of two operands or more.
    case logical(Logical, [Syntax])
    case conditional(Syntax, Syntax, Syntax)
    case comprehension(Comprehension<Syntax>)
    /// The macro `cel.bind(name, value, body)`.
    case bind(String, Syntax, Syntax)
    /// The macros `optional.optMap(name, body)` and `optional.optFlatMap(name, body)`.
    case optionalMap(Syntax, String, Syntax, isFlat: Bool)
  }

  let kind: Kind
  /// Where a fault of this part is shown: its operator or its first character, in UTF-8 bytes of the source.
  let position: Int32
  /// How deep it nests; 1 for a leaf.
  let depth: Int
}

enum Logical: UInt8 {
  case and, or

  /// The operand that decides the result, whatever the others are.
  var deciding: Bool { self == .or }
}

/// A macro that iterates over a list or over the keys of a map.
struct Comprehension<Node> {
  let kind: ComprehensionKind
  let range: Node
  /// One: the element, or the key of a map. Two: index and element, or key and value.
  let variables: [String]
  let condition: Node?
  let result: Node?
}

enum ComprehensionKind: UInt8 {
  case all, exists, existsOne
  /// `filter`, `map`, `transformList`: a list of the results of the elements that meet the condition.
  case list
  /// `transformMap`: a map with the same keys.
  case map
  /// `transformMapEntry`: a map joined from the maps that the elements give.
  case entries
}
