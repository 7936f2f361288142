import CRdKafka

/// Questions to a cluster and changes to its topics. Every call waits for the answer, at most `timeoutMs`. One thread uses it at a time.
public final class KafkaAdmin {
  private let context: ClientContext
  private var open: OpaquePointer?

  /// `log` is called from librdkafka's threads too.
  public init(_ properties: KafkaProperties, log: @escaping @Sendable (KafkaLogLine) -> Void = { _ in }) throws(KafkaError) {
    var configuration = try ClientConfiguration(properties)
    context = ClientContext(secrets: configuration.secrets, log: log)
    context.install(in: configuration)
    open = try configuration.makeClient(RD_KAFKA_PRODUCER)
  }

  deinit {
    assert(open == nil, "a KafkaAdmin must be closed")
  }

  public func close() {
    guard let handle = open else { return }
    open = nil
    rd_kafka_destroy(handle)
  }

  func handle() throws(KafkaError) -> OpaquePointer {
    guard let open else { throw KafkaError(.state, reason: "the admin client is closed", context: "admin client") }
    return open
  }

  public func watermarks(of partition: TopicPartition, timeoutMs: Int32 = 10_000) throws(KafkaError) -> Watermarks {
    try queryWatermarks(try handle(), partition, timeoutMs)
  }

  /// As `KafkaConsumer.offsets(forTimes:timeoutMs:)`.
  public func offsets(forTimes times: [TopicPartition: Int64], timeoutMs: Int32 = 10_000) throws(KafkaError) -> [PartitionOffset] {
    try queryOffsets(try handle(), times, timeoutMs)
  }
}
