import ArgumentParser
import Foundation

/// The lines of a file of events, or of standard input, read as they come. Bytes are left as they are: an event that is not UTF-8 is
/// one of the faults that a dry run shows.
final class EventLines {
  struct Line {
    /// The line's number, counted from 1, blank lines included.
    let number: Int
    let bytes: [UInt8]
  }

  private let file: UnsafeMutablePointer<FILE>
  private var number = 0
  private var buffer: UnsafeMutablePointer<CChar>?
  private var capacity = 0

  /// Opens the file.
  /// - Parameter path: `-` is standard input.
  init(path: String) throws {
    guard let file = path == "-" ? fdopen(dup(0), "r") : fopen(path, "r") else {
      throw ValidationError("the events \(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    self.file = file
  }

  deinit {
    free(buffer)
    fclose(file)
  }

  func next() -> Line? {
    while true {
      let count = getline(&buffer, &capacity, file)
      guard count > 0, let buffer else { return nil }
      number += 1
      var bytes = Array(UnsafeRawBufferPointer(start: buffer, count: count))
      if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
      let isBlank = bytes.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
      if !isBlank { return Line(number: number, bytes: bytes) }
    }
  }
}
