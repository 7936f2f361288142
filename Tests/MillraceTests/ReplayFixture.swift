import Foundation
import KafkaClient
import Logging

@testable import Millrace

/// Two lanes of different models over three partitions, with records in them, and what comes of them: of a mock cluster, or of that of
/// MILLRACE_TEST_BROKERS, where topics and group carry a prefix that the tests see only where they name one themselves.
final class ReplayFixture {
  struct Output: Equatable {
    let value: String
    let timestampMs: Int64
    let headers: [String: String]
  }

  static let partitions = 3
  static let start: Int64 = 1_700_000_000_000
  static let realBrokers = ProcessInfo.processInfo.environment["MILLRACE_TEST_BROKERS"]
  private let mock: MockCluster?
  private let brokers: String
  private let prefix: String
  let configuration: Configuration
  let log = FaultLog()

  init(delivery: String = "at_least_once", restActive: String? = nil, deadLetter: String = "") throws {
    let topics = ["events", "predictions", "events.dlq"]
    if let real = Self.realBrokers {
      let prefix = "replay-\(UUID().uuidString.prefix(8).lowercased())."
      (mock, brokers, self.prefix) = (nil, real, prefix)
      let admin = try KafkaAdmin(["bootstrap.servers": real])
      defer { admin.close() }
      let failures = try admin.createTopics(
        // The records' timestamps are old.
        topics.map { NewTopic(prefix + $0, partitions: Self.partitions, properties: ["retention.ms": "-1"]) })
      if let error = failures.values.first { throw error }
    } else {
      let cluster = try MockCluster()
      (mock, brokers, prefix) = (cluster, cluster.bootstrapServers, "")
      for topic in topics { try cluster.createTopic(topic, partitions: Self.partitions) }
    }
    let hours = restActive.map { ", active: \"\($0)\"" } ?? ""
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    configuration = try Configuration.parse(
      """
      group: \(prefix)g
      topics: [\(prefix)events]
      kafka:
        bootstrap.servers: "\(brokers)"
        fetch.wait.max.ms: 20
        session.timeout.ms: 6000
        heartbeat.interval.ms: 100
      event: {format: json, id: event.n}
      routes:
        - {lane: quick, when: 'event.n % 4 == 0'}
        - {lane: rest}
      lanes:
        quick: {model: sums, max_batch_size: 4, commit_interval: 50ms, delivery: \(delivery)}
        rest: {model: doubles, max_batch_size: 16, max_delay: 5ms, commit_interval: 50ms, delivery: \(delivery)\(hours)}
      models:
        sums:
          path: ../ModelRuntimeTests/Models/matrix.onnx
          inputs: [{name: input, features: [event.n, event.b, event.c]}]
          outputs: {total: "sum[0]"}
        doubles:
          path: ../ModelRuntimeTests/Models/matrix.onnx
          inputs: [{name: input, features: [event.c, event.n, "1.0"]}]
          outputs: {twice: "doubled[1]"}
        pair:
          path: ../ModelRuntimeTests/Models/matrix.onnx
          inputs: [{name: input, features: [event.c, event.n, "1.0"]}]
          outputs: {first: "doubled[0]", second: "doubled[1]"}
      publish: {topic: \(prefix)predictions, include: [event.b]}
      dead_letter: {topic: \(prefix)events.dlq\(deadLetter)}
      """, file: folder.appendingPathComponent("replay.yaml").path)
  }

  func close() { mock?.close() }

  /// A topic's or group's name on the cluster.
  func real(_ name: String) -> String { prefix + name }

  /// A text of the cluster's as the tests expect it.
  private func plain(_ text: String) -> String { prefix.isEmpty ? text : text.replacing(prefix, with: "") }

  /// Writes records, `each` in each partition: every tenth can't be decoded, and timestamps are 100 ms apart within a partition.
  func feed(_ each: Int) throws {
    let producer = try KafkaProducer(["bootstrap.servers": brokers])
    defer { producer.close() }
    let topic = try producer.topic(real("events"))
    for number in 0..<each {
      for partition in 0..<Self.partitions {
        let n = number * Self.partitions + partition
        let text = number % 10 == 9 ? "{\"n\": \(n)" : "{\"n\": \(n), \"b\": \(Double(n) * 0.37), \"c\": \(n % 7)}"
        let value = Array(text.utf8)
        _ = value.withUnsafeBytes {
          producer.produce(
            to: topic, partition: Int32(partition), key: nil, value: $0, headers: nil, timestampMs: Self.start + Int64(number) * 100)
        }
      }
    }
    try producer.flush(timeoutMs: 60_000)
  }

  /// Writes these events to the first partition.
  func feed(_ events: [String]) throws {
    let producer = try KafkaProducer(["bootstrap.servers": brokers])
    defer { producer.close() }
    let topic = try producer.topic(real("events"))
    for event in events {
      _ = Array(event.utf8).withUnsafeBytes {
        producer.produce(to: topic, partition: 0, key: nil, value: $0, headers: nil, timestampMs: Self.start)
      }
    }
    try producer.flush(timeoutMs: 60_000)
  }

  /// Writes one record.
  func feed(timestampMs: Int64, partition: Int32) throws {
    let producer = try KafkaProducer(["bootstrap.servers": brokers, "linger.ms": "0"])
    defer { producer.close() }
    send(1, by: producer, to: try producer.topic(real("events")), partition: partition, timestampMs: timestampMs)
    try producer.flush(timeoutMs: 10_000)
  }

  /// Writes five records of each time to each partition, each time's in a transaction of their own.
  func feedTransactions(at times: [Int64]) throws {
    let producer = try KafkaProducer(["bootstrap.servers": brokers, "transactional.id": real("feeder"), "linger.ms": "0"])
    defer { producer.close() }
    let topic = try producer.topic(real("events"))
    try producer.initTransactions(timeoutMs: 30_000)
    for time in times {
      try producer.beginTransaction()
      for partition in 0..<Int32(Self.partitions) {
        for number in 0..<5 { send(number, by: producer, to: topic, partition: partition, timestampMs: time) }
      }
      try producer.commitTransaction(timeoutMs: 30_000)
    }
  }

  /// Writes five records in a transaction to each partition, then five that are aborted, and ends with the mark of the abort.
  func feedTransactions() throws {
    let producer = try KafkaProducer(["bootstrap.servers": brokers, "transactional.id": real("feeder"), "linger.ms": "0"])
    defer { producer.close() }
    let topic = try producer.topic(real("events"))
    try producer.initTransactions(timeoutMs: 30_000)
    for isCommitted in [true, false] {
      try producer.beginTransaction()
      for partition in 0..<Int32(Self.partitions) {
        for number in 0..<5 { send(number, by: producer, to: topic, partition: partition, timestampMs: Self.start) }
      }
      try producer.flush(timeoutMs: 10_000)
      if isCommitted { try producer.commitTransaction(timeoutMs: 10_000) } else { try producer.abortTransaction(timeoutMs: 10_000) }
    }
  }

  private func send(_ n: Int, by producer: KafkaProducer, to topic: ProducerTopic, partition: Int32, timestampMs: Int64) {
    let value = Array("{\"n\": \(n), \"b\": 0.5, \"c\": 1}".utf8)
    _ = value.withUnsafeBytes {
      producer.produce(to: topic, partition: partition, key: nil, value: $0, headers: nil, timestampMs: timestampMs)
    }
  }

  func run(_ pipeline: Pipeline) async throws { try await pipeline.run() }

  /// All that the live lanes have to do.
  func runLive() async throws {
    try await run(Pipeline(try LaneCompiler(configuration).lanes(), untilDrained: true, log: log.logger))
  }

  /// Settings of a replay whose output topics there are: a mock cluster makes none on request.
  func settings(_ name: String, _ change: (inout ReplaySettings) -> Void = { _ in }) throws -> ReplaySettings {
    if let mock {
      for topic in ["predictions.replay.\(name)", "events.dlq.replay.\(name)"] where try ends(of: topic).isEmpty {
        try mock.createTopic(topic, partitions: Self.partitions)
      }
    }
    var settings = ReplaySettings(name: name)
    change(&settings)
    return settings
  }

  func plan(_ settings: ReplaySettings, _ start: Replay.Start = .resume) throws -> Replay {
    try Replay(configuration, settings, start: start, log: log.logger)
  }

  /// Runs a replay to its end.
  func replay(_ settings: ReplaySettings, _ start: Replay.Start = .resume) async throws -> ReplayReport {
    let replay = try plan(settings, start)
    let pipeline = replay.makePipeline()
    try await run(pipeline)
    return replay.report(pipeline)
  }

  /// Where each partition of a topic ends.
  func ends(of topic: String) throws -> [Int64] {
    let admin = try KafkaAdmin(configuration.kafka.values)
    defer { admin.close() }
    return try admin.describe([real(topic)])[0].partitions.map {
      try admin.watermarks(of: TopicPartition(topic: real(topic), partition: $0.id), timeoutMs: 10_000).high
    }
  }

  func committed(_ group: String) throws -> [PartitionOffset] {
    let admin = try KafkaAdmin(configuration.kafka.values)
    defer { admin.close() }
    let partitions = (0..<Int32(Self.partitions)).map { TopicPartition(topic: real("events"), partition: $0) }
    return try admin.committedOffsets(group: real(group), partitions: partitions)
  }

  /// What a topic holds, by the record that each came from.
  func outputs(_ topic: String) throws -> [String: [Output]] {
    let consumer = try KafkaConsumer([
      "bootstrap.servers": brokers, "group.id": "reader", "fetch.wait.max.ms": "20", "enable.partition.eof": "true",
    ])
    defer { consumer.close() }
    let ends = try ends(of: topic)
    // A transaction's end is an offset without a record.
    var unread = Set(ends.indices)
    consumer.onEndOfPartition = { partition, _ in unread.remove(Int(partition.partition)) }
    try consumer.assign(
      ends.indices.map { PartitionOffset(TopicPartition(topic: real(topic), partition: Int32($0)), offset: PartitionOffset.beginning) })
    var outputs: [String: [Output]] = [:]
    while !unread.isEmpty {
      withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: 500) { buffer in
        for record in buffer[..<consumer.poll(into: buffer, timeoutMs: 100)] {
          let output = output(record)
          let place = ["topic", "partition", "offset"].compactMap { output.headers["__dlq.errors.\($0)"] }.joined(separator: "/")
          outputs[output.headers["millrace-source"] ?? place, default: []].append(output)
          record.destroy()
        }
      }
    }
    return outputs
  }

  private func output(_ record: KafkaRecord) -> Output {
    var headers: [String: String] = [:]
    record.forEachHeader { name, value in headers[String(cString: name)] = value.map { plain(String(decoding: $0, as: UTF8.self)) } }
    return Output(
      value: record.value.map { String(decoding: $0, as: UTF8.self) } ?? "", timestampMs: record.timestampMs, headers: headers)
  }
}
