import Foundation
import KafkaClient
import Logging
import Millrace
import Synchronization
import Testing

@testable import MillraceOperations

/// Two lanes over a small model, their operations on a free port, and what they log.
struct OperationsRig {
  static let token = "planted-token-0123456789"
  static let password = "planted-password-9876543210"

  let pipeline: Pipeline
  let stream: LogStream
  let lines = CapturedLines()
  let configuration: Configuration
  private static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("ModelRuntimeTests/Models").path

  /// - Parameters:
  ///   - kafka: properties, as YAML; without any the pipeline can't run.
  ///   - address: nil leaves it out of the configuration.
  init(
    kafka: String = "bootstrap.servers: '127.0.0.1:1'", token: String? = OperationsRig.token, address: String? = "127.0.0.1:0",
    untilDrained: Bool = false
  ) throws {
    let operations = [address.map { "address: '\($0)'" }, token.map { "token: '\($0)'" }].compactMap { $0 }.joined(separator: ", ")
    let text = """
      group: fraud
      topics: [transactions]
      kafka: {\(kafka)}
      routes: [{lane: urgent, when: 'event.a > 10'}, {lane: bulk}]
      lanes: {urgent: {model: fraud}, bulk: {model: fraud, max_batch_size: 8, max_delay: 5ms}}
      models:
        fraud:
          path: \(Self.models)/matrix.onnx
          inputs: [{name: input, features: [event.a, event.b, event.c]}]
          outputs: {sum: sum, twice: doubled}
      publish: {topic: predictions}
      dead_letter: {topic: transactions.dlq}
      operations: {\(operations)}
      logging: {level: debug}
      """
    configuration = try Configuration.parse(text, file: "config/test.yaml")
    stream = LogStream(level: .debug, format: .text, write: lines.append)
    pipeline = Pipeline(
      try LaneCompiler(configuration).lanes(), untilDrained: untilDrained, log: stream.logger("millrace"))
  }

  /// Serves until the body has ended; it gets the port.
  func serving(_ limits: RequestLimits = RequestLimits(), _ body: @Sendable (Int) async throws -> Void) async throws {
    let (ports, announce) = AsyncStream.makeStream(of: Int.self)
    let server = try #require(
      OperationsServer(pipeline, configuration.operations, stream: stream, log: stream.logger("operations"), limits: limits) { url in
        announce.yield(Int(url.split(separator: ":").last ?? "") ?? 0)
      })
    let running = Task { try await server.run() }
    var iterator = ports.makeAsyncIterator()
    let port = try #require(await iterator.next())
    do {
      try await body(port)
    } catch {
      running.cancel()
      throw error
    }
    running.cancel()
    _ = await running.result
  }
}

/// Log lines of any thread.
final class CapturedLines: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  @Sendable func append(_ line: String) { lines.withLock { $0.append(line) } }
}
