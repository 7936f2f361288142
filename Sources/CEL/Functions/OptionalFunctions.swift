/// Values that may be missing.
enum OptionalFunctions {
  static func apply(_ function: Function, _ value: Value) throws(EvaluationFault) -> Value? {
    switch (function, value) {
    case (.optionalOf, _): return .optional(value)
    case (.ofNonZeroValue, _): return .optional(isZero(value) ? nil : value)
    case (.hasValue, .optional(let held)): return .bool(held != nil)
    case (.optionalValue, .optional(let held)):
      guard let held else { throw EvaluationFault(.invalid("the optional value is missing: give another one with orValue()")) }
      return held
    default: return nil
    }
  }

  static func apply(_ function: Function, _ value: Value, _ other: Value) -> Value? {
    guard case .optional(let held) = value else { return nil }
    if function == .orValue { return held ?? other }
    guard case .optional = other else { return nil }
    return held == nil ? other : value
  }

  /// Whether this is what a field holds that nobody has set.
  private static func isZero(_ value: Value) -> Bool {
    switch value.strict {
    case .null: true
    case .bool(let flag): !flag
    case .int(let integer): integer == 0
    case .uint(let integer): integer == 0
    case .double(let real): real == 0
    case .string(let text): text.isEmpty
    case .bytes(let bytes): bytes.isEmpty
    case .list(let elements): elements.isEmpty
    case .map(let map): map.count == 0
    case .duration(let nanoseconds): nanoseconds == 0
    case .timestamp(let time): time.seconds == 0 && time.nanoseconds == 0
    case .optional(let held): held == nil
    case .type, .number, .unreadable: false
    }
  }
}
