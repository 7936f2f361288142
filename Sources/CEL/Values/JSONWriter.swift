import Texts

/// Values as JSON text. Integers are numbers of any size; NaN and the infinities, bytes (base64), timestamps (RFC 3339), durations
/// (`3.5s`) and types (their name) are strings; keys of maps become strings; a missing value is null;
/// what can't be read stays as it was written.
public struct JSONWriter {
  /// UTF-8.
  public private(set) var bytes: [UInt8] = []
  private let limit: Int

  /// - Parameter limit: how many bytes a text may have at most; a value can share its parts and be small in memory but endless in text.
  public init(limit: Int = 16 << 20) {
    self.limit = limit
  }

  /// Writes a value.
  /// - Throws: `EvaluationFault` where the text would be longer than the limit.
  public mutating func append(_ value: Value) throws(EvaluationFault) {
    guard bytes.count <= limit else { throw EvaluationFault(.invalid("the value has more than \(limit) bytes of JSON")) }
    switch value.strict {
    case .null: append("null")
    case .bool(let flag): append(flag ? "true" : "false")
    case .int(let integer): append(String(integer))
    case .uint(let integer): append(String(integer))
    case .double(let real) where real.isFinite: append(real.description)
    case .double(let real): append(quoted: real.isNaN ? "NaN" : real < 0 ? "-Infinity" : "Infinity")
    case .optional(let value): try append(value ?? .null)
    case .number: preconditionFailure("strict values are no JSON numbers")
    case .unreadable(let part): append(part.json)
    case .string(let text): append(quoted: text)
    case .bytes(let bytes): append(quoted: Base64.encode(bytes))
    case .timestamp(let timestamp): append(quoted: TimeText.text(timestamp))
    case .duration(let nanoseconds): append(quoted: TimeText.text(nanoseconds: nanoseconds))
    case .type(let type): append(quoted: type.rawValue)
    case .list(let elements):
      append("[")
      for (position, element) in elements.enumerated() {
        if position > 0 { append(",") }
        try append(element)
      }
      append("]")
    case .map(let map):
      append("{")
      for (position, (key, value)) in zip(map.keys, map.values).enumerated() {
        if position > 0 { append(",") }
        if case .unreadable(let part) = key { append(part.json) } else { append(quoted: Self.name(key)) }
        append(":")
        try append(value)
      }
      append("}")
    }
  }

  private static func name(_ key: Value) -> String {
    switch key.strict {
    case .string(let text): text
    case .bool(let flag): flag ? "true" : "false"
    case .int(let integer): String(integer)
    case .uint(let integer): String(integer)
    default: ""
    }
  }

  private mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func append(quoted text: String) {
    JSONString.write(text) { bytes.append(contentsOf: $0) }
  }
}

extension Value {
  /// The value as JSON text.
  public func json(limit: Int = 16 << 20) throws(EvaluationFault) -> String {
    var text = JSONWriter(limit: limit)
    try text.append(self)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  /// A short form for messages.
  var text: String {
    let limit = 80
    guard let text = try? json(limit: limit) else { return "a large \(type.plainName)" }
    return text.utf8.count <= limit ? text : "a large \(type.plainName)"
  }
}
