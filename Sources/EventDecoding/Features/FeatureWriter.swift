import CEL
import CELFields

/// One feature bound to its column. Trivial, so that an array of them is read without counting references.
struct FeatureWriter {
  enum Source {
    /// A field of the event, at a slot.
    case field
    /// Anything else: the expression is evaluated.
    case expression
    /// The payload itself.
    case payload
  }

  let source: Source
  let type: FeatureType
  let hasSubstitute: Bool
  let slot: Int32
  /// The number of the vector in the payload's reader; -1: no array of the event.
  let vector: Int32
  let isVector: Bool
  let width: Int
  let base: UnsafeMutableRawPointer
  let rowStride: Int
  /// For a missing number.
  let substitute: Double

  @inline(__always)
  func element(_ row: Int) -> UnsafeMutableRawPointer { base + row &* rowStride }

  /// Writes a single number or bool; false if there is more to it: a string, something missing, a fault.
  @inline(__always)
  func write(_ field: UnsafePointer<cel_field>, row: Int) -> Bool {
    let kind = Int32(field.pointee.kind)
    switch type {
    case .float32:
      let number: Double
      switch kind {
      case FieldKind.double: number = field.pointee.real
      case FieldKind.int: number = Double(field.pointee.integer)
      case FieldKind.uint: number = Double(field.pointee.uinteger)
      case FieldKind.true: number = 1
      case FieldKind.false: number = 0
      case FieldKind.absent, FieldKind.null:
        guard hasSubstitute else { return false }
        element(row).storeBytes(of: Float(substitute), as: Float.self)
        return true
      default: return false
      }
      let narrow = Float(number)
      element(row).storeBytes(of: narrow, as: Float.self)
      return narrow.isFinite
    default: return write(FeatureValue(field), row: row)
    }
  }

  /// As above; whether the value has the right type and fits.
  func write(_ value: FeatureValue, row: Int) -> Bool {
    switch type {
    case .float32:
      guard let number = number(value) else { return false }
      let narrow = Float(number)
      element(row).storeBytes(of: narrow, as: Float.self)
      return narrow.isFinite || !number.isFinite
    case .float64:
      guard let number = number(value) else { return false }
      element(row).storeBytes(of: number, as: Double.self)
      return true
    case .int64:
      guard let integer = integer(value) else { return false }
      element(row).storeBytes(of: integer, as: Int64.self)
      return true
    case .int32:
      guard let integer = integer(value), let narrow = Int32(exactly: integer) else { return false }
      element(row).storeBytes(of: narrow, as: Int32.self)
      return true
    case .bool:
      guard let integer = integer(value), integer == 0 || integer == 1 else { return false }
      element(row).storeBytes(of: UInt8(integer), as: UInt8.self)
      return true
    case .string: return false
    }
  }

  @inline(__always)
  private func number(_ value: FeatureValue) -> Double? {
    switch value {
    case .double(let real): real
    case .int(let integer): Double(integer)
    case .uint(let integer): Double(integer)
    case .bool(let flag): flag ? 1 : 0
    case .missing: hasSubstitute ? substitute : nil
    default: nil
    }
  }

  @inline(__always)
  private func integer(_ value: FeatureValue) -> Int64? {
    switch value {
    case .int(let integer): integer
    // Some producers write every number with a point: 5.0 is 5, and 5.5 is no integer.
    case .double(let real): Int64(exactly: real)
    case .bool(let flag): flag ? 1 : 0
    case .missing: hasSubstitute ? Int64(exactly: substitute) : nil
    default: nil
    }
  }
}

extension FeatureDefinition {
  /// Binds the feature to a column.
  /// - Parameter vector: the number of its array in the payload's reader.
  func writer(
    _ column: FeatureColumn, _ source: FeatureWriter.Source, vector number: Int? = nil
  ) throws(DecodingProgramError) -> FeatureWriter {
    let type = column.elementType
    guard column.width == width else {
      throw DecodingProgramError(.feature(name, .width(elements: width, column: column.width)))
    }
    if vector != nil, type == .bool || type == .string {
      throw DecodingProgramError(.feature(name, .vectorType(type)))
    }
    if vector?.encoding == .base64 || source == .payload, !type.isFloatingPoint {
      throw DecodingProgramError(.feature(name, .rawType(type)))
    }
    if type == .string, column.store == nil {
      throw DecodingProgramError(.feature(name, .noStore))
    }
    let fits =
      switch (missing, type) {
      case (.error, _), (.string, .string), (.bool, .bool), (.number, .float64), (.nan, .float64), (.nan, .float32): true
      case (.number(let number), .float32): !Float(number).isInfinite
      case (.number(let number), .int64): Int64(exactly: number) != nil
      case (.number(let number), .int32): Int32(exactly: number) != nil
      case (.number(let number), .bool): number == 0 || number == 1
      default: false
      }
    guard fits else {
      throw DecodingProgramError(.feature(name, .substitute(type)))
    }
    return FeatureWriter(
      source: source, type: type, hasSubstitute: type != .string && missing.number != nil,
      slot: Int32(expression.slot ?? -1), vector: Int32(number ?? -1), isVector: vector != nil, width: width, base: column.base,
      rowStride: column.rowStride, substitute: missing.number ?? 0)
  }
}
