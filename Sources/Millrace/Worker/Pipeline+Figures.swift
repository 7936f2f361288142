/// What all workers of a pipeline have done so far, and how they are.
extension Pipeline {
  /// How far the lanes have come: a few counters, cheap enough to ask for many times a second.
  public var progress: PipelineProgress {
    var progress = PipelineProgress()
    for worker in statistics.values.joined() { progress.add(worker) }
    return progress
  }

  /// A lane's figures so far.
  public func snapshot(of lane: String) -> LaneSnapshot { LaneSnapshot(statistics[lane] ?? []) }

  /// How the lanes do, in their order, as of at most a second ago. Any thread.
  public var health: [LaneHealth] { watchdog.health }

  /// What has not been finished, in words; empty once the lanes have ended.
  public var unfinished: String { watchdog.unfinished(at: .now) }

  /// How a lane is: its partitions, health, last errors and dead letters. nil: there is no such lane.
  public func status(of lane: String) -> LaneStatus? {
    statistics[lane].map { LaneStatus(lane, $0, health: health.first { $0.lane == lane }, isPaused: isPaused(lane)) }
  }

  /// Whether every worker has been given its share of the partitions.
  public var isAssigned: Bool {
    statistics.values.allSatisfy { workers in workers.allSatisfy { $0.value(.rebalances) > 0 } }
  }

  /// Processor seconds of all workers by phase of their loop; all zero unless the pipeline measures them.
  package var phaseSeconds: [(phase: LoopPhase, seconds: Double)] {
    LoopPhase.allCases.map { phase in
      (phase, statistics.values.joined().reduce(0) { $0 + Double($1.nanoseconds(of: phase)) / 1e9 })
    }
  }
}
