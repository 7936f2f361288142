import CEL
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
  func writeVector(_ read: ExtractedVector, row: Int) -> DecodingFault.Mismatch? {
    switch read.state {
    case .read:
      guard read.count == width, let elements = read.elements else {
        return .init(.numbers(width), found: .count(read.count))
      }
      element(row).copyMemory(from: elements, byteCount: width * elementWidth)
      return nil
    case .noNumber(let kind):
      return .init(.numbers(width), found: Self.found(kind), index: read.faultIndex)
    case .outOfRange: return .init(.range(type), found: .kind("a number"), index: read.faultIndex)
    }
  }

  func writeVector(csv text: UnsafeRawBufferPointer, row: Int) -> DecodingFault.Mismatch? {
    var count = 0
    var isOutOfRange = false
    let bytes = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard mr_read_csv(bytes, text.count, mr_element(type), element(row), width, &count, &isOutOfRange) else {
      return isOutOfRange
        ? .init(.range(type), found: .kind("a number"), index: count)
        : .init(.numbersWithCommas, found: .text(FeatureValue.beginning(text)), index: count)
    }
    return count == width ? nil : .init(.numbers(width), found: .count(count))
  }

  func writeVector(base64 text: UnsafeRawBufferPointer, row: Int) -> DecodingFault.Mismatch? {
    withUnsafeTemporaryAllocation(byteCount: max(4, width * 4), alignment: 4) { decoded in
      var count = 0
      guard
        mr_read_base64(
          text.baseAddress?.assumingMemoryBound(to: UInt8.self), text.count, decoded.baseAddress?.assumingMemoryBound(to: UInt8.self),
          decoded.count, &count)
      else { return .init(.base64, found: .text(FeatureValue.beginning(text))) }
      guard count == width * 4 else { return .init(.floats(width), found: .bytes(count)) }
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

  /// An element that is no number, by its kind.
  private static func found(_ kind: Int32) -> DecodingFault.Mismatch.Found {
    switch kind {
    case FieldKind.null: .null
    case FieldKind.false: .bool(false)
    case FieldKind.true: .bool(true)
    case FieldKind.string: .kind("a string")
    case FieldKind.list: .kind("an array")
    default: .kind("an object")
    }
  }

  func writeVector(_ elements: [Value], row: Int) -> DecodingFault.Mismatch? {
    guard elements.count == width else { return .init(.numbers(width), found: .count(elements.count)) }
    for (index, value) in elements.enumerated() {
      let fault: DecodingFault.Mismatch? = FeatureValue.with(value) { element in
        switch element {
        case .int, .uint, .double, .missing:
          if neighbour(index).write(element, row: row) { return nil }
          if case .missing = element { return .init(.numbers(width), found: .null, index: index) }
          return .init(.range(type), found: element.found, index: index)
        case .unreadable(isText: false): return .init(.range(type), found: element.found, index: index)
        default: return .init(.numbers(width), found: element.found, index: index)
        }
      }
      if let fault { return fault }
    }
    return nil
  }
}
