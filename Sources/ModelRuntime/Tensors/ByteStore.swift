/// Bytes that grow at the end, in memory that is kept when they are cleared.
struct ByteStore: ~Copyable {
  private(set) var base: UnsafeMutableRawPointer
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 64) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 64)
  }

  deinit { base.deallocate() }

  mutating func clear() { count = 0 }

  /// Room for further bytes, which the caller then fills.
  mutating func extend(by bytes: Int) -> UnsafeMutableRawPointer {
    if count + bytes > capacity {
      capacity = max(capacity * 2, count + bytes)
      let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
      larger.copyMemory(from: base, byteCount: count)
      base.deallocate()
      base = larger
    }
    defer { count += bytes }
    return base + count
  }
}
