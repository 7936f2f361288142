import CELFields

/// A part of an event that JSON allows and no value can hold: an integer beyond 64 bits, a number beyond a double, or a text with half of a
/// surrogate pair. It lies in lists and maps, so that it disturbs nobody who doesn't read it; reading it is a fault.
public struct UnreadablePart: Sendable, Hashable {
  /// Its JSON text, as the event has it.
  public let json: String

  package init(json: String) {
    self.json = json
  }

  /// What a field holds that can't be read; nil if it is absent or can.
  package init?(_ field: UnsafePointer<cel_field>) {
    guard Int32(field.pointee.kind) == FieldKind.unreadable else { return nil }
    self.init(json: String(decoding: UnsafeBufferPointer(start: field.pointee.raw, count: field.pointee.raw_length), as: UTF8.self))
  }

  /// Whether it is a text; otherwise it is a number.
  package var isText: Bool { json.utf8.first == UInt8(ascii: "\"") }

  /// Why it can't be read.
  func words(quotingValues: Bool) -> String {
    let limit = 24
    let beginning = json.unicodeScalars.count > limit ? String(json.unicodeScalars.prefix(limit)) + "…" : json
    let found = quotingValues ? " \(beginning)" : ""
    return isText
      ? "the text\(found) is no Unicode: it has half of a surrogate pair"
      : "the number\(found) is too large: integers fit 64 bits, all others a double"
  }
}

extension Value {
  /// Fails where a part of the event is used that can't be read.
  @inline(__always)
  func requireReadable() throws(EvaluationFault) {
    if case .unreadable(let part) = self { throw EvaluationFault(.unreadablePart("a part of the event", part)) }
  }
}
