import KafkaClient
import Synchronization
import Tracing

/// How other threads speak to a worker.
final class WorkerControl: Sendable {
  /// Raised by the worker's queues too; it is what the worker sleeps on.
  let wakeup: Wakeup
  /// Where the lane ends, if it runs until drained.
  let drain: DrainGoal?
  /// What it replays, if it does.
  let replay: ReplaySession?
  /// How large outputs may be.
  let limits: OutputLimits
  /// Milliseconds since 1970, for what depends on the time of day.
  let wallClockMs: @Sendable () -> Int64
  /// Whether the worker takes the time of each of its stages.
  let measuresPhases: Bool
  /// What the worker's spans go to; nil: nowhere.
  let tracer: (any Tracer)?
  private let departure: LaneDeparture
  private let stopping = Atomic(false)
  private let paused = Atomic(false)
  private let hasArrived = Atomic(false)

  init(
    drain: DrainGoal?, replay: ReplaySession? = nil, limits: OutputLimits = .unknown, departure: LaneDeparture,
    measuresPhases: Bool = false, tracer: (any Tracer)? = nil,
    wallClockMs: @escaping @Sendable () -> Int64
  ) throws(KafkaError) {
    wakeup = try Wakeup()
    self.measuresPhases = measuresPhases
    self.tracer = tracer
    self.drain = drain
    self.replay = replay
    self.limits = limits
    self.departure = departure
    self.wallClockMs = wallClockMs
  }

  /// The worker has nothing left to commit, or has failed. Said twice, it counts once.
  func arriveAtDeparture() {
    if !hasArrived.exchange(true, ordering: .acquiringAndReleasing) { departure.arrive() }
  }

  /// Whether every worker of the lane has committed, so that one may leave the group without disturbing another.
  var mayDepart: Bool { departure.isComplete }

  var isStopping: Bool { stopping.load(ordering: .acquiring) }

  var isPaused: Bool { paused.load(ordering: .acquiring) }

  /// The worker takes no more records until it may again; it stays in its group and finishes what it has taken.
  func setPaused(_ isPaused: Bool) {
    paused.store(isPaused, ordering: .releasing)
    wakeup.signal()
  }

  /// The worker finishes what it has taken, and ends.
  func stop() {
    stopping.store(true, ordering: .releasing)
    wakeup.signal()
  }
}

extension WorkerControl {
  /// How one worker's runs of a lane's model are tried again. A pause ends when the worker is told to stop.
  func attempts(of lane: Lane, _ statistics: WorkerStatistics) -> Attempts {
    Attempts(
      retry: lane.scoring.retry, budget: lane.scoring.retryBudget, breaker: lane.scoring.breaker, statistics: statistics,
      pause: { [unowned self] time in
        let end = MonotonicTime.now + time
        while !isStopping, end > .now { WorkerThread.sleep(min(end - .now, .milliseconds(20))) }
        return !isStopping
      })
  }
}
