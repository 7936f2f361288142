/// What is known of a value's type before evaluation.
indirect enum StaticType: Hashable, Sendable {
  /// Known only when evaluated: anything read from the event.
  case dyn
  case null, bool, int, uint, double, string, bytes, timestamp, duration, type
  case list(StaticType)
  case map(StaticType, StaticType)
  case optional(StaticType)
  /// A type variable of a signature: any type, the same one wherever the letter occurs.
  case parameter(String)

  init(_ type: ExpressionType) {
    self =
      switch type {
      case .dyn: .dyn
      case .null: .null
      case .bool: .bool
      case .int: .int
      case .uint: .uint
      case .double: .double
      case .string: .string
      case .bytes: .bytes
      case .list: .list(.dyn)
      case .map: .map(.dyn, .dyn)
      case .timestamp: .timestamp
      case .duration: .duration
      case .type: .type
      case .optional: .optional(.dyn)
      }
  }

  static func of(_ value: Value) -> StaticType {
    switch value.strict {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double, .number: .double
    case .string: .string
    case .bytes: .bytes
    case .list: .list(.dyn)
    case .map: .map(.dyn, .dyn)
    case .timestamp: .timestamp
    case .duration: .duration
    case .type: .type
    case .optional: .optional(.dyn)
    case .unreadable: .dyn
    }
  }

  var isNumber: Bool { self == .int || self == .uint || self == .double }

  /// The type of a value that is of one type or the other.
  func joined(with other: StaticType) -> StaticType {
    if self == other { return self }
    switch (self, other) {
    case (.list(let left), .list(let right)): return .list(left.joined(with: right))
    case (.map(let leftKey, let left), .map(let rightKey, let right)):
      return .map(leftKey.joined(with: rightKey), left.joined(with: right))
    case (.optional(let left), .optional(let right)): return .optional(left.joined(with: right))
    default: return .dyn
    }
  }

  /// Whether values of the two types can be equal at all.
  func isComparable(with other: StaticType) -> Bool {
    if self == .dyn || other == .dyn || self == .null || other == .null || self == other { return true }
    if isNumber, other.isNumber { return true }
    switch (self, other) {
    case (.list, .list), (.map, .map), (.optional, .optional): return true
    default: return false
    }
  }

  /// Whether `<` and its kin are defined for values of the two types.
  func isOrdered(with other: StaticType) -> Bool {
    func isOrdered(_ type: StaticType) -> Bool {
      switch type {
      case .null, .type, .list, .map, .optional: false
      default: true
      }
    }
    guard isOrdered(self), isOrdered(other) else { return false }
    return isComparable(with: other)
  }

  /// Whether an argument of a type fits this parameter; binds the type variables it meets.
  func accepts(_ argument: StaticType, _ bound: inout [String: StaticType]) -> Bool {
    if argument == .dyn {
      for name in parameters where bound[name] == nil { bound[name] = .dyn }
      return true
    }
    switch (self, argument) {
    case (.dyn, _): return true
    case (.parameter(let name), _):
      bound[name] = bound[name].map { $0.joined(with: argument) } ?? argument
      return true
    case (.optional(let value), .optional(let given)): return value.accepts(given, &bound)
    case (.list(let element), .list(let given)): return element.accepts(given, &bound)
    case (.map(let key, let value), .map(let givenKey, let given)): return key.accepts(givenKey, &bound) && value.accepts(given, &bound)
    default: return self == argument
    }
  }

  /// The type with its variables replaced.
  func substituting(_ bound: [String: StaticType]) -> StaticType {
    switch self {
    case .parameter(let name): bound[name] ?? .dyn
    case .optional(let value): .optional(value.substituting(bound))
    case .list(let element): .list(element.substituting(bound))
    case .map(let key, let value): .map(key.substituting(bound), value.substituting(bound))
    default: self
    }
  }

  private var parameters: [String] {
    switch self {
    case .parameter(let name): [name]
    case .list(let element), .optional(let element): element.parameters
    case .map(let key, let value): key.parameters + value.parameters
    default: []
    }
  }
}

extension StaticType: CustomStringConvertible {
  var description: String {
    switch self {
    case .dyn: "dyn"
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .timestamp: "timestamp"
    case .duration: "duration"
    case .type: "type"
    case .list(.dyn): "list"
    case .list(let element): "list(\(element))"
    case .map(.dyn, .dyn): "map"
    case .map(let key, let value): "map(\(key), \(value))"
    case .optional(.dyn): "optional"
    case .optional(let value): "optional(\(value))"
    case .parameter(let name): name
    }
  }
}

extension String {
  /// A type's name in a sentence: `an int`, `a string`.
  var withArticle: String { self == "int" || hasPrefix("optional") ? "an \(self)" : "a \(self)" }
}
