/// Where a worker's thread spends its processor time. Read once a stage and batch, so that the reading costs next to nothing a record;
/// only benchmarks ask for it.
struct StageClock {
  private let statistics: WorkerStatistics
  private var last = MonotonicTime.ofThread

  init(_ statistics: WorkerStatistics) { self.statistics = statistics }

  /// What was used since the last stage was closed belongs to this one.
  mutating func close(_ stage: WorkerStage) {
    let now = MonotonicTime.ofThread
    statistics.add(now - last, to: stage)
    last = now
  }
}

/// The parts of a worker's loop.
public enum WorkerStage: Int, CaseIterable, Sendable {
  /// Taking records from librdkafka.
  case consume
  /// Routing, decoding, features; skipped records too.
  case decode
  /// The model's run.
  case infer
  /// Writing predictions and handing them to the producer.
  case publish
  /// Delivery reports, offsets, commits.
  case settle
}

extension Pipeline {
  /// Processor seconds of all workers by stage; all zero unless the pipeline measures stages.
  public var stageSeconds: [(stage: WorkerStage, seconds: Double)] {
    WorkerStage.allCases.map { stage in
      (stage, statistics.values.joined().reduce(0) { $0 + Double($1.nanoseconds(of: stage)) / 1e9 })
    }
  }
}
