import Texts

/// Types of operators, literals of lists and maps, and calls.
extension TypeChecker {
  mutating func terms(_ syntaxes: [Syntax]) throws(SyntaxFault) -> [Term] {
    var terms: [Term] = []
    terms.reserveCapacity(syntaxes.count)
    for syntax in syntaxes { terms.append(try term(syntax)) }
    return terms
  }

  /// An operand that has to be a bool.
  mutating func condition(_ syntax: Syntax, _ place: String) throws(SyntaxFault) -> Term {
    let condition = try term(syntax)
    guard condition.type == .bool || condition.type == .dyn else {
      throw SyntaxFault("\(place) a bool, and this is \(condition.type.description.withArticle)", at: condition.position)
    }
    return condition
  }

  mutating func list(_ syntaxes: [Syntax], _ optional: Set<Int>, at position: Int32) throws(SyntaxFault) -> Term {
    let elements = try terms(syntaxes)
    var types: [StaticType] = []
    for (index, element) in elements.enumerated() { types.append(optional.contains(index) ? try held(element) : element.type) }
    return Term(kind: .list(elements, optional: optional), type: .list(Self.joined(types)), position: position)
  }

  mutating func map(
    _ syntaxes: [(key: Syntax, value: Syntax)], _ optional: Set<Int>, at position: Int32
  ) throws(SyntaxFault) -> Term {
    var entries: [(key: Term, value: Term)] = []
    var types: [StaticType] = []
    for (index, syntax) in syntaxes.enumerated() {
      let key = try term(syntax.key)
      switch key.type {
      case .dyn, .bool, .int, .uint, .string: break
      default: throw SyntaxFault("a key is a string, an int, a uint or a bool, not \(key.type.description.withArticle)", at: key.position)
      }
      let value = try term(syntax.value)
      types.append(optional.contains(index) ? try held(value) : value.type)
      entries.append((key, value))
    }
    let type = StaticType.map(Self.joined(entries.map(\.key.type)), Self.joined(types))
    return Term(kind: .map(entries, optional: optional), type: type, position: position)
  }

  private static func joined(_ types: [StaticType]) -> StaticType {
    types.first.map { types.dropFirst().reduce($0) { $0.joined(with: $1) } } ?? .dyn
  }

  mutating func negate(_ operand: Syntax, at position: Int32) throws(SyntaxFault) -> Term {
    let operand = try term(operand)
    guard operand.type == .int || operand.type == .double || operand.type == .dyn else { throw noOverload("-", [operand], position) }
    return Term(kind: .negate(operand), type: operand.type, position: position)
  }

  mutating func arithmetic(
    _ operation: ArithmeticOperator, _ left: Syntax, _ right: Syntax, at position: Int32
  ) throws(SyntaxFault) -> Term {
    let (left, right) = (try term(left), try term(right))
    guard let type = Self.result(of: Catalogue.operators[operation.symbol] ?? [], [left.type, right.type]) else {
      throw noOverload(operation.symbol, [left, right], position)
    }
    // What a number from JSON turns into is known only then.
    let isDynamic = left.type == .dyn || right.type == .dyn
    return Term(kind: .arithmetic(operation, left, right), type: isDynamic ? .dyn : type, position: position)
  }

  mutating func relation(
    _ relation: Relation, _ left: Syntax, _ right: Syntax, at position: Int32
  ) throws(SyntaxFault) -> Term {
    let (left, right) = (try term(left), try term(right))
    let isEquality = relation == .equal || relation == .notEqual
    guard isEquality ? left.type.isComparable(with: right.type) : left.type.isOrdered(with: right.type) else {
      throw noOverload(relation.symbol, [left, right], position)
    }
    return Term(kind: .relation(relation, left, right), type: .bool, position: position)
  }

  mutating func isIn(_ element: Syntax, _ container: Syntax, at position: Int32) throws(SyntaxFault) -> Term {
    let (element, container) = (try term(element), try term(container))
    let isPossible =
      switch container.type {
      case .dyn: true
      case .list(let type), .map(let type, _): type.isComparable(with: element.type)
      default: false
      }
    guard isPossible else { throw noOverload("in", [element, container], position) }
    return Term(kind: .isIn(element, container), type: .bool, position: position)
  }

  /// A literal operand that decides the result makes the others irrelevant, faulty or not: they would be absorbed.
  mutating func logical(_ logical: Logical, _ syntaxes: [Syntax], at position: Int32) throws(SyntaxFault) -> Term {
    for syntax in syntaxes {
      if case .literal(.bool(logical.deciding)) = syntax.kind { return try term(syntax) }
    }
    var operands: [Term] = []
    for syntax in syntaxes { operands.append(try condition(syntax, "'\(logical == .and ? "&&" : "||")' joins")) }
    return Term(kind: .logical(logical, operands), type: .bool, position: position)
  }

  // MARK: Calls

  mutating func call(
    _ name: String, _ receiver: Syntax?, _ arguments: [Syntax], at position: Int32
  ) throws(SyntaxFault) -> Term {
    guard let receiver else { return try call(name, try terms(arguments), isMember: false, at: position) }
    if let namespace = qualifiedName(receiver) {
      let qualified = "\(namespace).\(name)"
      if Catalogue.functions[qualified] != nil { return try call(qualified, try terms(arguments), isMember: false, at: position) }
      let siblings = Catalogue.functions.keys.filter { $0.hasPrefix("\(namespace).") }
      if !siblings.isEmpty {
        throw SyntaxFault("unknown function '\(qualified)'\(Self.hint(qualified, siblings) ?? "")", at: position)
      }
    }
    return try call(name, [try term(receiver)] + terms(arguments), isMember: true, at: position)
  }

  private func call(_ name: String, _ arguments: [Term], isMember: Bool, at position: Int32) throws(SyntaxFault) -> Term {
    guard let (function, overloads) = Catalogue.functions[name] else {
      throw SyntaxFault("unknown function '\(name)'\(Self.hint(name, Catalogue.functions.keys) ?? "")", at: position)
    }
    let candidates = overloads.filter { $0.isMember == isMember }
    if candidates.isEmpty {
      let form = isMember ? "\(name)(x)" : "x.\(name)(\(overloads[0].parameters.count > 1 ? "…" : ""))"
      throw SyntaxFault("'\(name)' is called as \(form)", at: position)
    }
    guard let type = Self.result(of: candidates, arguments.map(\.type)) else {
      throw noOverload(name, arguments, position, isMember: isMember)
    }
    return Term(kind: .call(function, arguments), type: type, position: position)
  }

  /// The type that all fitting overloads agree on, else dyn; nil if none fits.
  private static func result(of overloads: [Signature], _ arguments: [StaticType]) -> StaticType? {
    var result: StaticType?
    for overload in overloads {
      guard let type = overload.result(of: arguments) else { continue }
      result = result.map { $0 == type ? type : .dyn } ?? type
    }
    return result
  }

  /// What a misspelt name was probably meant to be, in words.
  static func hint(_ name: String, _ known: some Sequence<String>) -> String? {
    Suggestion.nearest(to: name, in: known).map { ": did you mean '\($0)'?" }
  }

  private func noOverload(_ name: String, _ arguments: [Term], _ position: Int32, isMember: Bool = false) -> SyntaxFault {
    let call = Signature.call(name, arguments.map(\.type.description), isMember: isMember)
    var hint = ""
    if arguments.count == 2, arguments[0].type.isNumber, arguments[1].type.isNumber {
      hint = ": convert one side with int(), uint() or double()"
    }
    return SyntaxFault("no such overload: \(call)\(hint)", at: position)
  }
}
