import KafkaClient
import Logging
import ServiceLifecycle
import Synchronization

/// Runs the lanes of one configuration until it is told to stop, its lanes are drained, or one of them fails.
public final class Pipeline: Sendable {
  public let lanes: [Lane]
  private let log: Logger
  private let kafka: KafkaProperties
  private let untilDrained: Bool
  private let measuresStages: Bool
  let statistics: [String: [WorkerStatistics]]
  private let state = Mutex(State())

  private struct State {
    var controls: [WorkerControl] = []
    var running = 0
    var isStopping = false
    var fault: LaneFault?
    var started = MonotonicTime.now
    var ended: MonotonicTime?
    var whenDone: CheckedContinuation<Void, Never>?
  }

  /// - Parameters:
  ///   - untilDrained: end when what the topics hold now is scored.
  ///   - measuresStages: take the processor time of each of the workers' stages.
  public init(_ lanes: [Lane], kafka: KafkaSettings, untilDrained: Bool = false, measuresStages: Bool = false, log: Logger) {
    self.lanes = lanes
    self.log = log
    self.kafka = kafka.values
    self.untilDrained = untilDrained
    self.measuresStages = measuresStages
    statistics = Dictionary(
      uniqueKeysWithValues: lanes.map { lane in (lane.name, (0..<lane.workers).map { _ in WorkerStatistics() }) })
  }

  /// A lane's figures so far.
  public func snapshot(of lane: String) -> LaneSnapshot { LaneSnapshot(statistics[lane] ?? []) }

  /// Whether every worker has been given its share of the partitions.
  public var isAssigned: Bool {
    statistics.values.allSatisfy { workers in workers.allSatisfy { $0.value(.rebalances) > 0 } }
  }

  /// Whether all workers have ended, well or not.
  public var hasEnded: Bool { state.withLock { $0.ended != nil } }

  public var report: RunReport {
    let (started, ended) = state.withLock { ($0.started, $0.ended) }
    return RunReport(duration: (ended ?? .now) - started, lanes: statistics.mapValues(LaneSnapshot.init))
  }

  /// The workers finish what they have taken, commit and leave. Any thread; returns at once.
  public func stop() {
    state.withLock { state in
      state.isStopping = true
      for control in state.controls { control.stop() }
    }
  }

  /// Whether the cluster answers and has the topics that the lanes read.
  /// - Throws: `ClusterFault`.
  public func checkCluster() throws {
    _ = try ClusterCheck(kafka, log: ClientLog(log)).goals(of: lanes, untilDrained: false)
  }

  private func start(_ goals: [String: DrainGoal]) throws {
    try state.withLock { state in
      state.started = .now
      for lane in lanes {
        let departure = LaneDeparture(workers: lane.workers)
        for (index, statistics) in statistics[lane.name, default: []].enumerated() {
          let control = try WorkerControl(drain: goals[lane.name], departure: departure, measuresStages: measuresStages)
          if state.isStopping { control.stop() }
          state.controls.append(control)
          state.running += 1
          start(lane, index, control, statistics)
        }
      }
    }
  }

  private func start(_ lane: Lane, _ index: Int, _ control: WorkerControl, _ statistics: WorkerStatistics) {
    var log = log
    log[metadataKey: "lane"] = "\(lane.name)"
    log[metadataKey: "worker"] = "\(index)"
    let workerLog = log
    WorkerThread.start(name: "\(lane.name)-\(index)", nice: lane.nice) {
      defer { control.arriveAtDeparture() }
      do {
        let worker = try Worker(lane, index: index, control: control, statistics: statistics, log: workerLog)
        try worker.run()
        self.ended(nil)
      } catch {
        self.ended(error as? LaneFault ?? LaneFault(lane: lane.name, message: "\(error)"))
      }
    }
  }

  private func ended(_ fault: LaneFault?) {
    if let fault { log.error("lane failed; the others finish what they have taken", metadata: ["error": "\(fault)"]) }
    let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if state.fault == nil { state.fault = fault }
      if fault != nil {
        state.isStopping = true
        for control in state.controls { control.stop() }
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

extension Pipeline: Service {
  /// Checks the cluster, runs the lanes, and returns when all workers have ended.
  /// - Throws: `LaneFault` if a lane failed, `ClusterFault` if the cluster isn't fit to start.
  public func run() async throws {
    let cluster = ClusterCheck(kafka, log: ClientLog(log))
    let goals = try cluster.goals(of: lanes, untilDrained: untilDrained)
    try await withGracefulShutdownHandler {
      try start(goals)
      async let drained: Void = stopWhenDrained(goals, cluster)
      await withCheckedContinuation { continuation in
        let isDone = state.withLock { state in
          if state.running > 0 { state.whenDone = continuation }
          return state.running == 0
        }
        if isDone { continuation.resume() }
      }
      await drained
    } onGracefulShutdown: {
      self.stop()
    }
    if let fault = state.withLock({ $0.fault }) { throw fault }
  }

  /// Ends a lane's workers when its goal is reached; partitions that other processes read count by their committed offsets.
  private func stopWhenDrained(_ goals: [String: DrainGoal], _ cluster: ClusterCheck) async {
    guard untilDrained else { return }
    var ticks = 0
    while state.withLock({ $0.running > 0 && !$0.isStopping }) {
      if goals.values.allSatisfy(\.isReached) { return stop() }
      try? await Task.sleep(for: .milliseconds(20))
      ticks += 1
      if ticks % 100 == 0 {
        for lane in lanes { if let goal = goals[lane.name] { cluster.lookForCommits(of: lane, goal) } }
      }
    }
  }
}
