/// The standard functions on strings, and `size`.
enum StringFunctions {
  /// Code points of a string, bytes, elements or entries.
  static func size(_ value: Value) -> Value? {
    switch value {
    case .string(let text): return .int(Int64(codePoints(text)))
    case .bytes(let bytes): return .int(Int64(bytes.count))
    case .list(let elements): return .int(Int64(elements.count))
    case .map(let map): return .int(Int64(map.count))
    default: return nil
    }
  }

  static func codePoints(_ text: String) -> Int {
    // Every byte begins a code point but those of the form 10xxxxxx.
    text.withBytes { $0.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }
  }

  static func apply(
    _ function: Function, _ text: Value, _ argument: Value, _ meter: inout Meter
  ) throws(EvaluationFault) -> Value? {
    guard case .string(let text) = text, case .string(let argument) = argument else { return nil }
    switch function {
    case .contains, .startsWith, .endsWith:
      return .bool(text.withBytes { text in argument.withBytes { test(function, text, $0) } })
    case .matches:
      // Compiling a pattern is dear, above all in vain; one that is a literal has been compiled with the expression.
      let before = meter
      try meter.charge(20_000)
      let pattern = try Pattern(argument)
      meter = before
      try meter.charge(100 + pattern.size)
      return .bool(text.withBytes { pattern.matches($0) })
    default: return nil
    }
  }

  @inline(__always)
  static func test(_ function: Function, _ text: UnsafeBufferPointer<UInt8>, _ argument: UnsafeBufferPointer<UInt8>) -> Bool {
    switch function {
    case .startsWith: Bytes.hasPrefix(text, argument)
    case .endsWith: Bytes.hasSuffix(text, argument)
    default: Bytes.find(argument, in: text) != nil
    }
  }
}
