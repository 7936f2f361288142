import CEL

/// A record as expressions see it. It borrows: whoever made it keeps the payload, key, topic and headers alive while it is used.
/// Trivial: copying it counts no references.
public struct RecordView {
  /// The payload; nil is NULL (a tombstone), which is not the same as empty.
  public var value: UnsafeRawBufferPointer?
  /// The key; nil is NULL.
  public var key: UnsafeRawBufferPointer?
  /// The topic's name.
  public var topic: UnsafeRawBufferPointer
  public var partition: Int32
  public var offset: Int64
  /// Milliseconds since 1970-01-01 UTC; -1 if the record has none.
  public var timestampMs: Int64
  public var headers: TextMap

  @inlinable
  public init(
    value: UnsafeRawBufferPointer?, key: UnsafeRawBufferPointer? = nil,
    topic: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0), partition: Int32 = 0, offset: Int64 = 0,
    timestampMs: Int64 = -1, headers: TextMap = .none
  ) {
    self.value = value
    self.key = key
    self.topic = topic
    self.partition = partition
    self.offset = offset
    self.timestampMs = timestampMs
    self.headers = headers
  }
}
