import KafkaClient

@testable import Millrace

/// What a lane has written of one record.
struct LaneOutput {
  /// The record: `topic/partition/offset`.
  let source: String
  let value: String
  /// A dead letter's reason; nil for a prediction.
  let reason: String?

  init(_ record: KafkaRecord) {
    func text(_ name: String) -> String? {
      guard let header = record.header(name), let value = header else { return nil }
      return String(decoding: value, as: UTF8.self)
    }
    let place = [DeadLetter.topic, DeadLetter.partition, DeadLetter.offset].compactMap(text).joined(separator: "/")
    source = text("millrace-source") ?? place
    value = record.value.map { String(decoding: $0, as: UTF8.self) } ?? ""
    reason = text(DeadLetter.message)
  }
}

extension LaneFixture {
  /// Everything that a topic holds, partition by partition.
  func outputs(_ topic: String = "predictions", partitions: Int32 = 1) throws -> [LaneOutput] {
    let consumer = try KafkaConsumer(["bootstrap.servers": mock.bootstrapServers, "group.id": "outputs", "fetch.wait.max.ms": "20"])
    defer { consumer.close() }
    let all = (0..<partitions).map { TopicPartition(topic: topic, partition: $0) }
    var missing: Int64 = 0
    for partition in all {
      let marks = try consumer.watermarks(of: partition, timeoutMs: 30_000)
      missing += marks.high - marks.low
    }
    try consumer.assign(all.map { PartitionOffset($0, offset: PartitionOffset.beginning) })
    var outputs: [LaneOutput] = []
    withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: 100) { buffer in
      while missing > 0 {
        for record in buffer[..<consumer.poll(into: buffer, timeoutMs: 100)] {
          outputs.append(LaneOutput(record))
          missing -= 1
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
