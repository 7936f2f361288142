/// An operator on two numbers, or what joins or shifts other values.
enum ArithmeticOperator: UInt8 {
  case add, subtract, multiply, divide, modulo

  var symbol: String {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    case .modulo: "%"
    }
  }
}

/// Arithmetic as the language has it: both sides of one type, and a result out of range is a fault. A number from JSON takes the
/// type of the other side, since producers write 5 and 5.0 alike; the result is again a number of that lenient kind. Its division leaves no
/// remainder, whatever the other side is: of 1999 cents a hundredth is 19.99.
enum Arithmetic {
  static func apply(
    _ operation: ArithmeticOperator, _ left: Value, _ right: Value, _ meter: inout Meter
  ) throws(EvaluationFault) -> Value {
    switch (left, right) {
    case (.int(let left), .int(let right)): return .int(try integers(operation, left, right))
    case (.double(let left), .double(let right)) where operation != .modulo: return .double(reals(operation, left, right))
    case (.uint(let left), .uint(let right)): return .uint(try naturals(operation, left, right))
    case (.number, _), (_, .number):
      if let left = JSONNumber(left), let right = JSONNumber(right) { return .number(try promoted(operation, left, right)) }
    default:
      if let value = try others(operation, left, right, &meter) { return value }
    }
    throw EvaluationFault(.noOverload(operation.symbol, [left.type, right.type]))
  }

  static func negate(_ value: Value) throws(EvaluationFault) -> Value {
    switch value {
    case .int(let integer): return .int(try integers(.subtract, 0, integer))
    case .double(let real): return .double(-real)
    case .number(let number):
      switch number.whole ?? number {
      case .int(let integer): return .number(.int(try integers(.subtract, 0, integer)))
      case .double(let real): return .number(.double(-real))
      case .uint: break
      }
    default: break
    }
    throw EvaluationFault(.noOverload("-", [value.type]))
  }

  /// Integers of two kinds meet as int where both fit, else as uint; an integer meets a double as a double. `%` needs integers, so a
  /// double without a fraction counts as one there.
  private static func promoted(
    _ operation: ArithmeticOperator, _ left: JSONNumber, _ right: JSONNumber
  ) throws(EvaluationFault) -> JSONNumber {
    if operation == .divide { return try quotient(left, right) }
    if operation == .modulo, let (left, right) = whole(left, right) { return try promoted(.modulo, left, right) }
    switch (left, right) {
    case (.int(let left), .int(let right)): return .int(try integers(operation, left, right))
    case (.uint(let left), .uint(let right)): return .uint(try naturals(operation, left, right))
    case (.int(let left), .uint(let right)):
      if left >= 0 { return .uint(try naturals(operation, UInt64(left), right)) }
      guard let right = Int64(exactly: right) else { throw overflow(operation, "uint") }
      return .int(try integers(operation, left, right))
    case (.uint(let left), .int(let right)):
      if right >= 0 { return .uint(try naturals(operation, left, UInt64(right))) }
      guard let left = Int64(exactly: left) else { throw overflow(operation, "uint") }
      return .int(try integers(operation, left, right))
    default:
      guard operation != .modulo else { throw EvaluationFault(.noOverload("%", [Value.number(left).type, Value.number(right).type])) }
      return .double(reals(operation, left.real, right.real))
    }
  }

  /// Exact where it is whole, which integers of more than 53 bits need; JSON has no infinity, so nothing is divided by zero.
  private static func quotient(_ left: JSONNumber, _ right: JSONNumber) throws(EvaluationFault) -> JSONNumber {
    guard right.real != 0 else { throw EvaluationFault(.divisionByZero) }
    switch (left, right) {
    case (.int(let left), .int(let right)) where right != -1 && left % right == 0: return .int(left / right)
    case (.uint(let left), .uint(let right)) where left % right == 0: return .uint(left / right)
    default: return .double(left.real / right.real)
    }
  }

  private static func whole(_ left: JSONNumber, _ right: JSONNumber) -> (JSONNumber, JSONNumber)? {
    if case .double = left {} else if case .double = right {} else { return nil }
    guard let left = left.whole, let right = right.whole else { return nil }
    return (left, right)
  }

  @inline(__always)
  static func integers(_ operation: ArithmeticOperator, _ left: Int64, _ right: Int64) throws(EvaluationFault) -> Int64 {
    let (result, beyond): (Int64, Bool)
    switch operation {
    case .add: (result, beyond) = left.addingReportingOverflow(right)
    case .subtract: (result, beyond) = left.subtractingReportingOverflow(right)
    case .multiply: (result, beyond) = left.multipliedReportingOverflow(by: right)
    case .divide:
      guard right != 0 else { throw EvaluationFault(.divisionByZero) }
      (result, beyond) = left.dividedReportingOverflow(by: right)
    case .modulo:
      guard right != 0 else { throw EvaluationFault(.modulusByZero) }
      (result, beyond) = left.remainderReportingOverflow(dividingBy: right)
    }
    guard !beyond else { throw overflow(operation, "int") }
    return result
  }

  @inline(__always)
  static func naturals(_ operation: ArithmeticOperator, _ left: UInt64, _ right: UInt64) throws(EvaluationFault) -> UInt64 {
    let (result, beyond): (UInt64, Bool)
    switch operation {
    case .add: (result, beyond) = left.addingReportingOverflow(right)
    case .subtract: (result, beyond) = left.subtractingReportingOverflow(right)
    case .multiply: (result, beyond) = left.multipliedReportingOverflow(by: right)
    case .divide:
      guard right != 0 else { throw EvaluationFault(.divisionByZero) }
      (result, beyond) = (left / right, false)
    case .modulo:
      guard right != 0 else { throw EvaluationFault(.modulusByZero) }
      (result, beyond) = (left % right, false)
    }
    guard !beyond else { throw overflow(operation, "uint") }
    return result
  }

  @inline(__always)
  static func reals(_ operation: ArithmeticOperator, _ left: Double, _ right: Double) -> Double {
    switch operation {
    case .add: left + right
    case .subtract: left - right
    case .multiply: left * right
    case .divide: left / right
    case .modulo: preconditionFailure("no overload of % for doubles reaches here")
    }
  }

  private static func overflow(_ operation: ArithmeticOperator, _ type: String) -> EvaluationFault {
    EvaluationFault(.overflow("the result of \(type) \(operation.symbol) \(type)"))
  }

  /// Strings, bytes, lists, timestamps and durations; nil if there is no such overload.
  private static func others(
    _ operation: ArithmeticOperator, _ left: Value, _ right: Value, _ meter: inout Meter
  ) throws(EvaluationFault) -> Value? {
    switch (operation, left, right) {
    case (.add, .string(let left), .string(let right)):
      try meter.charge((left.utf8.count + right.utf8.count) / 16)
      return .string(left + right)
    case (.add, .bytes(let left), .bytes(let right)):
      try meter.charge((left.count + right.count) / 16)
      return .bytes(left + right)
    case (.add, .list(let left), .list(let right)):
      try meter.charge(left.count + right.count)
      return .list(left + right)
    case (.add, .duration(let left), .duration(let right)): return .duration(nanoseconds: try integers(.add, left, right))
    case (.subtract, .duration(let left), .duration(let right)): return .duration(nanoseconds: try integers(.subtract, left, right))
    case (.add, .timestamp(let time), .duration(let span)), (.add, .duration(let span), .timestamp(let time)):
      guard let sum = time.adding(nanoseconds: span) else { throw EvaluationFault(.overflow("timestamp + duration")) }
      return .timestamp(sum)
    case (.subtract, .timestamp(let time), .duration(let span)):
      guard span != .min, let difference = time.adding(nanoseconds: -span) else {
        throw EvaluationFault(.overflow("timestamp - duration"))
      }
      return .timestamp(difference)
    case (.subtract, .timestamp(let left), .timestamp(let right)):
      guard let span = left.nanoseconds(since: right) else { throw EvaluationFault(.overflow("timestamp - timestamp")) }
      return .duration(nanoseconds: span)
    default: return nil
    }
  }
}

extension JSONNumber {
  /// Nil if the value is no number. What JSON has as a whole number is an integer, however it is held; a double of the expression is one.
  init?(_ value: Value) {
    switch value {
    case .int(let integer): self = .int(integer)
    case .uint(let integer): self = .uint(integer)
    case .double(let real): self = .double(real)
    case .number(let number): self = number.whole ?? number
    default: return nil
    }
  }

  var real: Double {
    switch self {
    case .int(let integer): Double(integer)
    case .uint(let integer): Double(integer)
    // JSON's -0 is an integer, so -0.0 is zero as well.
    case .double(let real): real + 0
    }
  }

  /// The integer that this number is, or nil if it has a fraction.
  var whole: JSONNumber? {
    guard case .double(let real) = self else { return self }
    return Int64(exactly: real).map(JSONNumber.int) ?? UInt64(exactly: real).map(JSONNumber.uint)
  }
}
