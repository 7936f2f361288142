import KafkaClient
import Synchronization

/// How other threads speak to a worker.
final class WorkerControl: Sendable {
  /// Raised by the worker's queues too; it is what the worker sleeps on.
  let wakeup: Wakeup
  /// Where the lane ends, if it runs until drained.
  let drain: DrainGoal?
  /// Whether the worker takes the time of each of its stages.
  let measuresStages: Bool
  private let stopping = Atomic(false)

  init(drain: DrainGoal?, measuresStages: Bool = false) throws(KafkaError) {
    wakeup = try Wakeup()
    self.measuresStages = measuresStages
    self.drain = drain
  }

  var isStopping: Bool { stopping.load(ordering: .acquiring) }

  /// The worker finishes what it has taken, and ends.
  func stop() {
    stopping.store(true, ordering: .releasing)
    wakeup.signal()
  }
}
