import CEL
import CELFields

/// A value on its way into a tensor. Text is borrowed.
enum FeatureValue {
  /// Absent, or null.
  case missing
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  case text(UnsafeRawBufferPointer)
  /// Nothing that fits a single element, by its name.
  case other(String)
  /// There, and beyond any value.
  case unreadable(isText: Bool)

  @inline(__always)
  init(_ field: UnsafePointer<cel_field>) {
    switch cel_kind(rawValue: cel_kind.RawValue(field.pointee.kind)) {
    case CEL_ABSENT, CEL_NULL: self = .missing
    case CEL_FALSE: self = .bool(false)
    case CEL_TRUE: self = .bool(true)
    case CEL_INT: self = .int(field.pointee.integer)
    case CEL_UINT: self = .uint(field.pointee.uinteger)
    case CEL_DOUBLE: self = .double(field.pointee.real)
    case CEL_STRING: self = .text(UnsafeRawBufferPointer(start: field.pointee.text, count: field.pointee.text_length))
    case CEL_LIST: self = .other("an array")
    case CEL_MAP: self = .other("an object")
    default: self = .unreadable(isText: UnreadablePart(field)?.isText ?? false)
    }
  }

  /// Lends the value to `body`: the text of a string lasts no longer.
  static func with<Result>(_ value: Value, _ body: (FeatureValue) -> Result) -> Result {
    switch value.strict {
    case .null: return body(.missing)
    case .bool(let flag): return body(.bool(flag))
    case .int(let integer): return body(.int(integer))
    case .uint(let integer): return body(.uint(integer))
    case .double(let real): return body(.double(real))
    case .string(var text): return text.withUTF8 { body(.text(UnsafeRawBufferPointer($0))) }
    case .list(let elements): return body(.other("a list of \(elements.count)"))
    case .unreadable(let part): return body(.unreadable(isText: part.isText))
    default: return body(.other("a value of type \(value.type.plainName)"))
    }
  }

  /// For faults.
  var found: DecodingFault.Mismatch.Found {
    switch self {
    case .missing: .nothing
    case .bool(let flag): .bool(flag)
    case .int(let integer): .int(integer)
    case .uint(let integer): .uint(integer)
    case .double(let real):
      switch JSONNumber.double(real).strict {
      case .int(let integer): .int(integer)
      case .uint(let integer): .uint(integer)
      default: .double(real)
      }
    case .text(let text): .string(Self.beginning(text))
    case .other(let name): .kind(name)
    case .unreadable(let isText): .kind(isText ? "a string" : "a number")
    }
  }

  /// Whether it would fit a column if only it were smaller.
  func isNumber(for type: FeatureType) -> Bool {
    switch self {
    case .int, .uint: type != .string && type != .bool
    case .double(let real): type.isFloatingPoint || (type != .string && type != .bool && real.rounded(.towardZero) == real)
    default: false
    }
  }

  static func beginning(_ text: UnsafeRawBufferPointer) -> String {
    let limit = 40
    let beginning = String(decoding: text.prefix(limit), as: UTF8.self)
    return text.count > limit ? beginning + "…" : beginning
  }
}

extension Result where Success == Value, Failure == EvaluationFault {
  /// What an optional value (`event.?limit`) holds; null if it holds nothing.
  var unwrapped: Self {
    guard case .success(.optional(let value)) = self else { return self }
    return Self.success(value ?? .null).unwrapped
  }
}
