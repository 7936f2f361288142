import CEL
import CELFields
import JSONFields

/// Vectors: filling a block of neighbouring elements from an array, a text or a list. All return what is wrong, or nil.
extension FeatureWriter {
  private var elementWidth: Int { type == .float32 || type == .int32 ? 4 : 8 }

  /// The stand-in, in every element.
  func fillVector(row: Int) {
    for index in 0..<width { _ = neighbour(index).write(.double(substitute), row: row) }
  }

  /// The same feature, for a single element of it.
  private func neighbour(_ index: Int) -> FeatureWriter {
    FeatureWriter(
      source: source, type: type, hasSubstitute: hasSubstitute, slot: slot, vector: vector, isVector: false, width: 1,
      base: base + index * elementWidth, rowStride: rowStride, substitute: substitute)
  }

  /// From an array that was read with the payload.
  func writeVector(_ read: ExtractedVector, row: Int) -> String? {
    switch read.state {
    case .read:
      guard read.count == width, let elements = read.elements else { return "expected \(width) numbers, found \(read.count)" }
      element(row).copyMemory(from: elements, byteCount: width * elementWidth)
      return nil
    case .noNumber(let kind):
      var field = cel_field()
      field.kind = UInt8(kind)
      let found = kind == FieldKind.null ? "null" : FeatureValue.kindName(&field)
      return "expected \(width) numbers, found \(found) at index \(read.faultIndex)"
    case .outOfRange: return "the number at index \(read.faultIndex) does not fit \(type.rawValue) (\(type.range))"
    }
  }

  func writeVector(csv text: UnsafeRawBufferPointer, row: Int) -> String? {
    var count = 0
    var isOutOfRange = false
    let bytes = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard mr_read_csv(bytes, text.count, mr_element(type), element(row), width, &count, &isOutOfRange) else {
      return isOutOfRange
        ? "the number at index \(count) does not fit \(type.rawValue) (\(type.range))"
        : "expected numbers with commas between, found something else at index \(count) of \(FeatureValue.quoted(text))"
    }
    return count == width ? nil : "expected \(width) numbers, found \(count)"
  }

  func writeVector(base64 text: UnsafeRawBufferPointer, row: Int) -> String? {
    withUnsafeTemporaryAllocation(byteCount: max(4, width * 4), alignment: 4) { decoded in
      var count = 0
      guard
        mr_read_base64(
          text.baseAddress?.assumingMemoryBound(to: UInt8.self), text.count, decoded.baseAddress?.assumingMemoryBound(to: UInt8.self),
          decoded.count, &count)
      else { return "expected base64, found \(FeatureValue.quoted(text))" }
      guard count == width * 4 else { return Self.byteMismatch(expected: width, found: count) }
      writeVector(float32: UnsafeRawBufferPointer(decoded), row: row)
      return nil
    }
  }

  /// From little-endian float32, as many as the vector is wide.
  func writeVector(float32 bytes: UnsafeRawBufferPointer, row: Int) {
    guard type != .float32, let source = bytes.baseAddress else {
      bytes.baseAddress.map { element(row).copyMemory(from: $0, byteCount: width * 4) }
      return
    }
    for index in 0..<width {
      let number = source.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
      element(row).storeBytes(of: Double(number), toByteOffset: index * 8, as: Double.self)
    }
  }

  static func byteMismatch(expected: Int, found: Int) -> String {
    "expected \(expected) float32 values in \(expected * 4) bytes, found \(found) bytes"
  }

  func writeVector(_ elements: [Value], row: Int) -> String? {
    guard elements.count == width else { return "expected \(width) numbers, found \(elements.count)" }
    for (index, value) in elements.enumerated() {
      let fault: String? = FeatureValue.with(value) { element in
        switch element {
        case .int, .uint, .double, .missing:
          if neighbour(index).write(element, row: row) { return nil }
          if case .missing = element { return "expected \(width) numbers, found null at index \(index)" }
          return "the number at index \(index) does not fit \(type.rawValue) (\(type.range))"
        default: return "expected \(width) numbers, found \(element.description) at index \(index)"
        }
      }
      if let fault { return fault }
    }
    return nil
  }
}
