/// What one element of a tensor is.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
  case float32, float64, int64, int32, bool, string

  /// Bytes one element takes in ``InputTensors``. A string's are those of its ``StringCell``.
  @inlinable
  public var byteWidth: Int {
    switch self {
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .bool: 1
    case .string: MemoryLayout<StringCell>.stride
    }
  }
}
