import ArgumentParser
import Dispatch
import CEL
import EventDecoding
import Foundation
import Logging
import Millrace
import MillraceOperations

struct RedriveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redrive", abstract: "Move dead letters back into their source topics, or straight through a lane.",
    discussion: """
      It ends at the letters that the topic holds when it starts. What is moved is remembered by the consumer group <group>.redrive, \
      behind acknowledgements: started again, it goes on where it stopped, and what a filter or a limit left is still there. \
      Records that go back to a source topic are read by every lane again; their route decides, as for any record. One redrive at a time.
      """)

  @Argument(help: "The configuration file.") var config: String
  @Option(
    help: ArgumentHelp("Score the letters by this lane, whatever their route, and leave the source topics alone.", valueName: "lane"))
  var through: String?
  @Flag(help: "Say what would be moved, and move nothing.") var dryRun = false
  @Option(help: ArgumentHelp("Move at most so many letters.", valueName: "count")) var limit: Int?
  @Option(help: ArgumentHelp("Move at most so many letters a second.", valueName: "per-second")) var rate: Double?
  @Option(
    help: ArgumentHelp(
      "Move only letters for which this expression (CEL) holds. It reads the dead letter: its value as event, its headers, key, topic.",
      valueName: "expression"))
  var filter: String?
  @Option(help: ArgumentHelp("Leave letters that have been dead-lettered so often.", valueName: "count")) var maxDeliveries = 3
  @Flag(help: "Give the records the present time instead of their own timestamps.") var restamp = false
  @Option(help: .report) var report: ReportFormat?

  func validate() throws {
    guard limit ?? 1 > 0 else { throw ValidationError("--limit must be more than 0") }
    guard rate ?? 1 >= 0.001, rate ?? 1 <= 1e9 else { throw ValidationError("--rate must be from 0.001 to 1000000000") }
    guard maxDeliveries > 0 else { throw ValidationError("--max-deliveries must be more than 0") }
  }

  func run() async throws {
    try await reportingFaults {
      let configuration = try Configuration.load(config)
      if configuration.usesEmbeddedBroker {
        throw ValidationError("bootstrap.servers is 'embedded', and such a broker begins empty: name one that holds dead letters")
      }
      LogStream(configuration.logging).bootstrap()
      var options = RedriveOptions()
      (options.lane, options.isDryRun, options.limit, options.rate) = (through, dryRun, limit, rate)
      (options.filter, options.maxDeliveries, options.restamps) = (filter, maxDeliveries, restamp)
      let redrive: Redrive
      do {
        redrive = try Redrive(configuration, options, log: Logger(label: "millrace"))
      } catch let error as ExpressionError {
        throw ValidationError("--filter: \(error)\n\(error.caret)")
      }
      let watch = Interruption.limitDrain(to: configuration.shutdownTimeout.value) + Interruption.onSignal { redrive.stop() }
      defer { for source in watch { source.cancel() } }
      try await redrive.runOnThread { result in
        for line in result.lines(options) { print(line) }
        if report == .json { printReport(result) }
        fflush(nil)
      }
    }
  }
}

extension Redrive {
  /// Runs the redrive on a thread of its own: it blocks, which a task of Swift's pool must not.
  fileprivate func runOnThread(atEnd: (RedriveReport) -> Void) async throws {
    let (result, failure) = await withCheckedContinuation { continuation in
      Thread {
        var result: RedriveReport?
        do {
          try self.run { result = $0 }
          continuation.resume(returning: (result, nil as (any Error)?))
        } catch {
          continuation.resume(returning: (result, error))
        }
      }.start()
    }
    if let result { atEnd(result) }
    if let failure { throw failure }
  }
}
