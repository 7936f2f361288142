import KafkaClient
import Synchronization

/// How other threads speak to a worker.
final class WorkerControl: Sendable {
  /// Raised by the worker's queues too; it is what the worker sleeps on.
  let wakeup: Wakeup
  /// Where the lane ends, if it runs until drained.
  let drain: DrainGoal?
  /// What it replays, if it does.
  let replay: ReplaySession?
  private let stopping = Atomic(false)

  init(drain: DrainGoal?, replay: ReplaySession? = nil) throws(KafkaError) {
    wakeup = try Wakeup()
    self.drain = drain
    self.replay = replay
  }

  var isStopping: Bool { stopping.load(ordering: .acquiring) }

  /// The worker finishes what it has taken, and ends.
  func stop() {
    stopping.store(true, ordering: .releasing)
    wakeup.signal()
  }
}
