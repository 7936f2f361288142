import KafkaClient

/// The headers that a dead letter carries beside its source's own.
///
/// The names are those of Kafka's own dead letter queues (KIP-1191); `stage`, `timestamp` and `value.omitted.bytes` are additions.
enum DeadLetter {
  static let topic = "__dlq.errors.topic"
  static let partition = "__dlq.errors.partition"
  static let offset = "__dlq.errors.offset"
  /// The source's timestamp in milliseconds since 1970, if it had one.
  static let timestamp = "__dlq.errors.timestamp"
  static let group = "__dlq.errors.group"
  static let stage = "__dlq.errors.stage"
  static let message = "__dlq.errors.message"
  static let deliveryCount = "__dlq.errors.delivery.count"
  /// Bytes of the source's value, where it doesn't stand in the dead letter: the broker found it too large, or `payload` keeps it out.
  static let omittedValueBytes = "__dlq.errors.value.omitted.bytes"
  static let prefix = "__dlq.errors."

  /// How often a record has been dead-lettered, this time included. A record that was driven back carries its count along.
  static func deliveries(of record: KafkaRecord) -> Int {
    guard let header = record.header(deliveryCount), let value = header, let count = Int(String(decoding: value, as: UTF8.self)) else {
      return 1
    }
    return count < 0 ? 1 : min(count, .max - 1) + 1
  }

  /// Where a record stood in its source topic, and when it was made.
  struct Origin {
    let partition: TopicPartition
    let offset: Int64
    /// Milliseconds since 1970; -1 if the record has none.
    let timestampMs: Int64
  }

  /// The record's headers, then where it stood and why it failed.
  /// - Parameter omittedBytes: the size of the value, if the dead letter goes without.
  static func headers(
    of record: KafkaRecord, from origin: Origin, group: String, stage: FailureStage, message: String, omittedBytes: Int?
  ) -> RecordHeaders {
    var headers = RecordHeaders(capacity: record.headerCount + 9)
    addOwn(of: record, to: &headers)
    headers.add(topic, origin.partition.topic)
    headers.add(partition, String(origin.partition.partition))
    headers.add(offset, String(origin.offset))
    if origin.timestampMs >= 0 { headers.add(timestamp, String(origin.timestampMs)) }
    headers.add(self.group, group)
    headers.add(self.stage, stage.rawValue)
    headers.add(self.message, message)
    headers.add(deliveryCount, String(deliveries(of: record)))
    if let omittedBytes { headers.add(omittedValueBytes, String(omittedBytes)) }
    return headers
  }

  /// Adds the headers that are not a dead letter's.
  static func addOwn(of record: KafkaRecord, to headers: inout RecordHeaders) {
    var index = 0
    while let (name, value) = record.header(at: index) {
      if !String(cString: name).hasPrefix(prefix) { headers.add(name, value) }
      index += 1
    }
  }
}
