import CRdKafka
import Glibc

/// Headers for one record to produce. Names and values are copied in; a nil value is NULL.
package struct RecordHeaders: ~Copyable {
  private let handle: OpaquePointer
  /// Bytes of the names and values that were added.
  package private(set) var bytes = 0

  /// Makes a list without headers. `capacity` is a hint: more may be added.
  package init(capacity: Int) {
    handle = rd_kafka_headers_new(max(0, capacity))
  }

  deinit {
    rd_kafka_headers_destroy(handle)
  }

  package var count: Int { rd_kafka_header_cnt(handle) }

  /// Adds a header behind the others. `name` ends with a zero byte; a nil value is NULL.
  package mutating func add(_ name: UnsafePointer<CChar>, _ value: UnsafeRawBufferPointer?) {
    // An empty buffer may have no address, and no address would mean NULL.
    let bytes = value.map { $0.baseAddress ?? emptyBytes }
    rd_kafka_header_add(handle, name, -1, bytes, value?.count ?? 0)
    self.bytes += strlen(name) + (value?.count ?? 0)
  }

  /// Adds a header behind the others; a nil value is NULL.
  package mutating func add(_ name: StaticString, _ value: UnsafeRawBufferPointer?) {
    let bytes = value.map { $0.baseAddress ?? emptyBytes }
    name.withUTF8Buffer { name in
      let characters = UnsafeRawPointer(name.baseAddress)?.assumingMemoryBound(to: CChar.self)
      rd_kafka_header_add(handle, characters, name.count, bytes, value?.count ?? 0)
    }
    self.bytes += name.utf8CodeUnitCount + (value?.count ?? 0)
  }

  /// Adds a header with a text as its value behind the others.
  package mutating func add(_ name: String, _ value: String) {
    var value = value
    value.withUTF8 { bytes in name.withCString { add($0, UnsafeRawBufferPointer(bytes)) } }
  }

  /// Removes every header of that name.
  package mutating func remove(_ name: UnsafePointer<CChar>) {
    rd_kafka_header_remove(handle, name)
  }

  /// Hands librdkafka's headers to the caller, who destroys them.
  consuming func release() -> OpaquePointer {
    let handle = handle
    discard self
    return handle
  }

  var borrowedHandle: OpaquePointer { handle }
}

/// The address of a value without bytes, which is not NULL.
nonisolated(unsafe) let emptyBytes = UnsafeRawPointer(UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8))
