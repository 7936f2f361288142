import Foundation
import KafkaClient

@testable import Millrace

/// One run of a configuration on a cluster of its own, disturbed as the seed says.
final class FaultScenario {
  let seed: UInt64
  let isExactlyOnce: Bool
  let log = FaultLog()
  private var random: SeededGenerator
  private let cluster: MockCluster
  private let lanes: [Lane]
  private let configuration: Configuration
  private let feeder: KafkaProducer
  private let events: ProducerTopic
  private var members: [FaultMember] = []
  private var leaving: [FaultMember] = []
  private var samples: [Sample] = []
  private var fed = 0

  /// What had been committed, and how long the output topics were just after.
  private struct Sample {
    let lane: String
    let committed: [PartitionOffset]
    let ends: [TopicPartition: Int64]
  }

  static let patience = 60
  private static let partitions = 3
  private static let outputs = ["predictions", "events.dlq"]

  init(seed: UInt64) throws {
    self.seed = seed
    random = SeededGenerator(seed: seed)
    isExactlyOnce = Bool.random(using: &random)
    cluster = try MockCluster(brokerCount: Int.random(in: 1...3, using: &random))
    for topic in ["events"] + Self.outputs {
      try cluster.createTopic(topic, partitions: Self.partitions, replicationFactor: cluster.brokerCount)
    }
    for lane in ["quick", "rest"] { try cluster.setCoordinator(of: .group("faults.\(lane)"), to: 1) }
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let delay = ["0ms", "5ms", "40ms"].randomElement(using: &random) ?? "0ms"
    let delivery = isExactlyOnce ? "exactly_once" : "at_least_once"
    let settings =
      "max_batch_size: \(Int.random(in: 1...32, using: &random)), max_delay: \(delay), delivery: \(delivery), commit_interval: 50ms"
    let twoWorkers = Bool.random(using: &random) ? 2 : 1
    configuration = try Configuration.parse(
      """
      group: faults
      topics: [events]
      kafka:
        bootstrap.servers: "\(cluster.bootstrapServers)"
        fetch.wait.max.ms: 20
        session.timeout.ms: 6000
        heartbeat.interval.ms: 200
        reconnect.backoff.ms: 10
        reconnect.backoff.max.ms: 200
        retry.backoff.ms: 20
        fetch.error.backoff.ms: 50
        topic.metadata.refresh.fast.interval.ms: 50
        coordinator.query.interval.ms: 1000
      event: {format: json}
      routes:
        - {lane: quick, when: 'key == "quick"'}
        - {lane: rest}
      lanes:
        quick: {model: sums, \(settings)}
        rest: {model: sums, workers: \(twoWorkers), \(settings)}
      models:
        sums:
          path: ../ModelRuntimeTests/Models/matrix.onnx
          inputs: [{name: input, features: [event.a, event.b, event.c]}]
          outputs: {total: "sum[0]"}
      publish: {topic: predictions}
      dead_letter: {topic: events.dlq}
      """, file: folder.appendingPathComponent("faults.yaml").path)
    lanes = try LaneCompiler(configuration).lanes()
    feeder = try KafkaProducer([
      "bootstrap.servers": cluster.bootstrapServers, "linger.ms": "0", "enable.idempotence": "true", "retry.backoff.ms": "20",
      "reconnect.backoff.ms": "10", "reconnect.backoff.max.ms": "100",
    ])
    events = try feeder.topic("events")
  }

  /// Returns what is wrong after the run; nothing is the wish.
  func run() throws -> [String] {
    let reader = try FaultReader(cluster, inputs: "events", outputs: Self.outputs, partitions: Self.partitions)
    defer {
      reader.close()
      feeder.close()
      cluster.close()
    }
    join()
    var injector = FaultInjector(cluster, isTransactional: isExactlyOnce)
    // Some runs are disturbed while the first member joins, which takes a mock cluster three seconds; most are afterwards.
    if Int.random(in: 0..<4, using: &random) > 0 {
      feed(1)
      try read(reader, "the first record") { reader.sources.count > 0 }
    }
    for _ in 0..<Int.random(in: 8...20, using: &random) {
      feed(Int.random(in: 1...60, using: &random))
      if Int.random(in: 0..<5, using: &random) == 0 { changeMembers() } else { log.note(try injector.inject(&random)) }
      if Int.random(in: 0..<3, using: &random) == 0 { sample() }
      // The pace of the faults: nothing is waited for.
      Thread.sleep(forTimeInterval: Double.random(in: 0.02...0.4, using: &random))
    }
    try injector.mend()
    log.note("mended")
    try feeder.flush(timeoutMs: Int32(Self.patience) * 1000)
    let expected = Set(try inputPlaces())
    var wrong: [String] = []
    do {
      try read(reader, "every input's output") { reader.inputs.count == expected.count && reader.sources.isSuperset(of: expected) }
    } catch {
      let missing = expected.subtracting(reader.sources).sorted()
      wrong.append("\(error): \(missing.count) of \(expected.count) inputs have none: \(missing.prefix(5))")
    }
    let foreign = reader.sources.subtracting(expected)
    if !foreign.isEmpty { wrong.append("outputs of nothing: \(foreign.sorted().prefix(5))") }
    sample()
    for member in members { member.stop() }
    for member in members + leaving where !member.join(Self.patience) { wrong.append("a member does not end when it is stopped") }
    sample()
    reader.read()
    wrong += commitsBeyondOutputs(reader)
    if isExactlyOnce && isUndisturbed && reader.outputs.count != reader.sources.count {
      wrong.append("\(reader.outputs.count - reader.sources.count) outputs stand twice, and no transaction was aborted")
    }
    return wrong
  }

  private func join() { members.append(FaultMember(lanes, kafka: configuration.kafka, log: log)) }

  private func changeMembers() {
    if members.count < 3 && (members.count == 1 || Bool.random(using: &random)) {
      log.note("a member joins")
      join()
    } else {
      log.note("a member leaves")
      let member = members.remove(at: Int.random(in: 0..<members.count, using: &random))
      member.stop()
      leaving.append(member)
    }
  }

  private func feed(_ count: Int) {
    for _ in 0..<count {
      let isBroken = Int.random(in: 0..<20, using: &random) == 0
      let value = Array((isBroken ? "{\"a\": \(fed)" : "{\"a\": \(fed), \"b\": 1, \"c\": 2}").utf8)
      let key = Array((Int.random(in: 0..<4, using: &random) == 0 ? "quick" : "rest").utf8)
      let partition = Int32.random(in: 0..<Int32(Self.partitions), using: &random)
      fed += 1
      key.withUnsafeBytes { key in
        value.withUnsafeBytes { value in _ = feeder.produce(to: events, partition: partition, key: key, value: value, headers: nil) }
      }
    }
    feeder.poll()
  }

  /// Reads until it holds.
  private func read(_ reader: FaultReader, _ what: String, _ holds: () -> Bool) throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(Self.patience))
    while !holds() {
      if ContinuousClock.now > deadline { throw Impatience(what: what) }
      reader.read()
    }
  }

  struct Impatience: Error, CustomStringConvertible {
    let what: String
    var description: String { "\(what) did not come within \(FaultScenario.patience) s" }
  }

  private func inputPlaces() throws -> [String] {
    try asking { admin in
      try (0..<Int32(Self.partitions)).flatMap { partition in
        let end = try admin.watermarks(of: TopicPartition(topic: "events", partition: partition)).high
        return (0..<end).map { "events/\(partition)/\($0)" }
      }
    }
  }

  /// Notes what is committed now, and then what is published. A cluster that doesn't answer gives no sample.
  ///
  /// Not with `KafkaAdmin.committedOffsets`: librdkafka 2.0.2 fails an assertion when that times out.
  private func sample() {
    for lane in lanes {
      guard let asker = try? KafkaConsumer(["bootstrap.servers": cluster.bootstrapServers, "group.id": lane.groupID]) else { continue }
      defer { asker.close() }
      let inputs = (0..<Int32(Self.partitions)).map { TopicPartition(topic: "events", partition: $0) }
      guard let committed = try? asker.committed(inputs, timeoutMs: 1000) else { continue }
      let places = Self.outputs.flatMap { topic in (0..<Int32(Self.partitions)).map { TopicPartition(topic: topic, partition: $0) } }
      var ends: [TopicPartition: Int64] = [:]
      for place in places { ends[place] = try? asker.watermarks(of: place, timeoutMs: 1000).high }
      if ends.count == places.count { samples.append(Sample(lane: lane.name, committed: committed, ends: ends)) }
    }
  }

  private func commitsBeyondOutputs(_ reader: FaultReader) -> [String] {
    samples.compactMap { sample in
      let published = Set(reader.outputs.lazy.filter { $0.offset < sample.ends[$0.topic] ?? 0 }.map(\.source))
      for place in sample.committed where place.offset > 0 {
        for offset in 0..<place.offset {
          let source = "\(place.partition.topic)/\(place.partition.partition)/\(offset)"
          guard let key = reader.inputs[source] else { return "lane \(sample.lane) committed \(place), beyond the end" }
          if (key == "quick") == (sample.lane == "quick") && !published.contains(source) {
            return "lane \(sample.lane) committed \(place) before \(source) was published"
          }
        }
      }
      return nil
    }
  }

  /// Nothing happened after which a mock cluster, which doesn't hide aborted transactions, would show an output twice.
  private var isUndisturbed: Bool {
    ["transaction aborted", "partitions lost", "member failed", "produce fails", " down", "ms", "fault"].allSatisfy { log.count($0) == 0 }
  }

  private func asking<Answer>(_ question: (KafkaAdmin) throws -> Answer) throws -> Answer {
    let admin = try KafkaAdmin(["bootstrap.servers": cluster.bootstrapServers])
    defer { admin.close() }
    return try question(admin)
  }
}
