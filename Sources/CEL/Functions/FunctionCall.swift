/// Calls by the types that the arguments turn out to have.
extension Function {
  func apply(_ value: Value, _ meter: inout Meter) throws(EvaluationFault) -> Value {
    try meter.charge(value.heft)
    let result: Value? =
      switch self {
      case .size: StringFunctions.size(value)
      case .toBool, .toBytes, .toDouble, .toDuration, .toDyn, .toInt, .toString, .toTimestamp, .toUint, .typeOf:
        try Conversion.apply(self, value)
      case _ where isTimePart:
        try TimeFunctions.apply(self, value)
      case .lowerAscii, .upperAscii, .quote, .reverse, .trim, .join: try StringExtension.apply(self, value, &meter)
      case .optionalOf, .ofNonZeroValue, .hasValue, .optionalValue: try OptionalFunctions.apply(self, value)
      case .base64Encode:
        if case .bytes(let bytes) = value { .string(Base64.encode(bytes)) } else { nil }
      case .base64Decode: try Self.decoded(value)
      default: try MathFunctions.apply(self, value, &meter)
      }
    guard let result else { throw EvaluationFault(.noOverload(name, [value.type])) }
    return result
  }

  func apply(_ value: Value, _ argument: Value, _ meter: inout Meter) throws(EvaluationFault) -> Value {
    try meter.charge(value.heft + argument.heft)
    let result: Value? =
      switch self {
      case .contains, .startsWith, .endsWith, .matches: try StringFunctions.apply(self, value, argument, &meter)
      case _ where isTimePart:
        try Self.zoned(self, value, argument, &meter)
      case .charAt, .indexOf, .lastIndexOf, .join, .split, .substring, .format:
        try StringExtension.apply(self, value, argument, &meter)
      case .optionalOr, .orValue: OptionalFunctions.apply(self, value, argument)
      default: try MathFunctions.apply(self, value, argument)
      }
    guard let result else { throw EvaluationFault(.noOverload(name, [value.type, argument.type])) }
    return result
  }

  func apply(_ arguments: [Value], _ meter: inout Meter) throws(EvaluationFault) -> Value {
    switch (self, arguments.count) {
    case (.optionalNone, 0): return .optional(nil)
    case (_, 1): return try apply(arguments[0], &meter)
    case (_, 2): return try apply(arguments[0], arguments[1], &meter)
    case (.greatest, _), (.least, _):
      if let result = try MathFunctions.extreme(self, of: arguments, &meter) { return result }
    default:
      try meter.charge(arguments.reduce(0) { $0 + $1.heft })
      if let result = try StringExtension.apply(self, arguments, &meter) { return result }
    }
    throw EvaluationFault(.noOverload(name, arguments.map(\.type)))
  }

  private static func zoned(
    _ function: Function, _ value: Value, _ zone: Value, _ meter: inout Meter
  ) throws(EvaluationFault) -> Value? {
    guard case .timestamp = value, case .string(let name) = zone else { return nil }
    // To find a zone by its name is dear; one that is a literal has been found with the expression.
    try meter.charge(1000)
    return try TimeFunctions.apply(function, value, zone: try Zone(name))
  }

  private static func decoded(_ value: Value) throws(EvaluationFault) -> Value? {
    guard case .string(let text) = value else { return nil }
    guard let bytes = Base64.decode(text) else { throw EvaluationFault(.invalid("the text is not base64")) }
    return .bytes(bytes)
  }
}

extension Value {
  /// An integer argument: an int, or a number from JSON without a fraction.
  var integerArgument: Int64? {
    switch self {
    case .int(let integer): integer
    case .number(let number): if case .int(let integer)? = number.whole { integer } else { nil }
    default: nil
    }
  }

  /// A double argument: a double, or any number from JSON.
  var realArgument: Double? {
    switch self {
    case .double(let real): real
    case .number(let number): number.real
    default: nil
    }
  }
}
