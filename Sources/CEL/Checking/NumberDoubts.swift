/// What is right as an expression, and yet means more than one thing: for a warning.
package struct ExpressionDoubt: Sendable, Hashable {
  package let message: String
  /// What to write instead.
  package let help: String
  /// Counted from 1, in lines of the source.
  package let line: Int
  /// Counted from 1, in characters of the line.
  package let column: Int
}

/// Finds where the meaning of a number depends on more than its value. A number of the event is divided without a remainder, and an int of
/// the expression with one: an operand that may be either, as `event.?limit.orValue(7)`, has two meanings.
struct NumberDoubts {
  /// Where the numbers that a term may come to stem from; of a list or map, those that it holds.
  struct Origins: OptionSet {
    let rawValue: UInt8
    static let event = Origins(rawValue: 1)
    /// An int or uint of the expression.
    static let expression = Origins(rawValue: 2)
    /// The type of a number that may stem from the event.
    static let typeOfEvent = Origins(rawValue: 4)
    static let both: Origins = [.event, .expression]
  }

  private(set) var found: [SyntaxDoubt] = []
  private var locals: [Int: Origins] = [:]

  struct SyntaxDoubt {
    let message: String
    let help: String
    let position: Int32
  }

  static func find(in term: Term) -> [SyntaxDoubt] {
    var doubts = NumberDoubts()
    _ = doubts.origins(term)
    return doubts.found
  }

  private mutating func origins(_ term: Term) -> Origins {
    let origins = self.origins(of: term)
    switch term.type {
    case .int, .uint: return .expression
    case .dyn, .list, .map, .optional, .parameter, .type: return origins
    default: return []
    }
  }

  private mutating func origins(of term: Term) -> Origins {
    switch term.kind {
    case .literal: return []
    case .local(let local): return locals[local] ?? []
    case .variable: return term.isEvent ? .event : []
    case .select(let operand, _, _): return origins(operand)
    case .index(let operand, let index, _):
      _ = origins(index)
      return origins(operand)
    case .call(let function, let arguments): return call(function, arguments)
    case .arithmetic(let operation, let left, let right): return arithmetic(operation, left, right, term.position)
    case .relation(let relation, let left, let right):
      let sides = all([left, right])
      if relation == .equal || relation == .notEqual { compare(sides, with: [left, right], term.position) }
      return sides
    case .isIn(let element, let container):
      let sides = all([element, container])
      if case .list(let elements, _) = container.kind { compare(sides, with: elements, term.position) }
      return sides
    case .bind(let value, let body, let local):
      locals[local] = origins(value)
      return origins(body)
    case .optionalMap(let operand, let body, let local, _):
      locals[local] = origins(operand)
      return origins(body)
    case .conditional(let test, let yes, let no):
      _ = origins(test)
      return all([yes, no])
    case .comprehension(let comprehension, let firstLocal): return self.comprehension(comprehension, firstLocal)
    case .has, .negate, .not, .list, .map, .logical: return all(term.parts)
    }
  }

  private mutating func all(_ terms: [Term]) -> Origins {
    terms.reduce([]) { $0.union(origins($1)) }
  }

  /// Functions that hand a number on; what all others come to has the type that they say.
  private mutating func call(_ function: Function, _ arguments: [Term]) -> Origins {
    let given = all(arguments)
    switch function {
    case .toDyn, .abs, .sign, .greatest, .least, .optionalOf, .ofNonZeroValue, .optionalValue, .optionalOr, .orValue: return given
    case .typeOf: return given.contains(.event) ? .typeOfEvent : []
    default: return []
    }
  }

  private mutating func comprehension(_ comprehension: Comprehension<Term>, _ firstLocal: Int) -> Origins {
    let range = origins(comprehension.range)
    for place in comprehension.variables.indices {
      // Of two variables over a list, the first counts.
      locals[firstLocal + place] = place == 0 && comprehension.variables.count == 2 ? .expression : range
    }
    if let condition = comprehension.condition { _ = origins(condition) }
    guard let result = comprehension.result else { return range }
    return origins(result)
  }

  private mutating func arithmetic(_ operation: ArithmeticOperator, _ left: Term, _ right: Term, _ position: Int32) -> Origins {
    let (one, other) = (origins(left), origins(right))
    // With a number of the event on either side the result is one.
    if one == .event || other == .event { return .event }
    if operation == .divide, left.type != .double, right.type != .double, one.union(other) == .both {
      found.append(
        SyntaxDoubt(
          message: "'/' has a remainder here where no operand comes from the event, and none where one does: 7 / 2 is 3 or 3.5",
          help: "write double(…) around both operands, or int(…) for whole numbers", position: position))
    }
    return one.union(other)
  }

  /// A comparison of the type of a number of the event with some of the types that numbers have.
  private mutating func compare(_ origins: Origins, with answers: [Term], _ position: Int32) {
    guard origins.contains(.typeOfEvent) else { return }
    let types = answers.compactMap { answer -> RuntimeType? in
      if case .literal(.type(let type)) = answer.kind { type } else { nil }
    }
    let numbers = Set(types).intersection([.int, .uint, .double])
    guard !numbers.isEmpty, numbers.count < 3 else { return }
    found.append(
      SyntaxDoubt(
        message: "the type of a number of the event tells whether it is whole, not how it is written: 20.00 is an int, 19.99 a double",
        help: "to ask for any number write type(x) in [int, uint, double]", position: position))
  }
}

extension ExpressionDoubt {
  init(_ doubt: NumberDoubts.SyntaxDoubt, in source: String) {
    let place = ExpressionError(doubt.message, at: doubt.position, in: source)
    self.init(message: doubt.message, help: doubt.help, line: place.line, column: place.column)
  }
}
