import JSONFields
import Texts

/// Bytes that grow and are reused: what output records are written into. One owner; it keeps its memory when it is emptied.
package struct ByteBuffer: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  package private(set) var count = 0

  package init(capacity: Int = 256) {
    self.capacity = max(64, capacity)
    base = .allocate(capacity: self.capacity)
  }

  deinit {
    base.deallocate()
  }

  /// The bytes written so far; valid until the buffer is changed.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  package mutating func removeAll() {
    count = 0
  }

  /// Takes back what was written beyond a count that the buffer had before.
  package mutating func truncate(to count: Int) {
    precondition(count <= self.count, "a buffer is only truncated to what it has")
    self.count = count
  }

  package mutating func append(_ byte: UInt8) {
    reserve(1)
    base[count] = byte
    count += 1
  }

  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count)
    UnsafeMutableRawPointer(base + count).copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }

  package mutating func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  package mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// The digits of a number. Not generic, so that other modules call it as it is.
  package mutating func append(_ integer: Int64) {
    reserve(20)
    if integer < 0 { append(UInt8(ascii: "-")) }
    var rest = integer.magnitude
    let start = count
    repeat {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder))
      rest = quotient
    } while rest != 0
    var (first, last) = (start, count - 1)
    while first < last {
      (base[first], base[last]) = (base[last], base[first])
      first += 1
      last -= 1
    }
  }

  package mutating func append(_ integer: some FixedWidthInteger) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { digits in
      var rest = integer.magnitude
      var first = digits.count
      repeat {
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
        first -= 1
        digits[first] = UInt8(ascii: "0") + UInt8(remainder)
        rest = quotient
      } while rest != 0
      if integer < 0 {
        first -= 1
        digits[first] = UInt8(ascii: "-")
      }
      append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: digits[first...])))
    }
  }

  /// The shortest digits that read back as the same number. NaN and infinity have no JSON: the caller decides what stands for them.
  package mutating func append(_ number: Float) {
    reserve(32)
    count += UnsafeMutableRawPointer(base + count).withMemoryRebound(to: CChar.self, capacity: 32) { mr_format_float(number, $0) }
  }

  /// As for `Float`.
  package mutating func append(_ number: Double) {
    reserve(32)
    count += UnsafeMutableRawPointer(base + count).withMemoryRebound(to: CChar.self, capacity: 32) { mr_format_double(number, $0) }
  }

  /// A JSON string, quotes included. The bytes have to be UTF-8.
  package mutating func append(quoted text: UnsafeRawBufferPointer) {
    reserve(text.count + 2)
    JSONString.write(text) { append($0) }
  }

  /// A JSON string, quotes included.
  package mutating func append(quoted text: String) {
    var text = text
    text.withUTF8 { append(quoted: UnsafeRawBufferPointer($0)) }
  }

  @inline(__always)
  private mutating func reserve(_ additional: Int) {
    if count + additional > capacity { grow(to: count + additional) }
  }

  @inline(never)
  private mutating func grow(to wanted: Int) {
    let grown = max(wanted, 2 * capacity)
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: grown)
    memory.initialize(from: base, count: count)
    base.deallocate()
    base = memory
    capacity = grown
  }
}
