/// The types of tensor elements that features are written as.
package enum FeatureType: String, Sendable, CaseIterable {
  case float32, float64, int64, int32, bool, string

  var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// What a value has to be, for messages.
  var expectation: String {
    switch self {
    case .float32, .float64: "a number"
    case .int64, .int32: "an integer"
    case .bool: "a bool"
    case .string: "a string"
    }
  }

  /// The range of the type, for messages.
  var range: String {
    switch self {
    case .int32: "-2147483648…2147483647"
    case .int64: "-9223372036854775808…9223372036854775807"
    case .float32: "±3.4028235e38"
    case .float64: "±1.7976931348623157e308"
    case .bool: "0…1"
    case .string: ""
    }
  }
}

/// Where a feature is written: the memory of one or more neighbouring elements of each row. It borrows; whoever binds it keeps it alive.
package struct FeatureColumn {
  /// Stores the bytes, which are UTF-8 and not to be kept, as the string of a row.
  package typealias StringStore = (_ row: Int, _ bytes: UnsafeRawBufferPointer) -> Void

  /// The feature's first element of row 0. Bools take a byte; strings are not written here.
  package var base: UnsafeMutableRawPointer
  /// Bytes from one row to the next.
  package var rowStride: Int
  package var elementType: FeatureType
  /// Elements a row.
  package var width: Int
  /// For strings only.
  package var store: StringStore?

  package init(base: UnsafeMutableRawPointer, rowStride: Int, elementType: FeatureType, width: Int = 1, store: StringStore? = nil) {
    self.base = base
    self.rowStride = rowStride
    self.elementType = elementType
    self.width = width
    self.store = store
  }
}
