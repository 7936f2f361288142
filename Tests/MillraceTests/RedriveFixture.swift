import Foundation
import KafkaClient
import Logging

@testable import Millrace

/// A cluster with dead letters, and what stands in its topics afterwards: a mock one, or that of MILLRACE_TEST_BROKERS, where topics and
/// group carry a suffix that the tests don't see.
final class RedriveFixture: Sendable {
  let configuration: Configuration
  let mock: MockCluster?
  private let brokers: String
  private let suffix: String
  static let realBrokers = ProcessInfo.processInfo.environment["MILLRACE_TEST_BROKERS"]
  static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// A record as text.
  struct Seen: Equatable {
    var place: String
    var key: String?
    var value: String?
    var headers: [String: String?]
    var timestampMs: Int64
  }

  static func with(_ text: String = "", _ body: (RedriveFixture) throws -> Void) throws {
    let fixture = try RedriveFixture(text)
    defer { fixture.close() }
    try body(fixture)
  }

  init(_ text: String = "") throws {
    if let brokers = Self.realBrokers {
      (mock, self.brokers, suffix) = (nil, brokers, "-" + UUID().uuidString.prefix(8).lowercased())
      let admin = try KafkaAdmin(["bootstrap.servers": brokers])
      defer { admin.close() }
      let topics = ["transactions\(suffix)": 4, "predictions\(suffix)": 1, "transactions\(suffix).dlq": 1]
      let failures = try admin.createTopics(
        topics.map { NewTopic($0.key, partitions: $0.value, replicationFactor: 1, properties: ["retention.ms": "-1"]) })
      if let error = failures.values.first { throw error }
    } else {
      let cluster = try MockCluster()
      (mock, brokers, suffix) = (cluster, cluster.bootstrapServers, "")
      try cluster.createTopic("transactions", partitions: 4)
      for topic in ["predictions", "transactions.dlq"] { try cluster.createTopic(topic) }
    }
    let sections = """
      \(text)
      \(text.contains("event:") ? "" : "event: {id: event.id}")
      \(text.contains("publish:") ? "" : "publish: {topic: predictions}")
      \(text.contains("dead_letter:") ? "" : "dead_letter: {topic: transactions.dlq}")
      topics: [transactions]
      """
    let suffix = suffix
    // A mock broker takes a batch whose predecessor it refused. librdkafka then counts the predecessor as written, which it may with Kafka,
    // where sequences are checked. So: one request at a time.
    let order = mock == nil ? "" : ", max.in.flight.requests.per.connection: 1"
    configuration = try ConfigurationFixture.configuration(
      """
      \(["transactions", "predictions"].reduce(sections) { $0.replacing($1, with: $1 + suffix) })
      group: fraud\(suffix)
      kafka: {bootstrap.servers: "\(brokers)", fetch.wait.max.ms: 20, session.timeout.ms: 6000\(order)}
      routes: [{lane: urgent, when: 'event.a > 10'}, {lane: bulk}]
      lanes: {urgent: {model: fraud}, bulk: {model: fraud}}
      \(DryRunFixture.matrix("event.a, event.b, event.c"))
      """)
  }

  func close() { mock?.close() }

  /// The topic's name on the cluster.
  private func real(_ topic: String) -> String {
    topic.hasSuffix(".dlq") ? "\(topic.dropLast(4))\(suffix).dlq" : topic + suffix
  }

  /// A text of the cluster's as the tests expect it.
  private func plain(_ text: String) -> String { suffix.isEmpty ? text : text.replacing(suffix, with: "") }

  func send(
    _ value: String?, to topic: String, partition: Int32 = 0, key: String? = nil, headers: [(String, String?)] = [], timestampMs: Int64 = 0
  ) throws {
    let producer = try KafkaProducer(["bootstrap.servers": brokers, "linger.ms": "0"])
    defer { producer.close() }
    func all() -> RecordHeaders {
      var all = RecordHeaders(capacity: headers.count)
      for (name, text) in headers {
        if let text { all.add(name, text) } else { all.add(name, UnsafeRawBufferPointer?.none) }
      }
      return all
    }
    let (value, key) = (value.map { Array($0.utf8) }, key.map { Array($0.utf8) })
    let handle = try producer.topic(real(topic))
    let admission = (value ?? []).withUnsafeBytes { bytes in
      (key ?? []).withUnsafeBytes { keyBytes in
        producer.produce(
          to: handle, partition: partition, key: key == nil ? nil : keyBytes, value: value == nil ? nil : bytes, headers: all(),
          timestampMs: timestampMs)
      }
    }
    if case .rejected(let error) = admission { throw error }
    try producer.flush(timeoutMs: 10_000)
  }

  /// A dead letter as a lane writes it.
  func letter(
    _ value: String?, of offset: Int, partition: Int = 2, stage: String = "decode", message: String = "m", count: Int = 1,
    key: String? = "k", omitted: Int? = nil, headers: [(String, String?)] = []
  ) throws {
    var own: [(String, String?)] = [
      ("__dlq.errors.topic", real("transactions")), ("__dlq.errors.partition", "\(partition)"), ("__dlq.errors.offset", "\(offset)"),
      ("__dlq.errors.timestamp", "1700000000000"), ("__dlq.errors.group", "fraud\(suffix).bulk"), ("__dlq.errors.stage", stage),
      ("__dlq.errors.message", message), ("__dlq.errors.delivery.count", "\(count)"),
    ]
    if let omitted { own.append(("__dlq.errors.value.omitted.bytes", "\(omitted)")) }
    try send(value, to: "transactions.dlq", key: key, headers: headers + own)
  }

  func redrive(_ change: (inout RedriveOptions) -> Void = { _ in }) throws -> RedriveReport {
    var options = RedriveOptions()
    change(&options)
    var result = RedriveReport()
    try Redrive(configuration, options, log: Self.log).run { result = $0 }
    result.groups = result.groups.map { group in
      var group = group
      group.samples = group.samples.map(plain)
      return group
    }
    return result
  }

  /// Everything that a topic holds, by partition and offset.
  func read(_ topic: String) throws -> [Seen] {
    let partitions: Int32 = topic == "transactions" ? 4 : 1
    let consumer = try KafkaConsumer([
      "bootstrap.servers": brokers, "group.id": "reader", "enable.partition.eof": "true", "fetch.wait.max.ms": "20",
    ])
    defer { consumer.close() }
    var open = Set(0..<partitions)
    consumer.onEndOfPartition = { partition, _ in open.remove(partition.partition) }
    try consumer.assign((0..<partitions).map { PartitionOffset(topic: real(topic), partition: $0, offset: PartitionOffset.beginning) })
    var seen: [Seen] = []
    let deadline = ContinuousClock.now.advanced(by: .seconds(30))
    while !open.isEmpty && ContinuousClock.now < deadline {
      withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: 100) { buffer in
        for record in buffer[..<consumer.poll(into: buffer, timeoutMs: 50)] {
          seen.append(Seen(record, plain))
          record.destroy()
        }
      }
    }
    return seen.sorted { $0.place.localizedStandardCompare($1.place) == .orderedAscending }
  }

  /// Runs the lanes until what the topics hold is scored.
  func drain() async throws {
    try await Pipeline(LaneCompiler(configuration).lanes(), untilDrained: true, log: Self.log).run()
  }
}

extension RedriveFixture.Seen {
  init(_ record: KafkaRecord, _ plain: (String) -> String) {
    func text(_ bytes: UnsafeRawBufferPointer?) -> String? { bytes.map { plain(String(decoding: $0, as: UTF8.self)) } }
    (key, value) = (text(record.key), text(record.value))
    var headers: [String: String?] = [:]
    record.forEachHeader { headers[String(cString: $0)] = .some(text($1)) }
    self.headers = headers
    place = "\(record.partition)/\(record.offset)"
    timestampMs = record.timestampMs
  }

  /// A header's value; nil if there is none.
  func header(_ name: String) -> String? { headers[name] ?? nil }
}
