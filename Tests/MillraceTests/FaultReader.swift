import KafkaClient

/// Reads whole topics of a cluster, and remembers where each record stood.
final class FaultReader {
  struct Output {
    let topic: TopicPartition
    let offset: Int64
    let source: String
  }

  private(set) var outputs: [Output] = []
  private(set) var sources: Set<String> = []
  /// `topic/partition/offset` and the key of each input.
  private(set) var inputs: [String: String] = [:]
  private let consumer: KafkaConsumer
  private let inputTopic: String

  init(_ servers: String, inputs: String, outputs: [String], partitions: Int) throws {
    inputTopic = inputs
    consumer = try KafkaConsumer([
      "bootstrap.servers": servers, "group.id": "reader", "auto.offset.reset": "earliest", "fetch.wait.max.ms": "20",
      "isolation.level": "read_committed", "reconnect.backoff.ms": "10", "reconnect.backoff.max.ms": "100",
    ])
    try consumer.assign(
      ([inputs] + outputs).flatMap { topic in
        (0..<Int32(partitions)).map { PartitionOffset(TopicPartition(topic: topic, partition: $0), offset: PartitionOffset.beginning) }
      })
  }

  func read() {
    withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: 1000) { buffer in
      for record in buffer[..<consumer.poll(into: buffer, timeoutMs: 50)] {
        note(record)
        record.destroy()
      }
    }
  }

  func close() { consumer.close() }

  private func note(_ record: KafkaRecord) {
    if record.topic == inputTopic {
      inputs["\(inputTopic)/\(record.partition)/\(record.offset)"] = record.key.map { String(decoding: $0, as: UTF8.self) } ?? ""
      return
    }
    let place = ["__dlq.errors.topic", "__dlq.errors.partition", "__dlq.errors.offset"].compactMap { text($0, of: record) }
    let source = text("millrace-source", of: record) ?? place.joined(separator: "/")
    outputs.append(Output(topic: record.topicPartition, offset: record.offset, source: source))
    sources.insert(source)
  }

  private func text(_ name: String, of record: KafkaRecord) -> String? {
    guard let header = record.header(name), let value = header else { return nil }
    return String(decoding: value, as: UTF8.self)
  }
}
