import EventDecoding
import Foundation

/// A record that no broker holds: what `dry-run` and `test` route, decode and score.
public struct DryRunRecord: Sendable {
  /// The record's value; nil is NULL, a tombstone.
  public var payload: [UInt8]?
  /// The record's key; nil is NULL.
  public var key: [UInt8]?
  /// The record's headers, in their order; a nil value is NULL.
  public var headers: [(name: String, value: [UInt8]?)]
  /// The topic that it is taken to be of; nil: the first topic of the configuration.
  public var topic: String?
  /// The record's offset, which expressions may read.
  public var offset: Int64
  /// Milliseconds since 1970-01-01 UTC; -1 if the record has none.
  public var timestampMs: Int64

  /// A record with this value, and what expressions may read beside it.
  public init(
    payload: [UInt8]?, key: String? = nil, headers: [(name: String, value: String)] = [], topic: String? = nil, offset: Int64 = 0,
    timestampMs: Int64 = -1
  ) {
    self.payload = payload
    self.key = key.map { Array($0.utf8) }
    self.headers = headers.map { ($0.name, Array($0.value.utf8)) }
    self.topic = topic
    self.offset = offset
    self.timestampMs = timestampMs
  }

  /// The payload that a text stands for: with format tensor, a JSON array of numbers becomes little-endian float32 values; any other
  /// text is the payload itself.
  package static func payload(_ text: [UInt8], format: PayloadFormat) -> [UInt8] {
    switch format {
    case .json: return text
    case .tensor:
      guard let numbers = try? JSONDecoder().decode([Double].self, from: Data(text)) else { return text }
      return numbers.flatMap { number in withUnsafeBytes(of: Float(number).bitPattern.littleEndian) { Array($0) } }
    }
  }

  /// Lends the record as routes and features see it.
  func withView<Result>(topic: String, _ body: (RecordView) -> Result) -> Result {
    let list = HeaderList(headers)
    return withExtendedLifetime(list) {
      Self.withBytes(payload) { value in
        Self.withBytes(key) { key in
          Array(topic.utf8).withUnsafeBytes { topic in
            body(
              RecordView(
                value: value, key: key, topic: topic, partition: 0, offset: offset, timestampMs: timestampMs, headers: list.access))
          }
        }
      }
    }
  }

  private static func withBytes<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
    guard let bytes else { return body(nil) }
    return bytes.withUnsafeBytes { body($0) }
  }
}
