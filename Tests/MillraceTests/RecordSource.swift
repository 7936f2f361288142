import KafkaClient

/// Real records for tests: what is sent to a mock cluster can be taken from it again, with offsets from 0.
final class RecordSource {
  static let topic = "source"
  private let mock: MockCluster
  private let producer: KafkaProducer
  private let consumer: KafkaConsumer

  /// Whoever takes records in `body` gives each back before it ends.
  static func with(_ body: (RecordSource) throws -> Void) throws {
    let mock = try MockCluster()
    defer { mock.close() }
    try mock.createTopic(topic)
    let servers = mock.bootstrapServers
    let producer = try KafkaProducer(["bootstrap.servers": servers, "linger.ms": "0"])
    defer { producer.close() }
    let consumer = try KafkaConsumer(["bootstrap.servers": servers, "group.id": "group", "fetch.wait.max.ms": "20"])
    defer { consumer.close() }
    try consumer.assign([PartitionOffset(TopicPartition(topic: topic, partition: 0), offset: 0)])
    try body(RecordSource(mock, producer, consumer))
  }

  private init(_ mock: MockCluster, _ producer: KafkaProducer, _ consumer: KafkaConsumer) {
    self.mock = mock
    self.producer = producer
    self.consumer = consumer
  }

  func send(_ value: String?, headers: consuming RecordHeaders? = nil) throws {
    let bytes = value.map { Array($0.utf8) }
    let topic = try producer.topic(Self.topic)
    let admission =
      if let bytes {
        bytes.withUnsafeBytes { producer.produce(to: topic, partition: 0, key: nil, value: $0, headers: headers.take()) }
      } else {
        producer.produce(to: topic, partition: 0, key: nil, value: nil, headers: headers.take())
      }
    if case .rejected(let error) = admission { throw error }
  }

  /// The next records; the caller owns them.
  func take(_ count: Int) throws -> [KafkaRecord] {
    let deadline = ContinuousClock.now.advanced(by: .seconds(60))
    var records: [KafkaRecord] = []
    while records.count < count {
      guard ContinuousClock.now < deadline else {
        for record in records { record.destroy() }
        throw TookTooLong(wanted: count, got: records.count)
      }
      _ = producer.poll()
      withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: count - records.count) { buffer in
        let taken = consumer.poll(into: buffer, timeoutMs: 50)
        records += buffer[..<taken]
      }
    }
    return records
  }

  struct TookTooLong: Error {
    let wanted: Int
    let got: Int
  }
}
