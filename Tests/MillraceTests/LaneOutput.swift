import KafkaClient

@testable import Millrace

/// What a lane has written of one record.
struct LaneOutput {
  /// The record: `topic/partition/offset`.
  let source: String
  let value: String
  /// A dead letter's reason; nil for a prediction.
  let reason: String?

  /// A dead letter has the source's value, and not only its size.
  let hasValue: Bool
  let hasKey: Bool
  /// Bytes of a dead letter's own headers, and of a source's key and headers that it goes without.
  let omitted: [String: String]

  init(_ record: KafkaRecord, named plain: (String) -> String = { $0 }) {
    func text(_ name: String) -> String? {
      guard let header = record.header(name), let value = header else { return nil }
      return String(decoding: value, as: UTF8.self)
    }
    let place = [DeadLetter.topic, DeadLetter.partition, DeadLetter.offset].compactMap(text).joined(separator: "/")
    source = plain(text("millrace-source") ?? place)
    value = record.value.map { String(decoding: $0, as: UTF8.self) } ?? ""
    reason = text(DeadLetter.message)
    hasValue = record.value != nil
    hasKey = record.key != nil
    var omitted: [String: String] = [:]
    for name in [DeadLetter.omittedValueBytes, DeadLetter.omittedKeyBytes, DeadLetter.omittedHeaderBytes] {
      omitted[name] = text(name)
    }
    self.omitted = omitted
  }
}

extension LaneFixture {
  /// Everything that a topic holds, partition by partition.
  func outputs(_ topic: String = "predictions", partitions: Int32 = 1) throws -> [LaneOutput] {
    let consumer = try KafkaConsumer(properties(["group.id": "outputs", "fetch.wait.max.ms": "20", "enable.partition.eof": "true"]))
    defer { consumer.close() }
    let all = (0..<partitions).map { TopicPartition(topic: real(topic), partition: $0) }
    // The mark behind a transaction is an offset without a record.
    var unread = Set(all)
    consumer.onEndOfPartition = { partition, _ in unread.remove(partition) }
    try consumer.assign(all.map { PartitionOffset($0, offset: PartitionOffset.beginning) })
    var outputs: [LaneOutput] = []
    withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: 100) { buffer in
      while !unread.isEmpty {
        for record in buffer[..<consumer.poll(into: buffer, timeoutMs: 100)] {
          outputs.append(LaneOutput(record, named: plain))
          record.destroy()
        }
      }
    }
    return outputs
  }

  /// The records of a partition that a topic has outputs of, each once or more.
  func sources(_ topic: String = "predictions", partitions: Int32 = 1) throws -> [String] {
    try outputs(topic, partitions: partitions).map(\.source).sorted()
  }

  static func places(_ offsets: Range<Int>, partition: Int = 0) -> [String] { offsets.map { "events/\(partition)/\($0)" }.sorted() }
}
