/// The conversion functions, named as the types they make.
enum Conversion {
  static func apply(_ function: Function, _ value: Value) throws(EvaluationFault) -> Value {
    let converted: Value? =
      switch function {
      case .toInt: try int(value)
      case .toUint: try uint(value)
      case .toDouble: try double(value)
      case .toString: try string(value)
      case .toBytes: bytes(value)
      case .toBool: try bool(value)
      case .toTimestamp: try timestamp(value)
      case .toDuration: try duration(value)
      case .typeOf: .type(value.type)
      case .toDyn: value
      default: nil
      }
    guard let converted else { throw EvaluationFault(.noOverload(function.name, [value.type])) }
    return converted
  }

  private static func int(_ value: Value) throws(EvaluationFault) -> Value? {
    switch value.strict {
    case .int(let integer): return .int(integer)
    case .uint(let integer):
      guard let integer = Int64(exactly: integer) else { throw EvaluationFault(.beyond("int", argument: "\(integer)u")) }
      return .int(integer)
    case .double(let real):
      // The extreme integers are excluded: as doubles they can't be told from their neighbours beyond the range.
      guard real > -0x1p63, real < 0x1p63 else { throw EvaluationFault(.beyond("int", argument: "\(real)")) }
      return .int(Int64(real))
    case .string(let text):
      guard let integer = Int64(text) else { throw unreadable("int", text) }
      return .int(integer)
    case .timestamp(let time): return .int(time.seconds)
    default: return nil
    }
  }

  private static func uint(_ value: Value) throws(EvaluationFault) -> Value? {
    switch value.strict {
    case .uint(let integer): return .uint(integer)
    case .int(let integer):
      guard let integer = UInt64(exactly: integer) else { throw EvaluationFault(.beyond("uint", argument: "\(integer)")) }
      return .uint(integer)
    case .double(let real):
      guard real >= 0, real < 0x1p64 else { throw EvaluationFault(.beyond("uint", argument: "\(real)")) }
      return .uint(UInt64(real))
    case .string(let text):
      guard let integer = UInt64(text) else { throw unreadable("uint", text) }
      return .uint(integer)
    default: return nil
    }
  }

  private static func double(_ value: Value) throws(EvaluationFault) -> Value? {
    switch value.strict {
    case .double(let real): return .double(real)
    case .int(let integer): return .double(Double(integer))
    case .uint(let integer): return .double(Double(integer))
    case .string(let text):
      guard let real = Double(text) else { throw unreadable("double", text) }
      return .double(real)
    default: return nil
    }
  }

  private static func string(_ value: Value) throws(EvaluationFault) -> Value? {
    switch value.strict {
    case .string(let text): return .string(text)
    case .bool(let flag): return .string(flag ? "true" : "false")
    case .int(let integer): return .string(String(integer))
    case .uint(let integer): return .string(String(integer))
    case .double(let real): return .string(text(real))
    case .timestamp(let time): return .string(TimeText.text(time))
    case .duration(let nanoseconds): return .string(TimeText.text(nanoseconds: nanoseconds))
    case .type(let type): return .string(type.rawValue)
    case .bytes(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else { throw EvaluationFault(.invalid("the bytes are not UTF-8")) }
      return .string(text)
    default: return nil
    }
  }

  /// The shortest text that reads back as the same double: without a point if it is whole, with an exponent if it is far from one.
  static func text(_ real: Double) -> String {
    if real.isNaN { return "NaN" }
    if real.isInfinite { return real < 0 ? "-Infinity" : "Infinity" }
    let text = real.description
    if text.hasSuffix(".0") { return String(text.dropLast(2)) }
    return text
  }

  private static func bytes(_ value: Value) -> Value? {
    switch value {
    case .bytes: value
    case .string(let text): .bytes(Array(text.utf8))
    default: nil
    }
  }

  private static func bool(_ value: Value) throws(EvaluationFault) -> Value? {
    switch value {
    case .bool: return value
    case .string("true"), .string("True"), .string("TRUE"), .string("t"), .string("1"): return .bool(true)
    case .string("false"), .string("False"), .string("FALSE"), .string("f"), .string("0"): return .bool(false)
    case .string(let text): throw unreadable("bool", text)
    default: return nil
    }
  }

  private static func timestamp(_ value: Value) throws(EvaluationFault) -> Value? {
    switch value.strict {
    case .timestamp: return value
    case .int(let seconds):
      guard let time = Timestamp(seconds: seconds) else { throw EvaluationFault(.beyond("timestamp", argument: "\(seconds)")) }
      return .timestamp(time)
    case .string(let text):
      guard let time = TimeText.timestamp(text) else { throw unreadable("timestamp", text) }
      return .timestamp(time)
    default: return nil
    }
  }

  private static func duration(_ value: Value) throws(EvaluationFault) -> Value? {
    switch value.strict {
    case .duration: return value
    case .string(let text):
      guard let nanoseconds = TimeText.duration(text) else { throw unreadable("duration", text) }
      return .duration(nanoseconds: nanoseconds)
    default: return nil
    }
  }

  private static func unreadable(_ type: String, _ text: String) -> EvaluationFault {
    EvaluationFault(.unreadable(text, as: type))
  }
}
