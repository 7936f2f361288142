/// The math extension of the language.
enum MathFunctions {
  static func apply(_ function: Function, _ value: Value, _ meter: inout Meter) throws(EvaluationFault) -> Value? {
    switch function {
    case .greatest, .least:
      if case .list(let elements) = value { return try extreme(function, of: elements, &meter) }
      return value.doubleValue == nil ? nil : value
    case .abs, .sign:
      let result = try magnitude(function, value)
      // A number from JSON stays one: whether it is whole must not decide what can be done with it.
      guard case .number = value, let number = result.flatMap(JSONNumber.init) else { return result }
      return .number(number)
    case .sqrt: return value.doubleValue.map { .double($0.squareRoot()) }
    case .bitNot:
      switch value.strict {
      case .int(let integer): return .int(~integer)
      case .uint(let integer): return .uint(~integer)
      default: return nil
      }
    default: break
    }
    guard let real = value.realArgument else { return nil }
    switch function {
    case .ceil: return .double(real.rounded(.up))
    case .floor: return .double(real.rounded(.down))
    case .round: return .double(real.rounded(.toNearestOrAwayFromZero))
    case .trunc: return .double(real.rounded(.towardZero))
    case .isNaN: return .bool(real.isNaN)
    case .isInf: return .bool(real.isInfinite)
    case .isFinite: return .bool(real.isFinite)
    default: return nil
    }
  }

  private static func magnitude(_ function: Function, _ value: Value) throws(EvaluationFault) -> Value? {
    switch value.strict {
    case .int(let integer):
      if function == .sign { return .int(integer.signum()) }
      guard integer != .min else { throw EvaluationFault(.beyond("math.abs", argument: "\(integer)")) }
      return .int(abs(integer))
    case .uint(let integer): return .uint(function == .sign ? min(integer, 1) : integer)
    case .double(let real):
      if function == .abs { return .double(real.magnitude) }
      return .double(real.isNaN || real == 0 ? real : real < 0 ? -1 : 1)
    default: return nil
    }
  }

  static func apply(_ function: Function, _ left: Value, _ right: Value) throws(EvaluationFault) -> Value? {
    switch function {
    case .greatest, .least: return pick(function, left, right)
    case .bitShiftLeft, .bitShiftRight:
      guard let count = right.integerArgument else { return nil }
      switch left.strict {
      case .int(let integer): return .int(Int64(bitPattern: try shift(function, UInt64(bitPattern: integer), count)))
      case .uint(let integer): return .uint(try shift(function, integer, count))
      default: return nil
      }
    default: break
    }
    switch (left.strict, right.strict) {
    case (.int(let left), .int(let right)): return combine(function, left, right).map(Value.int)
    case (.uint(let left), .uint(let right)): return combine(function, left, right).map(Value.uint)
    default: return nil
    }
  }

  private static func combine<Integer: FixedWidthInteger>(_ function: Function, _ left: Integer, _ right: Integer) -> Integer? {
    switch function {
    case .bitAnd: left & right
    case .bitOr: left | right
    case .bitXor: left ^ right
    default: nil
    }
  }

  /// Bits move in as zeros from both sides, the sign included; a shift by the width or more leaves none.
  private static func shift(_ function: Function, _ bits: UInt64, _ count: Int64) throws(EvaluationFault) -> UInt64 {
    guard count >= 0 else { throw EvaluationFault(.invalid("\(function.name) needs an offset that is not negative")) }
    return function == .bitShiftLeft ? bits << count : bits >> count
  }

  /// The greatest or least of the numbers; nil if one is no number or there is none.
  static func extreme(_ function: Function, of values: [Value], _ meter: inout Meter) throws(EvaluationFault) -> Value? {
    for value in values { try value.requireReadable() }
    guard var best = values.first, best.doubleValue != nil else { return nil }
    try meter.charge(values.count)
    for value in values.dropFirst() {
      guard let better = pick(function, best, value) else { return nil }
      best = better
    }
    return best
  }

  private static func pick(_ function: Function, _ left: Value, _ right: Value) -> Value? {
    guard let order = ValueComparison.numbers(left, right) else { return nil }
    return order == (function == .greatest ? .before : .after) ? right : left
  }
}
