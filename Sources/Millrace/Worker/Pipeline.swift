import KafkaClient
import Logging
import ServiceLifecycle
import Synchronization

/// Runs the lanes of one configuration until it is told to stop, its lanes are drained, or one of them fails.
public final class Pipeline: Sendable {
  /// The lanes that it runs.
  public let lanes: [Lane]
  let log: Logger
  let untilDrained: Bool
  let replay: ReplaySession?
  let limits: OutputLimits?
  private let measuresPhases: Bool
  private let wallClockMs: @Sendable () -> Int64
  let statistics: [String: [WorkerStatistics]]
  let watchdog: Watchdog
  private let shutdownTimeout: Duration?
  private let state = Mutex(State())

  private struct State {
    var controls: [WorkerControl] = []
    var controlsByLane: [String: [WorkerControl]] = [:]
    var pausedLanes: Set<String> = []
    var running = 0
    var stoppingSince: MonotonicTime?
    var isStopping: Bool { stoppingSince != nil }
    /// What was left when the drain took too long.
    var unfinished: String?
    var fault: LaneFault?
    var started = MonotonicTime.now
    var ended: MonotonicTime?
    var whenDone: CheckedContinuation<Void, Never>?
  }

  /// Makes a pipeline; `run` starts it.
  /// - Parameters:
  ///   - lanes: as `LaneCompiler` gives them.
  ///   - untilDrained: end when what the topics hold now is scored.
  ///   - stallTimeout: how long a partition with work may stand still before its lane's health says so.
  ///   - shutdownTimeout: how long the lanes may take to end once they are told to; nil: as long as they need.
  ///   - log: where they say what they do.
  public convenience init(
    _ lanes: [Lane], untilDrained: Bool = false, stallTimeout: Duration = .seconds(60), shutdownTimeout: Duration? = nil, log: Logger
  ) {
    self.init(
      lanes, untilDrained: untilDrained, replay: nil, stallTimeout: stallTimeout, shutdownTimeout: shutdownTimeout, measuresPhases: false,
      log: log)
  }

  /// - Parameters:
  ///   - replay: what the lane reads instead of following its topics; it ends there.
  ///   - limits: of the topics that the lanes write; nil: the brokers are asked.
  ///   - measuresPhases: take the processor time of each phase of the workers' loop.
  ///   - wallClockMs: the time of day, in milliseconds since 1970, by which lanes keep their hours.
  package init(
    _ lanes: [Lane], untilDrained: Bool = false, replay: ReplaySession? = nil,
    stallTimeout: Duration = .seconds(60), shutdownTimeout: Duration? = nil, limits: OutputLimits? = nil, measuresPhases: Bool, log: Logger,
    wallClockMs: @escaping @Sendable () -> Int64 = { MonotonicTime.wallClockMs }
  ) {
    self.lanes = lanes
    self.log = log
    self.untilDrained = untilDrained || replay != nil
    self.replay = replay
    self.limits = limits
    self.measuresPhases = measuresPhases
    self.wallClockMs = wallClockMs
    statistics = Dictionary(
      uniqueKeysWithValues: lanes.map { lane in (lane.name, (0..<lane.workers).map { _ in WorkerStatistics() }) })
    self.shutdownTimeout = shutdownTimeout
    watchdog = Watchdog(lanes, statistics, stallTimeout: stallTimeout, log: log)
  }

  /// Whether a lane was paused, and not resumed.
  public func isPaused(_ lane: String) -> Bool { state.withLock { $0.pausedLanes.contains(lane) } }

  /// Pauses or resumes a lane. One that is paused takes no more records; its workers keep their partitions. Any thread; returns at once.
  /// - Returns: false where there is no such lane.
  @discardableResult
  public func setPaused(_ isPaused: Bool, lane: String) -> Bool {
    guard statistics[lane] != nil else { return false }
    state.withLock { state in
      if isPaused { state.pausedLanes.insert(lane) } else { state.pausedLanes.remove(lane) }
      for control in state.controlsByLane[lane] ?? [] { control.setPaused(isPaused) }
    }
    log.notice("lane steered", metadata: ["lane": "\(lane)", "state": isPaused ? "paused" : "running"])
    return true
  }

  /// Whether the workers run and have not been told to stop.
  public var isRunning: Bool { state.withLock { $0.running > 0 && !$0.isStopping } }

  /// What ended the run, if it failed.
  public var fault: LaneFault? { state.withLock { $0.fault } }

  /// Whether all workers have ended, well or not.
  public var hasEnded: Bool { state.withLock { $0.ended != nil } }

  /// The figures of the run so far, or of all of it once it has ended.
  public var report: RunReport {
    let (started, ended) = state.withLock { ($0.started, $0.ended) }
    return RunReport(duration: (ended ?? .now) - started, lanes: statistics.mapValues(LaneSnapshot.init))
  }

  /// Tells the workers to finish what they have taken, to commit and to leave. Any thread; returns at once.
  public func stop() {
    state.withLock { state in
      if !state.isStopping { state.stoppingSince = .now }
      for control in state.controls { control.stop() }
    }
  }

  private func start(_ goals: [String: DrainGoal], _ limits: OutputLimits) throws {
    let tracer = BatchTracing.tracer
    try state.withLock { state in
      state.started = .now
      for lane in lanes {
        let departure = LaneDeparture(workers: lane.workers)
        for (index, statistics) in statistics[lane.name, default: []].enumerated() {
          let control = try WorkerControl(
            drain: goals[lane.name], replay: replay, limits: limits, departure: departure, measuresPhases: measuresPhases, tracer: tracer,
            wallClockMs: wallClockMs)
          if state.isStopping { control.stop() }
          state.controls.append(control)
          state.controlsByLane[lane.name, default: []].append(control)
          if state.pausedLanes.contains(lane.name) { control.setPaused(true) }
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
        if !state.isStopping { state.stoppingSince = .now }
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
  /// - Throws: `LaneFault` if a lane failed, `ClusterFault` if the cluster isn't fit to start, `DrainFault` if the lanes did not end in
  ///   time.
  public func run() async throws {
    let answers = try askCluster()
    let goals = answers.goals
    try await withGracefulShutdownHandler {
      try start(goals, answers.limits)
      async let drained: Void = stopWhenDrained(goals)
      async let _: Void = watch()
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
    let (fault, unfinished) = state.withLock { ($0.fault, $0.unfinished) }
    if let unfinished { throw DrainFault(cause: fault, unfinished: unfinished, timeout: shutdownTimeout ?? .zero) }
    if let fault { throw fault }
  }

  /// Takes the workers' pulses, and limits a drain.
  private func watch() async {
    let interval = min(watchdog.interval, max(.milliseconds(10), (shutdownTimeout ?? .seconds(1)) / 4))
    while state.withLock({ $0.running > 0 && $0.unfinished == nil }), !Task.isCancelled {
      try? await Task.sleep(for: interval)
      let now = MonotonicTime.now
      watchdog.look(at: now)
      let stoppingSince = state.withLock(\.stoppingSince)
      if let shutdownTimeout, let stoppingSince, now - stoppingSince >= shutdownTimeout { giveUp() }
    }
  }

  /// Ends the run without the workers that hang: their threads live on until the process ends.
  private func giveUp() {
    let unfinished = unfinished
    let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.running > 0 else { return nil }
      state.unfinished = unfinished
      state.ended = .now
      defer { state.whenDone = nil }
      return state.whenDone
    }
    continuation?.resume()
  }

  /// Ends a lane's workers when its goal is reached; partitions that other processes read count by their committed offsets.
  private func stopWhenDrained(_ goals: [String: DrainGoal]) async {
    guard untilDrained else { return }
    var ticks = 0
    while state.withLock({ $0.running > 0 && !$0.isStopping }) {
      if goals.values.allSatisfy(\.isReached) { return stop() }
      try? await Task.sleep(for: .milliseconds(20))
      ticks += 1
      if ticks % 100 == 0 {
        for lane in lanes { if let goal = goals[lane.name] { lookForCommits(of: lane, goal) } }
      }
    }
  }
}
