import KafkaClient

/// The headers that a dead letter carries beside its source's own.
///
/// The names are those of Kafka's own dead letter queues (KIP-1191); `stage` and `value.omitted.bytes` are additions.
enum DeadLetter {
  static let topic = "__dlq.errors.topic"
  static let partition = "__dlq.errors.partition"
  static let offset = "__dlq.errors.offset"
  static let group = "__dlq.errors.group"
  static let stage = "__dlq.errors.stage"
  static let message = "__dlq.errors.message"
  static let deliveryCount = "__dlq.errors.delivery.count"
  /// Bytes of the source's value, where the broker took the dead letter only without it.
  static let omittedValueBytes = "__dlq.errors.value.omitted.bytes"
  static let prefix = "__dlq.errors."

  /// How often a record has been dead-lettered, this time included. A record that was driven back carries its count along.
  static func deliveries(of record: KafkaRecord) -> Int {
    guard let header = record.header(deliveryCount), let value = header, let count = Int(String(decoding: value, as: UTF8.self)) else {
      return 1
    }
    return count < 0 ? 1 : min(count, .max - 1) + 1
  }

  /// The source's headers, then where the record stood and why it failed.
  static func headers(
    of record: KafkaRecord, from source: TopicPartition, group: String, stage: FailureStage, message: String, omittingValue: Bool
  ) -> RecordHeaders {
    var headers = RecordHeaders(capacity: record.headerCount + 8)
    var index = 0
    while let (name, value) = record.header(at: index) {
      if !String(cString: name).hasPrefix(prefix) { headers.add(name, value) }
      index += 1
    }
    headers.add(topic, source.topic)
    headers.add(partition, String(source.partition))
    headers.add(offset, String(record.offset))
    headers.add(self.group, group)
    headers.add(self.stage, stage.rawValue)
    headers.add(self.message, message)
    headers.add(deliveryCount, String(deliveries(of: record)))
    if omittingValue { headers.add(omittedValueBytes, String(record.value?.count ?? 0)) }
    return headers
  }
}
