import ArgumentParser
import Foundation
import Logging
import Millrace
import MillraceOperations
import ModelRuntime
import ServiceLifecycle
import UnixSignals

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run the lanes of a configuration until interrupted.",
    discussion: "SIGINT or SIGTERM drains: batches are finished, acknowledged and committed. A second one ends it at once.")

  @Argument(help: "The configuration file.") var config: String
  @Option(name: .customLong("lane"), help: "Run only this lane; may be repeated.") var laneNames: [String] = []
  @Flag(help: "End when everything that the topics hold now is scored.") var untilDrained = false
  @Option(help: .report) var report: ReportFormat?

  func run() async throws {
    try await reportingFaults {
      var configuration = try Configuration.load(config)
      let stream = LogStream(configuration.logging)
      stream.bootstrap()
      let log = Logger(label: "millrace")
      let broker = try EmbeddedBroker(standingInFor: &configuration)
      defer { broker?.close() }
      if let broker {
        log.notice("embedded broker started", metadata: ["bootstrap.servers": "\(broker.bootstrapServers)"])
      }
      let compiler = LaneCompiler(broker == nil ? EmbeddedBroker.suiting(configuration) : configuration)
      let lanes = try compiler.lanes(named: laneNames.isEmpty ? nil : laneNames)
      try configuration.checkClients(of: lanes)
      for lane in lanes {
        for case (let model, .unknown(let reason)) in lane.rowProbes {
          log.warning(
            "it is not known whether the model scores the rows of a batch independently",
            metadata: ["lane": "\(lane.name)", "model": "\(model)", "reason": "\(reason)"])
        }
      }
      let pipeline = Pipeline(
        lanes, untilDrained: untilDrained, stallTimeout: configuration.stallTimeout.value,
        shutdownTimeout: configuration.shutdownTimeout.value, log: log)
      let operations = OperationsServer(pipeline, configuration.operations, stream: stream, log: log)
      try await pipeline.runUntilInterrupted(operations, log: log) {
        if report == .json { printReport(pipeline.report) }
      }
    }
  }
}

enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case json
}

extension ArgumentHelp {
  static let report = ArgumentHelp("Print a report at the end, on standard output.", valueName: "json")
}

/// Prints a report on one line, the last on standard output.
func printReport(_ report: some Encodable) {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  if let data = try? encoder.encode(report) { print(String(decoding: data, as: UTF8.self)) }
  fflush(nil)
}

extension Service {
  /// Runs under a service group, which drains it on SIGINT and SIGTERM; the operations end after it.
  /// - Parameters:
  ///   - unfinished: what is left when a second signal ends the drain.
  ///   - atEnd: called when the service has ended, well or not.
  func runUntilInterrupted(
    _ operations: OperationsServer? = nil, log: Logger, unfinished: @escaping @Sendable () -> String, atEnd: () -> Void
  ) async throws {
    // Services end in the reverse order, so whoever asks during a drain still gets an answer.
    let serving = operations.map {
      ServiceGroupConfiguration.ServiceConfiguration(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup)
    }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: (serving.map { [$0] } ?? []) + [.init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
    let watch = Interruption.limitDrain(to: nil, unfinished: unfinished)
    defer {
      for source in watch { source.cancel() }
      atEnd()
    }
    try await group.run()
  }
}

extension Pipeline {
  func runUntilInterrupted(_ operations: OperationsServer? = nil, log: Logger, atEnd: () -> Void) async throws {
    try await runUntilInterrupted(operations, log: log, unfinished: { self.unfinished }, atEnd: atEnd)
  }
}
