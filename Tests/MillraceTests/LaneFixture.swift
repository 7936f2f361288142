import Dispatch
import Foundation
import KafkaClient
import ModelRuntime

@testable import Millrace

/// Lanes of one text, with records to read and a model that tests can hold up: on a mock cluster, or on that of MILLRACE_TEST_BROKERS,
/// where topics and groups carry a prefix that the tests don't see.
final class LaneFixture {
  let mock: MockCluster
  private let servers: String
  private let prefix: String
  let log = FaultLog()
  let gate = ModelGate()
  /// Of the model `backup`.
  let backupGate = ModelGate()
  private let configuration: Configuration
  private let feeder: KafkaProducer
  private var fed = 0

  /// - Parameters:
  ///   - lanes: as in a file: `urgent: {model: sums}`.
  ///   - routes: likewise.
  ///   - realBrokers: of a cluster to use instead of the mock one.
  ///   - properties: of the topics, on a real cluster.
  ///   - sourceProperties: of those that are read; nil: the same.
  ///   - fetchWaitMs: how long a broker may wait for records before it answers.
  init(
    lanes: String, routes: String = "[{lane: only}]", kafka: String = "", deadLetter: String = "", partitions: Int = 1,
    realBrokers: String? = nil, properties: [String: String] = [:], sourceProperties: [String: String]? = nil, fetchWaitMs: Int = 20
  ) throws {
    mock = try MockCluster()
    servers = realBrokers ?? mock.bootstrapServers
    let topics = ["events", "other", "predictions", "events.dlq"]
    if let realBrokers {
      let prefix = "lanes-\(UUID().uuidString.prefix(8).lowercased())."
      self.prefix = prefix
      let admin = try KafkaAdmin(["bootstrap.servers": realBrokers])
      defer { admin.close() }
      let failures = try admin.createTopics(
        topics.map { topic in
          let isSource = ["events", "other"].contains(topic)
          return NewTopic(prefix + topic, partitions: partitions, properties: isSource ? sourceProperties ?? properties : properties)
        })
      if let error = failures.values.first { throw error }
    } else {
      prefix = ""
      for topic in topics { try mock.createTopic(topic, partitions: partitions) }
    }
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    configuration = try Configuration.parse(
      """
      group: \(prefix)fixture
      topics: [\(prefix)events]
      kafka: {bootstrap.servers: "\(servers)", fetch.wait.max.ms: \(fetchWaitMs), heartbeat.interval.ms: 100\(kafka)}
      event: {format: json}
      routes: \(routes)
      lanes: {\(lanes)}
      models:
        sums:
          path: ../ModelRuntimeTests/Models/matrix.onnx
          inputs: [{name: input, features: [event.a, event.b, event.c]}]
          outputs: {total: "sum[0]"}
        gated:
          path: ../ModelRuntimeTests/Models/matrix.onnx
          inputs: [{name: input, features: [event.a, event.b, event.c]}]
          outputs: {total: "sum[0]"}
        backup:
          path: ../ModelRuntimeTests/Models/matrix.onnx
          version: b
          inputs: [{name: input, features: [event.a, event.b, event.c]}]
          outputs: {spare: "sum[0]", total: "sum[0]"}
        pair:
          path: ../ModelRuntimeTests/Models/matrix.onnx
          inputs: [{name: input, features: [event.a, event.b, event.c]}]
          outputs: {low: "doubled[0]", high: "doubled[2]"}
        gated_pair:
          path: ../ModelRuntimeTests/Models/matrix.onnx
          inputs: [{name: input, features: [event.a, event.b, event.c]}]
          outputs: {high: "doubled[2]", low: "doubled[0]"}
      publish: {topic: \(prefix)predictions}
      dead_letter: {topic: \(prefix)events.dlq\(deadLetter)}
      """, file: folder.appendingPathComponent("lanes.yaml").path)
    feeder = try KafkaProducer(["bootstrap.servers": servers, "linger.ms": "0"])
  }

  func close() {
    gate.open()
    feeder.close()
    mock.close()
  }

  /// The models named `gated` and `gated_pair` run only while the gate is open, and `backup` likewise.
  /// - Parameter wrap: puts something between the lanes and the other models.
  func pipeline(
    untilDrained: Bool = false, stallTimeout: Duration = .seconds(60), shutdownTimeout: Duration? = nil,
    limits: OutputLimits? = nil, wallClockMs: @escaping @Sendable () -> Int64 = { MonotonicTime.wallClockMs },
    wrap: @escaping (any Model) -> any Model = { $0 }
  ) throws -> Pipeline {
    var compiler = LaneCompiler(configuration)
    let gates = ["gated": gate, "backup": backupGate, "gated_pair": gate]
    compiler.wrap = { model in gates[model.name].map { GatedModel(model, $0) } ?? wrap(model) }
    return Pipeline(
      try compiler.lanes(), untilDrained: untilDrained, stallTimeout: stallTimeout,
      shutdownTimeout: shutdownTimeout, limits: limits, measuresPhases: false, log: log.logger, wallClockMs: wallClockMs)
  }

  /// A model of the file, as a lane is bound to it.
  func binding(of model: String) throws -> ModelBinding {
    guard let settings = configuration.model(named: model) else { throw Impatience(what: "there is no model \(model)", log: "") }
    return try ModelBinding(settings, of: configuration)
  }

  /// - Parameters:
  ///   - text: the records' value; nil: an event of its own for each.
  ///   - timestampMs: 0: now.
  func feed(
    _ count: Int, key: String = "k", topic: String = "events", partition: Int32 = 0, text: String? = nil, timestampMs: Int64 = 0,
    headers: KeyValuePairs<String, String> = [:]
  ) throws {
    let topic = try feeder.topic(prefix + topic)
    for _ in 0..<count {
      let value = Array((text ?? "{\"a\": \(fed), \"b\": 1, \"c\": 2}").utf8)
      fed += 1
      Array(key.utf8).withUnsafeBytes { key in
        value.withUnsafeBytes { value in
          var list = RecordHeaders(capacity: headers.count)
          for (name, value) in headers { list.add(name, value) }
          _ = feeder.produce(to: topic, partition: partition, key: key, value: value, headers: list, timestampMs: timestampMs)
        }
      }
    }
    try feeder.flush(timeoutMs: 30_000)
  }

  /// What a lane has committed for a partition.
  func committed(_ lane: String, topic: String = "events", partition: Int32 = 0) throws -> Int64 {
    let asker = try KafkaConsumer(["bootstrap.servers": servers, "group.id": "\(prefix)fixture.\(lane)"])
    defer { asker.close() }
    return try asker.committed([TopicPartition(topic: prefix + topic, partition: partition)], timeoutMs: 30_000).first?.offset ?? -1
  }

  /// A topic's name on the cluster.
  func real(_ topic: String) -> String { prefix + topic }

  /// A record's place as the tests write it.
  func plain(_ place: String) -> String { place.hasPrefix(prefix) ? String(place.dropFirst(prefix.count)) : place }

  /// For clients of the test's own.
  func properties(_ others: KafkaProperties = [:]) -> KafkaProperties {
    var properties = others
    properties["bootstrap.servers"] = servers
    return properties
  }

  /// Waits until something holds, and gives up after half a minute.
  func wait(_ what: String, until holds: () -> Bool) async throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(30))
    while !holds() {
      if ContinuousClock.now > deadline { throw Impatience(what: what, log: log.tail) }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  struct Impatience: Error {
    let what: String
    let log: String
  }
}

/// Where runs of a model wait. Any thread.
final class ModelGate: Sendable {
  private let condition = NSCondition()
  /// Guarded by the condition's lock.
  nonisolated(unsafe) private var isOpen = true
  nonisolated(unsafe) private var waiting = 0
  nonisolated(unsafe) private var failures = 0

  var runsHeld: Int { condition.withLock { waiting } }

  func shut() { condition.withLock { isOpen = false } }

  /// The next runs fail with a fault that may pass.
  func fail(_ runs: Int) { condition.withLock { failures = runs } }

  func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  func pass() throws(ModelError) {
    let fails = condition.withLock {
      waiting += 1
      while !isOpen { condition.wait() }
      waiting -= 1
      failures -= 1
      return failures >= 0
    }
    if fails { throw ModelError(.run(transient: true), "no memory is left") }
  }
}

/// A model whose runs wait at a gate.
final class GatedModel: Model {
  let name: String
  let version: String
  let signature: ModelSignature
  private let model: any Model
  private let gate: ModelGate

  init(_ model: any Model, _ gate: ModelGate) {
    (name, version, signature) = (model.name, model.version, model.signature)
    (self.model, self.gate) = (model, gate)
  }

  func makeSession(inputs: InputTensors, outputs: [Int]) throws(ModelError) -> any ModelSession {
    GatedSession(try model.makeSession(inputs: inputs, outputs: outputs), gate)
  }
}

private final class GatedSession: ModelSession {
  private let session: any ModelSession
  private let gate: ModelGate

  init(_ session: any ModelSession, _ gate: ModelGate) { (self.session, self.gate) = (session, gate) }

  func run(rows: Range<Int>) throws(ModelError) {
    try gate.pass()
    try session.run(rows: rows)
  }

  func output(_ index: Int) -> OutputTensor { session.output(index) }
}
