/// A relation between two values.
enum Relation: UInt8 {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  var symbol: String {
    switch self {
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    }
  }

  /// The relation that holds with the sides exchanged.
  var mirrored: Relation {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }

  @inline(__always)
  func holds(_ order: Order) -> Bool {
    switch self {
    case .equal: order == .same
    case .notEqual: order != .same
    case .less: order == .before
    case .lessOrEqual: order == .before || order == .same
    case .greater: order == .after
    case .greaterOrEqual: order == .after || order == .same
    }
  }
}

/// How one value lies to another. NaN is unordered to everything, itself included.
enum Order: UInt8 {
  case before, same, after, unordered
}

/// Equality and order of values, across number types as on one number line.
package enum ValueComparison {
  /// Values of different types are not equal, but for numbers. Charges the meter for every element of a list or map that it visits.
  static func equal(_ left: Value, _ right: Value, _ meter: inout Meter) throws(EvaluationFault) -> Bool {
    switch (left, right) {
    case (.null, .null): return true
    case (.bool(let left), .bool(let right)): return left == right
    case (.string(let leftText), .string(let rightText)):
      guard leftText.utf8.count == rightText.utf8.count else { return false }
      try meter.charge(left.heft)
      return equal(leftText, rightText)
    case (.bytes(let leftBytes), .bytes(let rightBytes)):
      guard leftBytes.count == rightBytes.count else { return false }
      try meter.charge(left.heft)
      return leftBytes == rightBytes
    case (.timestamp(let left), .timestamp(let right)): return left == right
    case (.duration(let left), .duration(let right)): return left == right
    case (.type(let left), .type(let right)): return left == right
    case (.list(let left), .list(let right)):
      guard left.count == right.count else { return false }
      try meter.charge(left.count)
      for position in left.indices where try !equal(left[position], right[position], &meter) { return false }
      return true
    case (.map(let left), .map(let right)):
      guard left.count == right.count else { return false }
      try meter.charge(left.count)
      for (key, value) in zip(left.keys, left.values) {
        try key.requireReadable()
        guard let other = right[key], try equal(value, other, &meter) else { return false }
      }
      return true
    case (.optional(let left), .optional(let right)):
      guard let left, let right else { return left == nil && right == nil }
      try meter.charge(1)
      return try equal(left, right, &meter)
    default:
      try left.requireReadable()
      try right.requireReadable()
      return numbers(left, right) == .same
    }
  }

  /// The order of two numbers, strings, bytes, bools, timestamps or durations; nil for any other pair.
  static func order(_ left: Value, _ right: Value) -> Order? {
    switch (left, right) {
    case (.bool(let left), .bool(let right)): left == right ? .same : right ? .before : .after
    case (.string(let left), .string(let right)): left.withBytes { left in right.withBytes { order(left, $0) } }
    case (.bytes(let left), .bytes(let right)):
      left.withUnsafeBufferPointer { left in right.withUnsafeBufferPointer { order(left, $0) } }
    case (.timestamp(let left), .timestamp(let right)): left == right ? .same : left < right ? .before : .after
    case (.duration(let left), .duration(let right)): order(left, right)
    default: numbers(left, right)
    }
  }

  /// The order of two numbers of any types, or nil.
  @inline(__always)
  static func numbers(_ left: Value, _ right: Value) -> Order? {
    switch (left.strict, right.strict) {
    case (.int(let left), .int(let right)): order(left, right)
    case (.double(let left), .double(let right)): order(left, right)
    case (.uint(let left), .uint(let right)): order(left, right)
    case (.int(let left), .uint(let right)): order(left, right)
    case (.uint(let left), .int(let right)): order(right, left).reversed
    case (.int(let left), .double(let right)): order(left, right)
    case (.double(let left), .int(let right)): order(right, left).reversed
    case (.uint(let left), .double(let right)): order(left, right)
    case (.double(let left), .uint(let right)): order(right, left).reversed
    default: nil
    }
  }

  @inline(__always)
  static func order(_ left: Int64, _ right: Int64) -> Order {
    left == right ? .same : left < right ? .before : .after
  }

  @inline(__always)
  static func order(_ left: UInt64, _ right: UInt64) -> Order {
    left == right ? .same : left < right ? .before : .after
  }

  @inline(__always)
  static func order(_ left: Double, _ right: Double) -> Order {
    left == right ? .same : left < right ? .before : left > right ? .after : .unordered
  }

  @inline(__always)
  static func order(_ left: Int64, _ right: UInt64) -> Order {
    left < 0 ? .before : order(UInt64(left), right)
  }

  /// The language compares an integer with a double as doubles: beyond 2^53 neighbours can't be told apart.
  @inline(__always)
  static func order(_ left: Int64, _ right: Double) -> Order {
    order(Double(left), right)
  }

  @inline(__always)
  static func order(_ left: UInt64, _ right: Double) -> Order {
    order(Double(left), right)
  }

  @inline(__always)
  package static func equal(_ left: String, _ right: String) -> Bool {
    left.withBytes { left in right.withBytes { equal(left, $0) } }
  }

  @inline(__always)
  static func equal(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    left.count == right.count && Bytes.compare(left.baseAddress, right.baseAddress, left.count) == 0
  }

  @inline(__always)
  static func order(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Order {
    let difference = Bytes.compare(left.baseAddress, right.baseAddress, min(left.count, right.count))
    if difference == 0 { return order(Int64(left.count), Int64(right.count)) }
    return difference < 0 ? .before : .after
  }
}

extension Order {
  @inline(__always)
  var reversed: Order {
    switch self {
    case .before: .after
    case .after: .before
    default: self
    }
  }
}
