/// Where a variable lies that is read in place: so many bytes behind the address of the activation's record.
package struct VariablePlace: Hashable, Sendable {
  /// What lies there, in Swift's own layout.
  package enum Layout: Int32, Sendable {
    case int32, int64
    /// Milliseconds since 1970-01-01 UTC as an `Int64`; none below 0.
    case milliseconds
    /// An `UnsafeRawBufferPointer` over UTF-8.
    case text
    /// An optional `UnsafeRawBufferPointer`: a string, or bytes if it is not UTF-8; nil is null.
    case optionalBytes
  }

  let layout: Layout
  let offset: Int

  package init(_ layout: Layout, offset: Int) {
    self.layout = layout
    self.offset = offset
  }

  /// In one number, as nodes hold it. Never negative.
  var code: Int32 { Int32(offset) << 3 | layout.rawValue }

  @inline(__always)
  init(code: Int32) {
    layout = Layout(rawValue: code & 7).unsafelyUnwrapped
    offset = Int(code >> 3)
  }

  @inline(__always)
  func integer(in record: UnsafeRawPointer) -> Int64 {
    layout == .int32
      ? Int64(record.load(fromByteOffset: offset, as: Int32.self)) : record.load(fromByteOffset: offset, as: Int64.self)
  }

  /// Nil is null.
  @inline(__always)
  func bytes(in record: UnsafeRawPointer) -> UnsafeBufferPointer<UInt8>? {
    let bytes =
      layout == .text
      ? record.load(fromByteOffset: offset, as: UnsafeRawBufferPointer.self)
      : record.load(fromByteOffset: offset, as: UnsafeRawBufferPointer?.self)
    return bytes.map { UnsafeBufferPointer(start: $0.baseAddress?.assumingMemoryBound(to: UInt8.self), count: $0.count) }
  }
}
