import ArgumentParser
import Foundation
import Logging
import Millrace
import MillraceOperations

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Score a range of what the topics hold again, beside the live lanes.",
    discussion: """
      Reads as the group <group>.replay.<NAME> and writes to topics of its own. Stopped or killed, the same command goes on where it \
      was; several processes with one name share the partitions. With --against nothing is written: both models score every record, \
      and the report says what would change.
      """)

  @Argument(help: "The configuration file.") var config: String
  @Option(help: "The replay's name; whoever gives the same one goes on with it.") var name: String
  @OptionGroup var range: ReplayRangeOptions
  @Option(help: ArgumentHelp("Publish here instead of <publish topic>.replay.<NAME>.", valueName: "topic")) var output: String?
  @Flag(help: "Publish to the live topics.") var intoLive = false
  @Option(help: ArgumentHelp("At most so many records a second, for example 500/s.", valueName: "n/s")) var rate: RateArgument?
  @Option(help: ArgumentHelp("Keep the spacing of the records' timestamps: original, or 10x as fast.", valueName: "pace"))
  var pace: PaceArgument?
  @OptionGroup(title: "Comparison") var comparison: ComparisonArguments
  @Flag(help: "Begin again, also where the name has been begun or finished.") var restart = false
  @Flag(help: "Say what would be read, and change nothing.") var dryRun = false
  @Option(help: .report) var report: ReportFormat?

  func validate() throws {
    if rate != nil && pace != nil { throw ValidationError("--rate and --pace exclude each other") }
    try comparison.validate(output: output, intoLive: intoLive, pace: pace != nil, restart: restart)
    if restart && dryRun { throw ValidationError("--restart and --dry-run exclude each other") }
  }

  func run() async throws {
    try await reportingFaults {
      do {
        try await replay()
      } catch let fault as ReplayFault where fault.isUsage {
        throw ValidationError(fault.description)
      }
    }
  }

  private func replay() async throws {
    let configuration = try Configuration.load(config)
    LogStream(configuration.logging).bootstrap()
    if configuration.usesEmbeddedBroker {
      throw ValidationError("bootstrap.servers is 'embedded', and such a broker begins empty: name one that holds something to replay")
    }
    let log = Logger(label: "millrace")
    if let options = comparison.options, !dryRun { return try await compare(configuration, options, log) }
    let replay = try Replay(configuration, settings, start: dryRun ? .dryRun : restart ? .restart : .resume, log: log)
    if dryRun { return printPlan(replay) }
    if replay.isFinished && replay.isResumed {
      printError("replay \(name) is finished: nothing is left of its range; --restart begins again")
      if report == .json { printReport(replay.report(replay.makePipeline())) }
      return
    }
    let pipeline = replay.makePipeline()
    let bar = ReplayBar(replay.session) { pipeline.lanes.reduce(0) { $0 + pipeline.snapshot(of: $1.name).consumed } }
    let drawing = Task { await bar.run() }
    try await pipeline.runUntilInterrupted(log: log) {
      drawing.cancel()
      bar.finish()
      if report == .json { printReport(replay.report(pipeline)) }
    }
  }

  private func compare(_ configuration: Configuration, _ options: ComparisonOptions, _ log: Logger) async throws {
    let comparison = try Comparison(configuration, settings, options, log: log)
    let bar = ReplayBar(comparison.session) { comparison.read }
    let drawing = Task { await bar.run() }
    try await comparison.runUntilInterrupted(log: log, unfinished: { "the comparison" }) {
      drawing.cancel()
      bar.finish()
    }
    try self.comparison.write(comparison.report, asJSON: report == .json)
  }

  private var settings: ReplaySettings {
    var settings = range.settings(name: name)
    settings.output = output
    settings.intoLive = intoLive
    if let rate { settings.pace = .rate(rate.perSecond) }
    if let pace { settings.pace = .original(speed: pace.speed) }
    return settings
  }

  private func printPlan(_ replay: Replay) {
    var total: Int64 = 0
    for (place, share) in replay.shares.sorted(by: { $0.key < $1.key }) {
      total += share.left
      print("\(place)  from \(share.next)  to \(share.range.to)  \(share.left)")
    }
    print("at most \(total) records, into \(replay.predictionTopic) and \(replay.deadLetterTopic), as group \(replay.group)")
    if replay.isResumed { print("the name has been begun: this is what is left of it") }
    fflush(nil)
  }
}

/// The options that say what is read, the same for a replay and for a comparison.
struct ReplayRangeOptions: ParsableArguments {
  @Option(name: .customLong("topic"), help: "Only this topic; may be repeated.") var topics: [String] = []
  @Option(help: ArgumentHelp("The first record: \(ReplayBound.forms).", valueName: "bound")) var from: BoundArgument?
  @Option(help: ArgumentHelp("Where to end, not included; in the same forms. Fixed at the start.", valueName: "bound"))
  var to: BoundArgument?
  @Option(help: ArgumentHelp("Only these partitions, for example 0,2-5.", valueName: "numbers")) var partitions: PartitionsArgument?
  @Option(name: .customLong("lane"), help: "Only this lane's records; may be repeated.") var lanes: [String] = []
  @Option(help: ArgumentHelp("Only records for which this holds, for example 'event.amount > 100.0'.", valueName: "expression"))
  var filter: String?
  @Option(help: "Score with this model of the configuration instead of each lane's own.") var model: String?

  func settings(name: String) -> ReplaySettings {
    var settings = ReplaySettings(name: name)
    settings.topics = topics
    if let from { settings.from = (from.text, from.bound) }
    if let to { settings.to = (to.text, to.bound) }
    settings.partitions = partitions?.selection
    settings.lanes = lanes
    settings.filter = filter
    settings.model = model
    return settings
  }
}
