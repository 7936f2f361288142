import JSONFields

/// One payload after the other, copied into a padded buffer that is reused, with the positions of its tokens. One thread's.
final class JSONDocument {
  let handle: OpaquePointer
  private var failure = mr_failure(reason: 0, offset: -1)

  /// Fails only if there is no memory.
  init() throws(DecodingFault) {
    guard let handle = mr_document_create() else { throw DecodingFault(.outOfMemory) }
    self.handle = handle
  }

  deinit {
    mr_document_destroy(handle)
  }

  /// Copies a payload and finds its tokens. UTF-8 is checked here, and that every string ends; everything else by the extraction.
  @discardableResult
  func load(_ payload: UnsafeRawBufferPointer) -> Bool {
    mr_document_load(handle, payload.baseAddress?.assumingMemoryBound(to: UInt8.self), payload.count, &failure)
  }

  func extract(_ plan: OpaquePointer, validating: Bool) -> Bool {
    mr_extract(handle, plan, validating, &failure)
  }

  /// Why the last call that returned false did so.
  func fault(in payload: UnsafeRawBufferPointer) -> DecodingFault {
    let offset = failure.offset >= 0 ? Int(failure.offset) : nil
    let rule = Self.text(mr_reason(rawValue: mr_reason.RawValue(failure.reason)))
    var found: String?
    if let offset, offset < payload.count, Self.namesWhatIsThere(failure.reason) { found = Self.excerpt(payload, at: offset) }
    return DecodingFault(.malformed(DecodingFault.Syntax(format: "JSON", offset: offset, rule: rule, found: found)))
  }

  private static func text(_ reason: mr_reason) -> String {
    switch reason {
    case MR_EMPTY: "it is empty or holds white space alone"
    case MR_TOO_LONG: "it has 4 GiB or more"
    case MR_OUT_OF_MEMORY: "there is no memory to read it"
    case MR_BYTE_ORDER_MARK: "it begins with a byte order mark; write UTF-8 without one"
    case MR_INVALID_UTF8: "invalid UTF-8"
    case MR_CONTROL_CHARACTER: "a control character in a string has to be escaped"
    case MR_UNCLOSED_STRING: "the string that begins here does not end"
    case MR_TRUNCATED: "it ends too early"
    case MR_INVALID_VALUE: "expected a value"
    case MR_INVALID_LITERAL: "expected true, false or null"
    case MR_INVALID_NUMBER: "expected a number as JSON writes it"
    case MR_INVALID_ESCAPE: "the string that begins here has an invalid escape"
    case MR_EXPECTED_KEY: "expected a key in quotes"
    case MR_EXPECTED_COLON: "expected ':'"
    case MR_EXPECTED_COMMA_OR_BRACE: "expected ',' or '}'"
    case MR_EXPECTED_COMMA_OR_BRACKET: "expected ',' or ']'"
    case MR_TOO_DEEP: "it nests more than \(MR_MAXIMUM_DEPTH) levels deep"
    case MR_TRAILING_CONTENT: "something follows the end of the document"
    default: "unknown reason \(reason.rawValue)"
    }
  }

  private static func namesWhatIsThere(_ reason: Int32) -> Bool {
    switch mr_reason(rawValue: mr_reason.RawValue(reason)) {
    case MR_INVALID_UTF8, MR_UNCLOSED_STRING, MR_TRUNCATED, MR_TOO_DEEP, MR_BYTE_ORDER_MARK: false
    default: true
    }
  }

  /// The beginning of the token at an offset, in printable characters.
  static func excerpt(_ payload: UnsafeRawBufferPointer, at offset: Int) -> String {
    let limit = 24
    var bytes: [UInt8] = []
    for byte in payload[offset...].prefix(limit) {
      let ends = byte <= 0x20 || [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":")].contains(byte)
      if ends, !bytes.isEmpty { break }
      bytes.append(byte)
    }
    // The cut may have gone through a character.
    while let last = bytes.last, last >= 0x80, String(validating: bytes, as: UTF8.self) == nil { bytes.removeLast() }
    guard let first = bytes.first, first > 0x20, let text = String(validating: bytes, as: UTF8.self) else {
      return "byte 0x" + (payload[offset] < 0x10 ? "0" : "") + String(payload[offset], radix: 16)
    }
    return text + (bytes.count == limit ? "…" : "")
  }
}
