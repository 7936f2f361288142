import Foundation
import FoundationNetworking
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
    var embedded = try Configuration.load(try file(brokers: "embedded", port: 1).path)
    let broker = try #require(try EmbeddedBroker(standingInFor: &embedded))
    defer { broker.close() }
    let port = try freePort()
    let file = try file(brokers: broker.bootstrapServers, port: port)
    defer { try? FileManager.default.removeItem(at: file) }
    let group = ServiceGroup(services: try makeServices(file.path), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let running = Task { try await group.run() }
    while (try? await ask(port, "/health/ready").status) != 200 { try await Task.sleep(for: .milliseconds(20)) }
    #expect(try await ask(port, "/health/live").status == 200)
    #expect(try await ask(port, "/metrics").body.contains("millrace_records_consumed_total{lane=\"all\"} 0"))
    #expect(try await ask(port, "/").body.contains("<html"))
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

  private func ask(_ port: Int, _ path: String) async throws -> (status: Int?, body: String) {
    let (data, response) = try await URLSession.shared.data(from: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
    return ((response as? HTTPURLResponse)?.statusCode, String(decoding: data, as: UTF8.self))
  }

  /// A port of this machine on which nobody listens: one that the system gave and took back.
  private func freePort() throws -> Int {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0 }
    }
    try #require(bound)
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
