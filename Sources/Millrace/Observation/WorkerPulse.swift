import KafkaClient
import Synchronization

/// What a worker says of itself while it works, for whoever watches from outside: the worker may hang.
///
/// The worker's thread writes, any thread reads. Nothing here is touched for each record.
final class WorkerPulse: Sendable {
  /// What the worker is at.
  enum Activity: Int {
    /// Polling, or asleep because there is nothing to do.
    case reading
    case starting, scoring, waitingForRoom, committing, draining, closing, ended
  }

  /// How far a partition is that the worker owns.
  struct Progress: Sendable, Equatable {
    let partition: String
    /// The next record to handle; nil before the first.
    let handled: Int64?
    /// The next record by the last commit that the coordinator has confirmed; nil before one.
    let committed: Int64?
    /// Where the log begins and ends, by the last fetch. Before the first record, where it is read from if that is further on.
    let low: Int64
    /// nil before the first answer to a fetch.
    let end: Int64?
  }

  struct State: Sendable {
    var activity = Activity.starting
    /// When the activity began; while reading, when the worker last turned round.
    var since = MonotonicTime(nanoseconds: 0)
    var unacknowledged = 0
    var isFull = false
    var isAssigned = false
    var isConnected = true
    var pause: String?
    /// Why the worker waits for its model, which is nobody's wish.
    var hold: String?
    /// Outside of the lane's hours: that nothing is read is as it should be.
    var isResting = false
    var readError: String?
    /// `readError` says why a broker can't be reached.
    private var isOfConnection = false
    /// Topics of the lane that the brokers don't know any more.
    var missingTopics: Set<String> = []
    var commitError: String?
    var produceError: String?
    var progress: [Progress] = []

    mutating func note(readError error: KafkaError) {
      if error.code == .allBrokersDown {
        isConnected = false
        // It comes behind the errors that say why.
        if readError != nil, isOfConnection { return }
      }
      (readError, isOfConnection) = ("\(error)\(error.advice)", error.isOfConnection)
    }
  }

  private let activity = Atomic(Activity.starting.rawValue)
  private let since = Atomic(MonotonicTime.now.nanoseconds)
  private let unacknowledged = Atomic(0)
  private let isFull = Atomic(false)
  private let rest = Mutex(State())

  var state: State {
    var state = rest.withLock { $0 }
    state.activity = Activity(rawValue: activity.load(ordering: .acquiring)) ?? .reading
    state.since = MonotonicTime(nanoseconds: since.load(ordering: .acquiring))
    state.unacknowledged = unacknowledged.load(ordering: .relaxed)
    state.isFull = isFull.load(ordering: .relaxed)
    return state
  }

  /// Returns what the worker was at before.
  @discardableResult
  func enter(_ next: Activity, at now: MonotonicTime = .now) -> Activity {
    let previous = Activity(rawValue: activity.load(ordering: .relaxed)) ?? .reading
    since.store(now.nanoseconds, ordering: .releasing)
    activity.store(next.rawValue, ordering: .releasing)
    return previous
  }

  func isIn(_ activity: Activity) -> Bool { self.activity.load(ordering: .relaxed) == activity.rawValue }

  func setLoad(unacknowledged: Int, isFull: Bool) {
    self.unacknowledged.store(unacknowledged, ordering: .relaxed)
    self.isFull.store(isFull, ordering: .relaxed)
  }

  /// Why the worker takes no records although there are some; nil when it goes on.
  func setPause(byOperator: Bool, hold: String?) {
    rest.withLock { ($0.pause, $0.hold) = (byOperator ? "by an operator" : hold, hold) }
  }

  func update(_ body: (inout State) -> Void) { rest.withLock { body(&$0) } }
}
