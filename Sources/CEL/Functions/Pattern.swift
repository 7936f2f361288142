import CRE2

/// A compiled regular expression in RE2's syntax; matching takes time linear in the text.
///
/// @unchecked: RE2 allows concurrent matches with one object, and nothing else happens to it between init and deinit.
final class Pattern: @unchecked Sendable {
  private let handle: OpaquePointer
  /// Steps of the compiled pattern. Matching takes at most so many for each byte.
  let size: Int

  /// Larger patterns are refused: they would make long texts take minutes.
  private static let largest = 10_000

  init(_ source: String) throws(EvaluationFault) {
    var message = [CChar](repeating: 0, count: 256)
    let made = source.withBytes { mr_re2_new($0.baseAddress, $0.count, &message, message.count) }
    guard let made else {
      let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw EvaluationFault(.faultyPattern(String(decoding: bytes, as: UTF8.self)))
    }
    handle = made
    size = Int(mr_re2_size(made))
    if size > Self.largest { throw EvaluationFault(.invalid("the regular expression is too large: its repetitions multiply")) }
  }

  deinit {
    mr_re2_free(handle)
  }

  /// Whether the pattern matches somewhere in the text.
  @inline(__always)
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    mr_re2_matches(handle, text.baseAddress, text.count)
  }
}
