/// Types of fields, elements and optional values.
extension TypeChecker {
  mutating func select(_ operand: Syntax, _ field: String, _ isOptional: Bool, _ syntax: Syntax) throws(SyntaxFault) -> Term {
    if let name = qualifiedName(syntax), let type = RuntimeType(rawValue: name) {
      return Term(kind: .literal(.type(type)), type: .type, position: syntax.position)
    }
    let operand = try term(operand)
    try requireFields(operand, syntax.position)
    let kind = Term.Kind.select(operand, field, isOptional: isOptional)
    return Term(kind: kind, type: Self.member(of: operand.type, isOptional), position: syntax.position)
  }

  /// The type of a member: optional if it was asked for so, or if what holds it is.
  private static func member(of type: StaticType, _ isOptional: Bool) -> StaticType {
    switch type {
    case .optional(let held): .optional(value(held))
    default: isOptional ? .optional(value(type)) : value(type)
    }
  }

  /// The type of the values of a map or the elements of a list.
  private static func value(_ type: StaticType) -> StaticType {
    switch type {
    case .map(_, let value), .list(let value): value
    default: .dyn
    }
  }

  func requireFields(_ operand: Term, _ position: Int32) throws(SyntaxFault) {
    switch operand.type {
    case .dyn, .map, .optional(.dyn), .optional(.map): return
    default: throw SyntaxFault("\(operand.type.description.withArticle) has no fields", at: position)
    }
  }

  mutating func index(_ operand: Syntax, _ index: Syntax, _ isOptional: Bool, at position: Int32) throws(SyntaxFault) -> Term {
    let operand = try term(operand)
    let index = try term(index)
    var container = operand.type
    if case .optional(let held) = container { container = held }
    switch container {
    case .dyn: break
    case .list where index.type.isNumber || index.type == .dyn: break
    case .map(let key, _) where key.isComparable(with: index.type): break
    case .list:
      throw SyntaxFault("a list is indexed by an int, not by \(index.type.description.withArticle)", at: index.position)
    case .map(let key, _):
      let types = (key.description.withArticle, index.type.description.withArticle)
      throw SyntaxFault("this map is indexed by \(types.0), not by \(types.1)", at: index.position)
    default: throw SyntaxFault("\(operand.type.description.withArticle) can't be indexed", at: position)
    }
    let kind = Term.Kind.index(operand, index, isOptional: isOptional)
    return Term(kind: kind, type: Self.member(of: operand.type, isOptional), position: position)
  }

  mutating func optionalMap(
    _ operand: Syntax, _ name: String, _ body: Syntax, _ isFlat: Bool, at position: Int32
  ) throws(SyntaxFault) -> Term {
    let operand = try term(operand)
    let held: StaticType
    switch operand.type {
    case .dyn: held = .dyn
    case .optional(let value): held = value
    default: throw SyntaxFault("\(operand.type.description.withArticle) is no optional value", at: operand.position)
    }
    let (body, local) = try within(name, held, body)
    if isFlat { _ = try self.held(body, "optFlatMap()") }
    let kind = Term.Kind.optionalMap(operand, body, local: local, isFlat: isFlat)
    return Term(kind: kind, type: isFlat ? body.type : .optional(body.type), position: position)
  }

  /// The type of what a term holds that has to be an optional value.
  func held(_ term: Term, _ place: String = "'?'") throws(SyntaxFault) -> StaticType {
    switch term.type {
    case .dyn: return .dyn
    case .optional(let held): return held
    default:
      throw SyntaxFault("\(place) needs an optional value, and this is \(term.type.description.withArticle)", at: term.position)
    }
  }
}
