import CEL

/// Headers in memory, for events that don't come from Kafka. It owns their bytes; whoever uses `access` keeps the list alive.
package final class HeaderList {
  private var entries: [(name: UnsafeMutableBufferPointer<CChar>, value: UnsafeMutableRawBufferPointer?)] = []

  /// - Parameter headers: in the record's order; a nil value is NULL. A name that holds a zero byte ends there.
  package init(_ headers: [(name: String, value: [UInt8]?)] = []) {
    for header in headers {
      let name = UnsafeMutableBufferPointer<CChar>.allocate(capacity: header.name.utf8.count + 1)
      _ = name.initialize(from: header.name.utf8CString)
      let value = header.value.map { bytes in
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        copy.copyBytes(from: bytes)
        return UnsafeMutableRawBufferPointer(rebasing: copy[..<bytes.count])
      }
      entries.append((name, value))
    }
  }

  deinit {
    for entry in entries {
      entry.name.deallocate()
      entry.value?.baseAddress?.deallocate()
    }
  }

  package var access: TextMap {
    TextMap(
      context: UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()),
      find: { context, name, value, length in
        guard let list = HeaderList.list(context) else { return false }
        let wanted = String(cString: name)
        let found = list.entries.last { ValueComparison.equal(String(cString: $0.name.baseAddress.unsafelyUnwrapped), wanted) }
        guard let found else { return false }
        HeaderList.read(found.value, value, length)
        return true
      },
      at: { context, index, name, value, length in
        guard let list = HeaderList.list(context), list.entries.indices.contains(index) else { return false }
        name.pointee = UnsafePointer(list.entries[index].name.baseAddress)
        HeaderList.read(list.entries[index].value, value, length)
        return true
      })
  }

  private static func list(_ context: UnsafeRawPointer?) -> HeaderList? {
    context.map { Unmanaged<HeaderList>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func read(
    _ found: UnsafeMutableRawBufferPointer?, _ value: UnsafeMutablePointer<UnsafeRawPointer?>, _ length: UnsafeMutablePointer<Int>
  ) {
    value.pointee = found.map { UnsafeRawPointer($0.baseAddress.unsafelyUnwrapped) }
    length.pointee = found?.count ?? 0
  }
}
