import EventDecoding
import KafkaClient

/// The record that a dead letter stands for, as far as the letter tells. Borrows the letter.
struct ReturnedRecord {
  let letter: KafkaRecord
  /// The partition and offset at which the record stood, and its timestamp.
  let origin: DeadLetter.Origin
  let group: String
  let stage: String
  let message: String
  /// How often it has been dead-lettered.
  let deliveries: Int
  /// What of the record isn't in the letter.
  let omitted: DeadLetter.Omitted
  /// The record as its source topic still has it, where the letter leaves something out. Borrowed.
  var original: KafkaRecord?

  /// Reads the letter's headers; nil if it is no dead letter of ours.
  init?(_ letter: KafkaRecord) {
    guard let topic = letter.text(DeadLetter.topic), let partition = letter.text(DeadLetter.partition).flatMap(Int32.init),
      let offset = letter.text(DeadLetter.offset).flatMap(Int64.init), !topic.isEmpty, partition >= 0, offset >= 0
    else { return nil }
    self.letter = letter
    let timestampMs = letter.text(DeadLetter.timestamp).flatMap(Int64.init)
    origin = DeadLetter.Origin(
      partition: TopicPartition(topic: topic, partition: partition), offset: offset, timestampMs: max(-1, timestampMs ?? -1))
    group = letter.text(DeadLetter.group) ?? ""
    stage = letter.text(DeadLetter.stage) ?? "unknown"
    message = letter.text(DeadLetter.message) ?? ""
    deliveries = max(1, letter.text(DeadLetter.deliveryCount).flatMap(Int.init) ?? 1)
    omitted = DeadLetter.Omitted(
      value: letter.text(DeadLetter.omittedValueBytes).flatMap(Int.init), key: letter.text(DeadLetter.omittedKeyBytes).flatMap(Int.init),
      headers: letter.text(DeadLetter.omittedHeaderBytes).flatMap(Int.init))
  }

  var value: UnsafeRawBufferPointer? { original.map(\.value) ?? letter.value }

  var key: UnsafeRawBufferPointer? { omitted.key == nil ? letter.key : original?.key }

  /// Where the headers stand that are the record's own.
  private var headed: KafkaRecord { omitted.headers == nil ? letter : original ?? letter }

  /// The headers that the record gets: its own, and the count of deliveries, which ends a loop.
  func headers() -> RecordHeaders {
    var headers = RecordHeaders(capacity: headed.headerCount + 1)
    DeadLetter.addOwn(of: headed, to: &headers)
    headers.add(DeadLetter.deliveryCount, String(deliveries))
    return headers
  }

  /// Lends the record as routes and features see it when it is read from its source topic.
  func withView<Result>(_ body: (RecordView) -> Result) -> Result {
    var pairs: [(name: String, value: [UInt8]?)] = []
    headed.forEachHeader { name, value in
      let name = String(cString: name)
      if !name.hasPrefix(DeadLetter.prefix) { pairs.append((name, value.map(Array.init))) }
    }
    pairs.append((DeadLetter.deliveryCount, Array(String(deliveries).utf8)))
    let list = HeaderList(pairs)
    return withExtendedLifetime(list) {
      Array(origin.partition.topic.utf8).withUnsafeBytes { topic in
        body(
          RecordView(
            value: value, key: key, topic: topic, partition: origin.partition.partition, offset: origin.offset,
            timestampMs: origin.timestampMs, headers: list.access))
      }
    }
  }
}

extension KafkaRecord {
  /// A header's value as text; nil where there is none, or it is NULL.
  func text(_ header: String) -> String? {
    guard let found = self.header(header), let value = found else { return nil }
    return String(decoding: value, as: UTF8.self)
  }
}
