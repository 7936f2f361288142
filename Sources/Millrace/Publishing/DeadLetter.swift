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
  /// Bytes of the source's key, where the dead letter is in its smallest form.
  static let omittedKeyBytes = "__dlq.errors.key.omitted.bytes"
  /// Bytes of the names and values of the source's headers, where the dead letter is in its smallest form.
  static let omittedHeaderBytes = "__dlq.errors.headers.omitted.bytes"
  static let prefix = "__dlq.errors."

  /// What of its record a dead letter carries. Where a topic does not take one, it goes in the next form.
  enum Form: UInt8, Comparable {
    case full
    /// The key and the source's headers, and the value's size.
    case withoutValue
    /// Where the record stands, why it failed, and the sizes of what is left out: some 2 KB at most, which every topic takes.
    case smallest

    var smaller: Form? { Form(rawValue: rawValue + 1) }

    static func < (left: Form, right: Form) -> Bool { left.rawValue < right.rawValue }
  }

  /// Bytes of the message in the smallest form, at most.
  private static let shortMessage = 500

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

  /// Sizes in bytes of what a dead letter leaves out of its record; nil: it is there.
  struct Omitted: Equatable {
    var value: Int?
    var key: Int?
    /// Names and values of the headers that are the record's own.
    var headers: Int?

    /// Nothing is left out.
    static let nothing = Omitted()

    init(value: Int? = nil, key: Int? = nil, headers: Int? = nil) {
      self.value = value
      self.key = key
      self.headers = headers
    }

    /// What a form leaves out of a record.
    init(of record: KafkaRecord, in form: Form) {
      if form >= .withoutValue { value = record.value?.count ?? 0 }
      if form == .smallest {
        key = record.key?.count ?? 0
        headers = DeadLetter.ownHeaderBytes(of: record)
      }
    }
  }

  /// The record's headers, then where it stood and why it failed.
  static func headers(
    of record: KafkaRecord, from origin: Origin, group: String, stage: FailureStage, message: String, omitted: Omitted
  ) -> RecordHeaders {
    var headers = RecordHeaders(capacity: record.headerCount + 11)
    if omitted.headers == nil { addOwn(of: record, to: &headers) }
    headers.add(topic, origin.partition.topic)
    headers.add(partition, String(origin.partition.partition))
    headers.add(offset, String(origin.offset))
    if origin.timestampMs >= 0 { headers.add(timestamp, String(origin.timestampMs)) }
    headers.add(self.group, group)
    headers.add(self.stage, stage.rawValue)
    headers.add(self.message, omitted.headers == nil ? message : short(message))
    headers.add(deliveryCount, String(deliveries(of: record)))
    for (name, bytes) in [(omittedValueBytes, omitted.value), (omittedKeyBytes, omitted.key), (omittedHeaderBytes, omitted.headers)] {
      if let bytes { headers.add(name, String(bytes)) }
    }
    return headers
  }

  private static func short(_ message: String) -> String {
    if message.utf8.count <= shortMessage { return message }
    var short = String.UnicodeScalarView()
    var room = shortMessage
    for scalar in message.unicodeScalars {
      room -= UTF8.width(scalar)
      if room < 0 { break }
      short.append(scalar)
    }
    return String(short) + "…"
  }

  fileprivate static func ownHeaderBytes(of record: KafkaRecord) -> Int {
    var bytes = 0
    record.forEachHeader { name, value in
      let name = String(cString: name)
      if !name.hasPrefix(prefix) { bytes += name.utf8.count + (value?.count ?? 0) }
    }
    return bytes
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
