import KafkaClient
import Logging
import ServiceLifecycle
import Synchronization

/// A comparison of two models on the same records: scores a range with both and says what would change. Publishes and commits nothing, so
/// there is nothing to resume.
package final class Comparison: Sendable {
  struct Setup: Sendable {
    /// The lanes with their own models, and then with the other one, in the same order.
    let lanesA: [Lane]
    let lanesB: [Lane]
    let options: ComparisonOptions
  }

  package let settings: ReplaySettings
  /// How far the reading is.
  package let session: ReplaySession
  let setup: Setup
  private let log: Logger
  private let state: Mutex<State>

  private struct State {
    var tally: ComparisonTally
    var running = 0
    var isStopping = false
    var fault: (any Error)?
    var started = MonotonicTime.now
    var ended: MonotonicTime?
    var whenDone: CheckedContinuation<Void, Never>?
  }

  /// Compiles the lanes with either model and fixes the ranges. Asks the cluster, and blocks meanwhile.
  /// - Throws: `ConfigurationError`, `ReplayFault`, or `ClusterFault` where the cluster doesn't answer.
  package init(_ configuration: Configuration, _ settings: ReplaySettings, _ options: ComparisonOptions, log: Logger) throws {
    self.settings = settings
    self.log = log
    guard configuration.model(named: options.against) != nil else {
      let known = configuration.models.map(\.name.value).joined(separator: ", ")
      throw ReplayFault("there is no model '\(options.against)'; models: \(known)", isUsage: true)
    }
    try ReplaySelection.check("--by", options.by)
    try ReplaySelection.check("--label", options.label)
    let selection = try ReplaySelection(configuration, settings)
    let members = [("by", options.by), ("label", options.label)].compactMap { name, source in source.map { (name, $0) } }
    let names = selection.lanes.map(\.name.value)
    func lanes(_ model: String?) throws -> [Lane] {
      var variant = selection.variant
      variant.model = model
      variant.members = members
      return try LaneCompiler(configuration, variant: variant).lanes(named: names)
    }
    setup = Setup(lanesA: try lanes(settings.model), lanesB: try lanes(options.against), options: options)
    try configuration.checkClients(of: setup.lanesA)
    for (a, b) in zip(setup.lanesA, setup.lanesB) { _ = try ScoreOutput.pair(a, b, named: options.score) }
    let properties = configuration.kafkaSettings(of: selection.lanes[0]).values
    let admin = try KafkaAdmin(properties, log: ClientLog(log).write)
    defer { admin.close() }
    let partitions = try ClusterFault.naming(properties) { try selection.partitions(by: admin) }
    let ranges = try RangeResolver(from: settings.from.bound, to: settings.to.bound).ranges(
      of: partitions, by: ClusterLookup(admin: admin, properties: properties, group: selection.variant.group, log: log))
    session = ReplaySession(settings, shares: ranges.mapValues { ReplayShare($0, committed: $0.from) }, otherLanes: [], workers: 0)
    state = Mutex(State(tally: ComparisonTally(threshold: options.threshold)))
  }

  /// How many records were read so far, counted as offsets.
  package var read: Int { session.shares.values.reduce(0) { $0 + Int($1.next - $1.range.from) } }

  package var report: ComparisonReport {
    state.withLock { ComparisonReport(self, $0.tally, duration: ($0.ended ?? .now) - $0.started) }
  }

  package func stop() { state.withLock { $0.isStopping = true } }

  private var isStopping: Bool { state.withLock { $0.isStopping } }

  private func start() {
    let left = session.shares.filter { !$0.value.isDone }.sorted { $0.value.left > $1.value.left }
    let workers = min(left.count, setup.lanesA.map(\.workers).max() ?? 1)
    state.withLock {
      $0.started = .now
      $0.running = workers
      if workers == 0 { $0.ended = .now }
    }
    for worker in 0..<workers {
      // Dealt out by size, so that each has about as much.
      let own = left.enumerated().filter { $0.offset % workers == worker }.map(\.element)
      let shares = Dictionary(uniqueKeysWithValues: own.map { ($0.key, $0.value) })
      WorkerThread.start(name: "compare-\(worker)", nice: 10) {
        do {
          let reader = try ComparisonReader(self.setup, shares: shares, session: self.session, index: worker, log: self.log)
          self.ended(try reader.run { self.isStopping }, nil)
        } catch {
          self.ended(nil, error)
        }
      }
    }
  }

  private func ended(_ tally: ComparisonTally?, _ fault: (any Error)?) {
    let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if let tally { state.tally.merge(tally) }
      if let fault {
        state.fault = state.fault ?? fault
        state.isStopping = true
      }
      state.running -= 1
      guard state.running == 0 else { return nil }
      state.ended = .now
      defer { state.whenDone = nil }
      return state.whenDone
    }
    continuation?.resume()
  }
}

extension Comparison: Service {
  /// Reads the ranges, and returns when they are done or it was told to stop.
  package func run() async throws {
    await withGracefulShutdownHandler {
      start()
      await withCheckedContinuation { continuation in
        let isDone = state.withLock { state in
          if state.running > 0 { state.whenDone = continuation }
          return state.running == 0
        }
        if isDone { continuation.resume() }
      }
    } onGracefulShutdown: {
      self.stop()
    }
    if let fault = state.withLock({ $0.fault }) { throw fault }
  }
}
