/// A record as expressions see it. It borrows: whoever made it keeps the payload, key and headers alive while it is used.
public struct RecordView {
  /// The payload; nil is NULL (a tombstone), which is not the same as empty.
  public var value: UnsafeRawBufferPointer?
  /// The key; nil is NULL.
  public var key: UnsafeRawBufferPointer?
  public var topic: String
  public var partition: Int32
  public var offset: Int64
  /// Milliseconds since 1970-01-01 UTC; -1 if the record has none.
  public var timestampMs: Int64
  public var headers: HeaderAccess

  @inlinable
  public init(
    value: UnsafeRawBufferPointer?, key: UnsafeRawBufferPointer? = nil, topic: String = "", partition: Int32 = 0, offset: Int64 = 0,
    timestampMs: Int64 = -1, headers: HeaderAccess = .none
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
