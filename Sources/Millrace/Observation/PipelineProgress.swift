/// How far the lanes have come.
public struct PipelineProgress: Sendable {
  /// Records taken from Kafka, each lane's added up.
  public private(set) var consumed = 0
  /// Records of those that are another lane's.
  public private(set) var skipped = 0
  /// Predictions and dead letters that the broker has acknowledged.
  public private(set) var finished = 0

  /// Records that the lanes are done with.
  public var handled: Int { skipped + finished }

  mutating func add(_ worker: WorkerStatistics) {
    consumed += worker.value(.consumed)
    skipped += worker.value(.skipped)
    finished += worker.value(.predicted)
    for stage in FailureStage.allCases { finished += worker.value(stage.counter) }
  }
}
