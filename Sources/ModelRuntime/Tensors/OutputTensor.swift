/// One output of a run, row-major, read in place. Valid until the session's next run. Trivial: asking for it once a row costs nothing.
@frozen
public struct OutputTensor {
  /// The type of the elements.
  public let elementType: ElementType
  /// Rows of the run.
  public let rows: Int
  /// As the run gave it. Where the signature leaves it open (`spec.width` is `nil`), compare a configured column with it:
  /// the accessors below take only elements that exist.
  public let elementsPerRow: Int
  /// The elements, by `elementType`: `Float`, `Double`, `Int64`, `Int32`, one byte per bool. For strings, the
  /// start offset of each and the end of the last, as `Int` (`rows * elementsPerRow + 1` of them).
  public let elements: UnsafeRawPointer
  /// For strings: the bytes the offsets point into.
  public let characters: UnsafeRawPointer?

  /// Describes an output that lies in memory of the session's own; the properties say in which layout.
  @inlinable
  public init(
    elementType: ElementType, rows: Int, elementsPerRow: Int, elements: UnsafeRawPointer, characters: UnsafeRawPointer? = nil
  ) {
    self.elementType = elementType
    self.rows = rows
    self.elementsPerRow = elementsPerRow
    self.elements = elements
    self.characters = characters
  }

  @inlinable
  func position(_ row: Int, _ column: Int) -> Int {
    precondition(row >= 0 && row < rows && column >= 0 && column < elementsPerRow, "element out of range")
    return row * elementsPerRow + column
  }

  /// An element as a double; of a bool 1 or 0, of a string NaN. An int64 beyond 2^53 is rounded.
  @inlinable
  public func double(_ row: Int, _ column: Int) -> Double {
    let position = position(row, column)
    switch elementType {
    case .float32: return Double(elements.assumingMemoryBound(to: Float.self)[position])
    case .float64: return elements.assumingMemoryBound(to: Double.self)[position]
    case .int64: return Double(elements.assumingMemoryBound(to: Int64.self)[position])
    case .int32: return Double(elements.assumingMemoryBound(to: Int32.self)[position])
    case .bool: return elements.assumingMemoryBound(to: UInt8.self)[position] == 0 ? 0 : 1
    case .string: return .nan
    }
  }

  /// An element of a float32 tensor as it is; any other as a double rounded to float.
  @inlinable
  public func float(_ row: Int, _ column: Int) -> Float {
    let position = position(row, column)
    if elementType == .float32 { return elements.assumingMemoryBound(to: Float.self)[position] }
    return Float(double(row, column))
  }

  /// An element of an int64, int32 or bool tensor; `nil` for any other.
  @inlinable
  public func integer(_ row: Int, _ column: Int) -> Int64? {
    let position = position(row, column)
    switch elementType {
    case .int64: return elements.assumingMemoryBound(to: Int64.self)[position]
    case .int32: return Int64(elements.assumingMemoryBound(to: Int32.self)[position])
    case .bool: return elements.assumingMemoryBound(to: UInt8.self)[position] == 0 ? 0 : 1
    case .float32, .float64, .string: return nil
    }
  }

  /// The UTF-8 bytes of an element of a string tensor; empty for any other.
  @inlinable
  public func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
    let position = position(row, column)
    guard elementType == .string, let characters else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let offsets = elements.assumingMemoryBound(to: Int.self)
    return UnsafeRawBufferPointer(start: characters + offsets[position], count: offsets[position + 1] - offsets[position])
  }

  /// A string element as a `String`, invalid UTF-8 repaired; `nil` if the tensor holds no strings.
  public func string(_ row: Int, _ column: Int) -> String? {
    elementType == .string ? String(decoding: bytes(row, column), as: UTF8.self) : nil
  }
}
