/// How far the lanes have come: a few counters, cheap enough to ask for many times a second.
public struct PipelineProgress: Sendable {
  public internal(set) var consumed = 0
  public internal(set) var skipped = 0
  /// Predictions and dead letters that the broker has acknowledged.
  public internal(set) var finished = 0

  /// Records that the lanes are done with.
  public var handled: Int { skipped + finished }
}

extension Pipeline {
  public var progress: PipelineProgress {
    var progress = PipelineProgress()
    for worker in statistics.values.joined() {
      progress.consumed += worker.value(.consumed)
      progress.skipped += worker.value(.skipped)
      progress.finished += worker.value(.predicted)
      for stage in FailureStage.allCases { progress.finished += worker.value(stage.counter) }
    }
    return progress
  }
}
