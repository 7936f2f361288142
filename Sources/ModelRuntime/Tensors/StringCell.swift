/// Where one element of a string tensor keeps its bytes. Owned by ``InputTensors``, which frees it; a cell keeps its
/// buffer from one batch to the next, so that storing usually allocates nothing. Copying a cell copies the pointer only.
@frozen
public struct StringCell {
  @usableFromInline var base: UnsafeMutableRawPointer?
  @usableFromInline var count: Int32
  @usableFromInline var capacity: Int32

  /// A longer buffer is given back once a short string follows: one huge value must not be held for ever.
  static let keptCapacity = 64 << 10

  init() {
    base = nil
    count = 0
    capacity = 0
  }

  /// The element, as UTF-8; empty until one is stored.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: Int(count)) }

  /// Takes a copy of the bytes.
  public mutating func store(_ bytes: UnsafeRawBufferPointer) {
    let needed = bytes.count
    if needed > capacity || (capacity > Self.keptCapacity && needed <= Self.keptCapacity) {
      free()
      let room = max(16, needed + needed / 4)
      base = .allocate(byteCount: room, alignment: 16)
      capacity = Int32(clamping: room)
    }
    if let source = bytes.baseAddress, let base { base.copyMemory(from: source, byteCount: needed) }
    count = Int32(clamping: needed)
  }

  mutating func free() {
    base?.deallocate()
    self = StringCell()
  }
}
