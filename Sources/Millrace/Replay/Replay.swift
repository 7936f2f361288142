import KafkaClient
import Logging
import ModelRuntime

/// A replay of one configuration, planned: what it reads, how far it is, and the pipeline that does the rest.
package struct Replay {
  package enum Start: Sendable {
    /// Goes on where the name was stopped, or begins.
    case resume
    /// Begins again.
    case restart
    /// Says what would be read, and changes nothing.
    case dryRun
  }

  package let settings: ReplaySettings
  package let group: String
  package let predictionTopic: String
  package let deadLetterTopic: String
  /// As they stood when the replay was planned.
  package let shares: [TopicPartition: ReplayShare]
  /// The name has been begun before.
  package let isResumed: Bool
  package let session: ReplaySession
  private let lane: Lane
  private let shutdownTimeout: Duration
  private let log: Logger

  /// Asks the cluster, and blocks meanwhile.
  /// - Throws: `ConfigurationError`, `ReplayFault`, or `ClusterFault` where the cluster doesn't answer.
  package init(_ configuration: Configuration, _ settings: ReplaySettings, start: Start, log: Logger) throws {
    try self.init(configuration, settings, start: start, log: log, wrap: { $0 })
  }

  /// - Parameter wrap: puts something between the lanes and their models: for tests.
  init(
    _ configuration: Configuration, _ settings: ReplaySettings, start: Start, log: Logger, wrap: @escaping (any Model) -> any Model
  ) throws {
    self.settings = settings
    self.log = log
    let selection = try ReplaySelection(configuration, settings)
    let variant = selection.variant
    group = variant.group
    predictionTopic = variant.predictionTopic
    deadLetterTopic = variant.deadLetterTopic
    let names = selection.lanes.map(\.name.value)
    var compiler = LaneCompiler(configuration, variant: variant)
    compiler.wrap = wrap
    var lanes = try compiler.lanes(named: names)
    // The one whose workers and client settings serve all is the one that was made for throughput.
    let main = lanes.indices.max { selection.lanes[$0].maxBatchSize.value < selection.lanes[$1].maxBatchSize.value } ?? 0
    lane = lanes.remove(at: main)
    try configuration.checkClients(of: [lane])
    shutdownTimeout = configuration.shutdownTimeout.value

    let properties = configuration.kafkaSettings(of: selection.lanes[main]).values
    let admin = try KafkaAdmin(properties, log: ClientLog(log).write)
    defer { admin.close() }
    let partitions = try ClusterFault.naming(properties) { try selection.partitions(by: admin) }
    let planner = ReplayPlanner(group: group, fingerprint: settings.fingerprint, kafka: properties, log: ClientLog(log))
    if start != .restart, case .begun(let shares) = try planner.state(of: partitions) {
      self.shares = shares
      isResumed = true
    } else {
      let ranges = try RangeResolver(from: settings.from.bound, to: settings.to.bound).ranges(
        of: partitions, by: ClusterLookup(admin: admin, properties: properties, group: group, log: log))
      isResumed = false
      if start == .dryRun {
        shares = ranges.mapValues { ReplayShare($0, committed: $0.from) }
      } else {
        shares = try planner.keep(ranges, restarting: start == .restart)
      }
    }
    if start != .dryRun { try selection.createOutputs(by: admin, log: log) }
    session = ReplaySession(settings, shares: shares, otherLanes: lanes, workers: lane.workers)
  }

  /// Everything was done before.
  package var isFinished: Bool { shares.values.allSatisfy(\.isDone) }

  /// Reads the ranges and ends. One pipeline a replay.
  /// - Parameter measuresPhases: as in `Pipeline`.
  package func makePipeline(measuresPhases: Bool = false) -> Pipeline {
    Pipeline([lane], replay: session, shutdownTimeout: shutdownTimeout, measuresPhases: measuresPhases, log: log)
  }

  package func report(_ pipeline: Pipeline) -> ReplayReport {
    ReplayReport(self, run: pipeline.report, main: pipeline.snapshot(of: lane.name), mainLane: lane.name)
  }
}
