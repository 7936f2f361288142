/// Where a worker's thread spends its processor time. Read once a phase and batch, so that the reading costs next to nothing a record;
/// only benchmarks ask for it. One thread.
final class LoopClock {
  private let statistics: WorkerStatistics
  private var last = MonotonicTime.ofThread

  init(_ statistics: WorkerStatistics) { self.statistics = statistics }

  /// What was used since the last phase was closed belongs to this one.
  func close(_ phase: LoopPhase) {
    let now = MonotonicTime.ofThread
    statistics.add(now - last, to: phase)
    last = now
  }
}

/// The parts of a worker's loop.
package enum LoopPhase: Int, CaseIterable, Sendable {
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
