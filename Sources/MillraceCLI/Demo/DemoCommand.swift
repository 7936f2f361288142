import ArgumentParser
import Foundation
import KafkaClient
import Logging
import Millrace
import MillraceOperations

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Generate card payments and watch them being routed, scored and published.",
    discussion: "Runs the same pipeline as `millrace run`, on the embedded broker unless the configuration names another.")

  @Argument(help: "The configuration file.") var config = "config/fraud.yaml"
  @Option(help: "How long to run.") var seconds = 30.0
  @Option(help: "Payments per second.") var rate = 2_000
  @Option(help: .report) var report: ReportFormat?
  @Option(help: "Print so many payments as JSON lines instead, without Kafka: the data that the model was trained on.")
  var events: Int?

  func validate() throws {
    guard seconds > 0 else { throw ValidationError("--seconds must be more than 0") }
    guard (1...10_000_000).contains(rate) else { throw ValidationError("--rate must be from 1 to 10000000") }
    guard events ?? 0 >= 0 else { throw ValidationError("--events must not be negative") }
  }

  func run() async throws {
    if let events { return printEvents(events) }
    try await reportingFaults {
      var configuration = try Configuration.load(config)
      let stream = LogStream(configuration.logging)
      // The screen shows what the log would say.
      if stream.level < .warning && configuration.logging.level.value == .info { stream.level = .warning }
      stream.bootstrap()
      let log = Logger(label: "millrace")
      let broker = try EmbeddedBroker(standingInFor: &configuration)
      defer { broker?.close() }
      let lanes = try LaneCompiler(configuration).lanes()
      try configuration.checkClients(of: lanes)
      let pipeline = Pipeline(lanes, shutdownTimeout: configuration.shutdownTimeout.value, log: log)
      let traffic = try Traffic(
        topic: configuration.allTopics[0], kafka: configuration.kafka, rate: rate, duration: .seconds(seconds))
      let place = broker.map { "the embedded broker, \($0.bootstrapServers)" } ?? "the configured cluster"
      print("\(rate) payments a second for \(seconds.formatted()) s, by \(configuration.file), on \(place)")
      let screen = DemoScreen(pipeline)
      let watching = Task {
        // The group's first join takes some seconds; payments start when every lane has its partitions.
        while !pipeline.isAssigned && !Task.isCancelled { try await Task.sleep(for: .milliseconds(50)) }
        traffic.start()
        while !traffic.isFinished && !Task.isCancelled {
          try await Task.sleep(for: .seconds(1))
          screen.redraw()
        }
        try await Task.sleep(for: .milliseconds(500))
        pipeline.stop()
      }
      defer {
        watching.cancel()
        traffic.close()
      }
      let operations = OperationsServer(pipeline, configuration.operations, stream: stream, log: log) { url in
        print("dashboard: \(url)")
        fflush(nil)
      }
      try await pipeline.runUntilInterrupted(operations, log: log) {
        screen.redraw()
        print("\(traffic.sent) payments sent; predictions are in topic \(configuration.publish.topic.value)")
        if report == .json { printReport(pipeline.report) }
      }
    }
  }

  private func printEvents(_ count: Int) {
    var generator = TransactionGenerator(seed: 1)
    var buffer: [UInt8] = []
    for _ in 0..<count {
      _ = generator.next(into: &buffer)
      buffer.append(UInt8(ascii: "\n"))
      if buffer.count > 1 << 16 {
        FileHandle.standardOutput.write(Data(buffer))
        buffer.removeAll(keepingCapacity: true)
      }
    }
    FileHandle.standardOutput.write(Data(buffer))
  }
}
