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
  private let departure: LaneDeparture
  private let stopping = Atomic(false)
  private let hasArrived = Atomic(false)

  init(drain: DrainGoal?, departure: LaneDeparture, measuresStages: Bool = false) throws(KafkaError) {
    wakeup = try Wakeup()
    self.measuresStages = measuresStages
    self.drain = drain
    self.departure = departure
  }

  /// The worker has nothing left to commit, or has failed. Said twice, it counts once.
  func arriveAtDeparture() {
    if !hasArrived.exchange(true, ordering: .acquiringAndReleasing) { departure.arrive() }
  }

  /// Whether every worker of the lane has committed, so that one may leave the group without disturbing another.
  var mayDepart: Bool { departure.isComplete }

  var isStopping: Bool { stopping.load(ordering: .acquiring) }

  /// The worker finishes what it has taken, and ends.
  func stop() {
    stopping.store(true, ordering: .releasing)
    wakeup.signal()
  }
}
