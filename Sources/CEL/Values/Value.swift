/// A value of the expression language (CEL).
public enum Value: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  /// A number read from JSON, where 5, 5.0 and 0.5e1 are one number: unlike the three above it takes the type that an operation needs, and
  /// its division leaves no remainder.
  case number(JSONNumber)
  /// Compared by code points, not by Unicode equivalence as Swift does: use `ValueComparison`, not `==`, on the payload.
  case string(String)
  case bytes([UInt8])
  case list([Value])
  case map(ValueMap)
  case timestamp(Timestamp)
  case duration(nanoseconds: Int64)
  case type(RuntimeType)
  /// A value that may be missing, as `event.?limit` gives it.
  indirect case optional(Value?)
  /// A part of an event that no value can hold. It occurs in lists and maps only.
  case unreadable(UnreadablePart)
}

/// A number as JSON text gives it. How it is held says nothing: a double that is whole is the same number as the integer.
public enum JSONNumber: Sendable {
  case int(Int64)
  /// Beyond `Int64.max`.
  case uint(UInt64)
  case double(Double)
}

/// The type of a value at run time; the raw value is its name in the language.
public enum RuntimeType: String, Sendable, CaseIterable {
  case null = "null_type"
  case bool, int, uint, double, string, bytes, list, map, type
  case timestamp = "google.protobuf.Timestamp"
  case duration = "google.protobuf.Duration"
  case optional = "optional_type"

  /// The name in messages: short, as the conversion function is called.
  package var plainName: String {
    switch self {
    case .null: "null"
    case .timestamp: "timestamp"
    case .duration: "duration"
    case .optional: "optional"
    default: rawValue
    }
  }
}

extension Value {
  /// The value's type, as `type(x)` gives it.
  public var type: RuntimeType {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .number(let number): number.strict.type
    case .string: .string
    case .bytes: .bytes
    case .list: .list
    case .map: .map
    case .timestamp: .timestamp
    case .duration: .duration
    case .type: .type
    case .optional: .optional
    case .unreadable(let part): part.isText ? .string : .double
    }
  }

  /// The same value without the leniency of JSON numbers: of those that are whole an int, or a uint where only that fits.
  @inlinable @inline(__always)
  public var strict: Value {
    switch self {
    case .number(let number): number.strict
    default: self
    }
  }

  /// What it costs to go through text or bytes once, in steps.
  @inline(__always)
  var heft: Int {
    switch self {
    case .string(let text): text.utf8.count / 64
    case .bytes(let bytes): bytes.count / 64
    default: 0
    }
  }

  /// A number of any type as a double; nil if this is no number.
  public var doubleValue: Double? {
    switch self {
    case .int(let integer): Double(integer)
    case .uint(let integer): Double(integer)
    case .double(let real): real
    case .number(let number): number.real
    default: nil
    }
  }
}

extension JSONNumber {
  /// The number as a value of the language: an int where it is whole and fits, else a uint where that fits, else a double.
  @inlinable @inline(__always)
  public var strict: Value {
    switch self {
    case .int(let integer): return .int(integer)
    case .uint(let integer): return Int64(exactly: integer).map(Value.int) ?? .uint(integer)
    case .double(let real):
      if let integer = Int64(exactly: real) { return .int(integer) }
      if let integer = UInt64(exactly: real) { return .uint(integer) }
      return .double(real)
    }
  }
}

extension String {
  /// The UTF-8 bytes, without a copy for the strings that Swift itself made.
  @inline(__always)
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
    return Array(utf8).withUnsafeBufferPointer(body)
  }
}
