import CRdKafka

/// A record in librdkafka's buffer. Trivial: a copy is a copy of the pointer, and everything it hands out lies in that
/// buffer. Whoever polled it calls `destroy()` exactly once, on any thread, before the consumer is closed.
@frozen
public struct KafkaRecord {
  @usableFromInline let message: UnsafeMutablePointer<rd_kafka_message_t>

  @inlinable
  init(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
    self.message = message
  }

  /// The record as an address, for callbacks of C type; valid until `destroy()`.
  @inlinable public var address: UnsafeRawPointer { UnsafeRawPointer(message) }

  /// The record at an address that `address` gave.
  @inlinable
  public init(address: UnsafeRawPointer) {
    message = UnsafeMutablePointer(mutating: address.assumingMemoryBound(to: rd_kafka_message_t.self))
  }

  /// librdkafka's handle of the topic: the same for all records of a topic as long as one of them lives, and cheap to compare.
  @inlinable public var topicHandle: OpaquePointer { message.pointee.rkt }
  /// The topic's name. Makes a String: for reports, not for the hot path.
  package var topic: String { String(cString: rd_kafka_topic_name(message.pointee.rkt)) }
  /// The topic's name, without making a String.
  @inlinable public var topicBytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: rd_kafka_topic_name(message.pointee.rkt), count: mr_topic_name_length(message.pointee.rkt))
  }
  @inlinable public var partition: Int32 { message.pointee.partition }
  @inlinable public var offset: Int64 { message.pointee.offset }
  package var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }

  /// The record's timestamp in milliseconds since 1970, by the producer's or the broker's clock; -1 where it has none.
  @inlinable public var timestampMs: Int64 {
    var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
    let milliseconds = rd_kafka_message_timestamp(message, &type)
    return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : milliseconds
  }

  /// The record's value; nil is NULL (a tombstone), empty is empty.
  @inlinable public var value: UnsafeRawBufferPointer? {
    guard let bytes = message.pointee.payload else { return nil }
    return UnsafeRawBufferPointer(start: bytes, count: message.pointee.len)
  }

  /// The record's key; nil is NULL, empty is empty.
  @inlinable public var key: UnsafeRawBufferPointer? {
    guard let bytes = message.pointee.key else { return nil }
    return UnsafeRawBufferPointer(start: bytes, count: message.pointee.key_len)
  }

  @inlinable var headers: OpaquePointer? {
    var headers: OpaquePointer?
    return rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR ? headers : nil
  }

  @inlinable public var headerCount: Int {
    guard let headers else { return 0 }
    return rd_kafka_header_cnt(headers)
  }

  @inlinable public var hasHeaders: Bool { headerCount > 0 }

  /// The value of the header of that name, the last one's if there are several. Outer nil: no such header; inner nil: its
  /// value is NULL.
  @inlinable
  public func header(_ name: UnsafePointer<CChar>) -> UnsafeRawBufferPointer?? {
    guard let headers else { return nil }
    var bytes: UnsafeRawPointer?
    var count = 0
    guard rd_kafka_header_get_last(headers, name, &bytes, &count) == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    guard let bytes else { return .some(nil) }
    return UnsafeRawBufferPointer(start: bytes, count: count)
  }

  /// The header at a place in the record's order, or nil behind the last one. Its name ends with a zero byte.
  @inlinable
  public func header(at index: Int) -> (name: UnsafePointer<CChar>, value: UnsafeRawBufferPointer?)? {
    guard let headers else { return nil }
    var name: UnsafePointer<CChar>?
    var bytes: UnsafeRawPointer?
    var count = 0
    guard rd_kafka_header_get_all(headers, index, &name, &bytes, &count) == RD_KAFKA_RESP_ERR_NO_ERROR, let name else { return nil }
    return (name, bytes.map { UnsafeRawBufferPointer(start: $0, count: count) })
  }

  /// Calls `body` for each header in the record's order.
  @inlinable
  public func forEachHeader(_ body: (UnsafePointer<CChar>, UnsafeRawBufferPointer?) -> Void) {
    var index = 0
    while let (name, value) = header(at: index) {
      body(name, value)
      index += 1
    }
  }

  /// Asks the processor to load the record's own fields, for a `destroy()` soon: by then they have long left its caches.
  @inlinable
  public func prefetch() { mr_prefetch_message(message) }

  /// Gives the buffer back. The record and all that came from it are invalid afterwards.
  @inlinable
  public func destroy() {
    rd_kafka_message_destroy(message)
  }
}

/// A record is read by one thread at a time; the buffer behind it belongs to no thread.
extension KafkaRecord: @unchecked Sendable {}
