/// What all workers of a pipeline have done so far.
extension Pipeline {
  /// A few counters, cheap enough to ask for many times a second.
  public var progress: PipelineProgress {
    var progress = PipelineProgress()
    for worker in statistics.values.joined() { progress.add(worker) }
    return progress
  }

  /// Processor seconds of all workers by phase of their loop; all zero unless the pipeline measures them.
  public var stageSeconds: [(stage: LoopPhase, seconds: Double)] {
    LoopPhase.allCases.map { phase in
      (phase, statistics.values.joined().reduce(0) { $0 + Double($1.nanoseconds(of: phase)) / 1e9 })
    }
  }
}
