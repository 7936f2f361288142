import Foundation
import KafkaClient
import Logging
import Millrace
import MillraceOperations
import ServiceLifecycle
import Testing

// docs/how-to/embed.md shows what stands between the marks, to the letter.

// begin example: operations
/// The lanes of a file with their metrics, health and dashboard, which are served at the file's `operations.address`.
func makeServices(_ file: String) throws -> [any Service] {
  let configuration = try Configuration.load(file)
  // Where the lanes log, as the file's `logging` says; its level can be changed over HTTP.
  let stream = LogStream(configuration.logging)
  let log = stream.logger("payments")
  let pipeline = Pipeline(
    try LaneCompiler(configuration).lanes(), stallTimeout: configuration.stallTimeout.value,
    shutdownTimeout: configuration.shutdownTimeout.value, log: log)
  // nil where the file says `operations: {address: off}`.
  let operations = OperationsServer(pipeline, configuration.operations, stream: stream, log: log)
  // Services end in the reverse order: whoever asks during a drain still gets an answer.
  let services: [(any Service)?] = [operations, pipeline]
  return services.compactMap(\.self)
}
// end example

/// The operations in a program of one's own, through what is public.
@Suite(.timeLimit(.minutes(1))) struct EmbeddedOperationsTests {
  private func file(brokers: String, port: Int) throws -> URL {
    let models = URL(filePath: #filePath).appending(path: "../../ModelRuntimeTests/Models").standardized.path
    let file = FileManager.default.temporaryDirectory.appending(path: "millrace-\(UUID().uuidString).yaml")
    try Data(
      """
      group: own
      topics: [events]
      kafka: {bootstrap.servers: '\(brokers)'}
      lanes: {all: {model: matrix}}
      models:
        matrix:
          path: \(models)/matrix.onnx
          inputs: [{name: input, features: [event.a, event.b, event.c]}]
          outputs: {sum: sum}
      publish: {topic: scores}
      dead_letter: {topic: events.dlq}
      operations: {address: '127.0.0.1:\(port)'}
      logging: {level: error}
      """.utf8
    ).write(to: file)
    return file
  }

  @Test func aServiceOfOnesOwnServesMetricsHealthAndDashboard() async throws {
    let cluster = try MockCluster()
    defer { cluster.close() }
    for topic in ["events", "scores", "events.dlq"] { try cluster.createTopic(topic, partitions: 1) }
    let port = try RawClient.freePort()
    let file = try file(brokers: cluster.bootstrapServers, port: port)
    defer { try? FileManager.default.removeItem(at: file) }
    let group = ServiceGroup(services: try makeServices(file.path), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let running = Task { try await group.run() }
    while (try? RawClient.ask(port, "GET", "/health/ready").status) != 200 { try await Task.sleep(for: .milliseconds(20)) }
    #expect(try RawClient.ask(port, "GET", "/health/live").status == 200)
    #expect(try RawClient.ask(port, "GET", "/metrics").body.contains("millrace_records_consumed_total{lane=\"all\"} 0"))
    #expect(try RawClient.ask(port, "GET", "/").body.contains("<html"))
    await group.triggerGracefulShutdown()
    try await running.value
  }

  @Test func aFileThatTurnsThemOffRunsItsLanesAlone() throws {
    let file = try file(brokers: "127.0.0.1:9", port: 1)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(try makeServices(file.path).count == 2)
    let text = try String(contentsOf: file, encoding: .utf8).replacing("'127.0.0.1:1'", with: "off")
    try Data(text.utf8).write(to: file)
    #expect(try makeServices(file.path).count == 1)
  }
}
