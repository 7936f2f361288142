import Foundation
import Logging
import Millrace
import ModelRuntime
import ServiceLifecycle
import Testing
import Tracing
import UnixSignals

// docs/how-to/embed.md shows what stands between the marks, to the letter.

// begin example: model
/// The mean of a row's columns, in place of whatever your model does.
final class MeanModel: Model {
  let name = "mean"
  let version = "1"
  let signature = ModelSignature(
    inputs: [TensorSpec(name: "input", elementType: .float32, shape: [nil, 3])],
    outputs: [TensorSpec(name: "score", elementType: .float32, shape: [nil, 1])])

  func makeSession(inputs: InputTensors, outputs: [Int]) throws(ModelError) -> any ModelSession {
    MeanSession(inputs)
  }
}

/// One worker's: no lock, and no memory taken while it runs.
final class MeanSession: ModelSession {
  private let inputs: InputTensors
  private let scores: UnsafeMutablePointer<Float>
  private var rows = 0

  init(_ inputs: InputTensors) {
    self.inputs = inputs
    scores = .allocate(capacity: inputs.capacity)
    scores.initialize(repeating: 0, count: inputs.capacity)
  }

  deinit { scores.deallocate() }

  func run(rows range: Range<Int>) throws(ModelError) {
    let block = inputs.block(0)
    rows = range.count
    for (index, row) in range.enumerated() {
      let columns = (block.base + row * block.rowStride).assumingMemoryBound(to: Float.self)
      scores[index] = (columns[0] + columns[1] + columns[2]) / 3
    }
  }

  func output(_ index: Int) -> OutputTensor {
    OutputTensor(elementType: .float32, rows: rows, elementsPerRow: 1, elements: scores)
  }
}
// end example

// begin example: service
/// The lanes of a file, to be run beside the service's other parts.
func makePipeline(_ file: String, log: Logger) throws -> Pipeline {
  let configuration = try Configuration.load(file)
  let lanes = try LaneCompiler(configuration, models: ["mean": MeanModel()]).lanes()
  return Pipeline(lanes, log: log)
}

func serve(_ file: String) async throws {
  let log = Logger(label: "payments")
  let group = ServiceGroup(
    services: [try makePipeline(file, log: log)],  // and your HTTP server
    gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
  // Returns when SIGTERM has drained the lanes, and throws what made one of them fail.
  try await group.run()
}
// end example

// begin example: dryrun
/// What the lanes of a file make of one event, without Kafka: for tests of the service.
func outcome(of event: String, by file: String) throws -> DryRunOutcome? {
  let dryRun = try DryRun(try Configuration.load(file), models: ["mean": MeanModel()])
  return dryRun.run(DryRunRecord(payload: Array(event.utf8)))
}
// end example

// begin example: tracing
func serve(_ file: String, with tracer: any Tracer) async throws {
  // Once in a process, before the lanes run: a worker asks for it when it starts.
  InstrumentationSystem.bootstrap(tracer)
  try await serve(file)
}
// end example

/// The library in a program of one's own, through what is public.
@Suite struct EmbeddingTests {
  private static let configuration = """
    group: own
    topics: [events]
    kafka: {bootstrap.servers: embedded}
    lanes:
      all: {model: mean}
    models:
      mean:
        path: in this process
        inputs: [{name: input, features: [event.a, event.b, event.c]}]
        outputs: {score: "score[0]"}
    publish: {topic: scores}
    dead_letter: {topic: events.dlq}
    """

  private func load(_ text: String) throws -> Configuration {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString).yaml")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try Configuration.load(file.path)
  }

  @Test(.timeLimit(.minutes(1))) func aModelOfOnesOwnScoresRecords() async throws {
    var configuration = try load(Self.configuration)
    let broker = try #require(try EmbeddedBroker(standingInFor: &configuration))
    defer { broker.close() }
    try produce(#"{"a": 1, "b": 2, "c": 6}"#, to: broker.bootstrapServers)
    let lanes = try LaneCompiler(configuration, models: ["mean": MeanModel()]).lanes()
    let pipeline = Pipeline(lanes, untilDrained: true, log: Logger(label: "test"))
    try await pipeline.run()
    #expect(pipeline.report.predicted == 1)
    #expect(lanes.first?.model is MeanModel)
  }

  @Test func aModelOfOnesOwnAnswersADryRun() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString).yaml")
    try Data(Self.configuration.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let scored = try #require(try outcome(of: #"{"a": 1, "b": 2, "c": 6}"#, by: file.path))
    #expect(
      scored.lane == "all"
        && scored.memberTexts == ["id": "\"events/0/0\"", "score": "3", "model": "\"mean\"", "version": "\"1\"", "lane": "\"all\""])
    let refused = try #require(try outcome(of: #"{"a": 1, "b": "?", "c": 6}"#, by: file.path))
    #expect(refused.prediction == nil && refused.fault?.message.contains("event.b") == true)
  }

  @Test func aModelThatDoesNotFitTheConfigurationIsAFaultAtItsLine() throws {
    let configuration = try load(Self.configuration.replacingOccurrences(of: ", event.c", with: ""))
    #expect {
      _ = try LaneCompiler(configuration, models: ["mean": MeanModel()]).lanes()
    } throws: { error in
      "\(error)".contains(":9:21: error:") && "\(error)".contains("2 features where it takes 3 features")
    }
  }

  /// With a client that is not the library's: whoever embeds it has only what is public.
  private func produce(_ value: String, to bootstrapServers: String) throws {
    let kcat = Process()
    kcat.executableURL = URL(filePath: "/usr/bin/env")
    kcat.arguments = ["kcat", "-P", "-b", bootstrapServers, "-t", "events"]
    let input = Pipe()
    kcat.standardInput = input
    try kcat.run()
    input.fileHandleForWriting.write(Data(value.utf8))
    try input.fileHandleForWriting.close()
    kcat.waitUntilExit()
    try #require(kcat.terminationStatus == 0)
  }
}
