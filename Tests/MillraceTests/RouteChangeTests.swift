import Foundation
import KafkaClient
import Testing

@testable import Millrace

/// Real lanes on a mock cluster whose routes are changed while one of them is behind.
@Suite struct RouteChangeTests {
  private static let first = #"[{lane: urgent, when: 'key == "a"'}, {lane: bulk}]"#
  private static let second = #"[{lane: urgent, when: 'key == "b"'}, {lane: bulk}]"#
  private static let third = #"[{lane: night, when: 'key == "c"'}, {lane: urgent, when: 'key == "b"'}, {lane: bulk}]"#

  @Test(.timeLimit(.minutes(2)), arguments: [["urgent", "bulk"], ["bulk", "urgent"]])
  func lanesThatRestartOneByOneLoseNothing(_ order: [String]) async throws {
    let cluster = try RouteCluster()
    defer { cluster.close() }
    cluster.feed(60)
    try await cluster.drain(["urgent", "bulk"], Self.first)
    cluster.feed(60)
    // Under the old routes one lane passes the records and leaves those of the other to it.
    try await cluster.drain([order[0]], Self.first)
    try await cluster.drain([order[0]], Self.second)
    try await cluster.drain([order[1]], Self.second)
    try cluster.expectAllOutputs()
  }

  @Test(.timeLimit(.minutes(2))) func aLaneThatIsAddedLaterReadsWhatTheOthersLeftToIt() async throws {
    let cluster = try RouteCluster()
    defer { cluster.close() }
    cluster.feed(60)
    try await cluster.drain(["urgent", "bulk"], Self.second)
    cluster.feed(60)
    try await cluster.drain(["urgent", "bulk"], Self.third)
    let before = try cluster.outputs()
    try await cluster.drain(["night"], Self.third)
    try cluster.expectAllOutputs()
    // The records that were there before the change had been handled by an old lane.
    #expect(try cluster.outputs() - before == 20)
  }

  @Test(.timeLimit(.minutes(2))) func theBacklogOfARemovedLaneIsReadByTheOthers() async throws {
    let cluster = try RouteCluster()
    defer { cluster.close() }
    cluster.feed(60)
    try await cluster.drain(["urgent", "bulk", "night"], Self.third)
    cluster.feed(60)
    try await cluster.drain(["urgent", "bulk"], Self.third)
    try await cluster.drain(["urgent", "bulk"], Self.first)
    try cluster.expectAllOutputs()
  }

  @Test(.timeLimit(.minutes(1))) func unchangedRoutesRepeatNothing() async throws {
    let cluster = try RouteCluster()
    defer { cluster.close() }
    cluster.feed(60)
    try await cluster.drain(["urgent", "bulk"], Self.first)
    cluster.feed(60)
    try await cluster.drain(["urgent"], Self.first)
    // Another spelling of the same routes.
    try await cluster.drain(["bulk"], #"[{lane: urgent, when: 'key=="a" // the few'}, {lane: bulk}]"#)
    try cluster.expectAllOutputs()
    #expect(try cluster.outputs() == 120)
  }

  @Test(.timeLimit(.minutes(1))) func eachCommitSaysWhichRoutesItWasMadeUnder() async throws {
    let cluster = try RouteCluster()
    defer { cluster.close() }
    cluster.feed(60)
    try await cluster.drain(["urgent", "bulk"], Self.first)
    let asker = try KafkaConsumer(["bootstrap.servers": cluster.mock.bootstrapServers, "group.id": "routes.urgent"])
    defer { asker.close() }
    let routes = RoutesInForce([("urgent", #"key == "a""#), ("bulk", nil)])
    for offset in try asker.committed([TopicPartition(topic: "events", partition: 0)], timeoutMs: 30_000) {
      #expect(offset.metadata == "millrace/1 routes=\(routes.fingerprint) since=0 lanes=urgent,bulk")
    }
  }
}

/// A cluster with one topic of events, lanes that come and go, and a reader of what they publish.
private final class RouteCluster {
  let mock: MockCluster
  private let feeder: KafkaProducer
  private let events: ProducerTopic
  private let reader: FaultReader
  private let log = FaultLog()
  private var fed = 0

  init() throws {
    mock = try MockCluster()
    for topic in ["events", "predictions", "events.dlq"] { try mock.createTopic(topic) }
    feeder = try KafkaProducer(["bootstrap.servers": mock.bootstrapServers, "linger.ms": "0"])
    events = try feeder.topic("events")
    reader = try FaultReader(mock.bootstrapServers, inputs: "events", outputs: ["predictions", "events.dlq"], partitions: 1)
  }

  func close() {
    reader.close()
    feeder.close()
    mock.close()
  }

  /// As many of `a`, `b` and `c` each.
  func feed(_ count: Int) {
    for _ in 0..<count {
      let value = Array("{\"a\": \(fed), \"b\": 1, \"c\": 2}".utf8)
      let key = Array(["a", "b", "c"][fed % 3].utf8)
      fed += 1
      key.withUnsafeBytes { key in
        value.withUnsafeBytes { value in _ = feeder.produce(to: events, partition: 0, key: key, value: value, headers: nil) }
      }
    }
    try? feeder.flush(timeoutMs: 30_000)
  }

  /// Runs these lanes, in a process of their own as it were, until they have read everything.
  func drain(_ names: [String], _ routes: String) async throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let lanes = Set(["urgent", "bulk"] + (routes.contains("night") ? ["night"] : [])).sorted()
    let configuration = try Configuration.parse(
      """
      group: routes
      topics: [events]
      kafka:
        bootstrap.servers: "\(mock.bootstrapServers)"
        fetch.wait.max.ms: 20
        session.timeout.ms: 6000
        heartbeat.interval.ms: 200
      event: {format: json}
      routes: \(routes)
      lanes: {\(lanes.map { "\($0): {model: sums}" }.joined(separator: ", "))}
      models:
        sums:
          path: ../ModelRuntimeTests/Models/matrix.onnx
          inputs: [{name: input, features: [event.a, event.b, event.c]}]
          outputs: {total: "sum[0]"}
      publish: {topic: predictions}
      dead_letter: {topic: events.dlq}
      """, file: folder.appendingPathComponent("routes.yaml").path)
    let compiled = try LaneCompiler(configuration).lanes(named: names)
    try await Pipeline(compiled, untilDrained: true, log: log.logger).run()
  }

  /// How many outputs there are, repeats included.
  func outputs() throws -> Int {
    let asker = try KafkaAdmin(["bootstrap.servers": mock.bootstrapServers])
    defer { asker.close() }
    let ends = try ["predictions", "events.dlq"].map { try asker.watermarks(of: TopicPartition(topic: $0, partition: 0)).high }
    let count = Int(ends.reduce(0, +))
    let deadline = ContinuousClock.now.advanced(by: .seconds(30))
    while reader.outputs.count < count && ContinuousClock.now < deadline { reader.read() }
    return reader.outputs.count
  }

  func expectAllOutputs() throws {
    _ = try outputs()
    let missing = (0..<fed).filter { !reader.sources.contains("events/0/\($0)") }
    #expect(missing.isEmpty, "\(missing.count) of \(fed) records have no output\n\(log.tail)")
  }
}
