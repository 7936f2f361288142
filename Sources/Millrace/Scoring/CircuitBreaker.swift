/// Whether a model is worth an attempt: after so many failed ones in a row none is made for a while, and then one, to see. Pure; one
/// worker's.
///
/// What counts are failed attempts, for faults that may pass. One that bad rows made fail says nothing about the model's health, so it
/// is not reported here: it neither opens the circuit nor closes it.
struct CircuitBreaker: Sendable {
  enum State: Equatable, Sendable {
    case closed(failures: Int)
    case open(until: MonotonicTime)
    /// The next attempt decides.
    case halfOpen
  }

  let failureThreshold: Int
  let openFor: Duration
  private(set) var state = State.closed(failures: 0)

  init(failureThreshold: Int, openFor: Duration) {
    precondition(failureThreshold > 0)
    self.failureThreshold = failureThreshold
    self.openFor = openFor
  }

  var isOpen: Bool { reopensAt != nil }

  /// How it stands, for people.
  var level: CircuitLevel {
    switch state {
    case .closed: .closed
    case .halfOpen: .halfOpen
    case .open: .open
    }
  }

  /// When an open circuit lets an attempt through again.
  var reopensAt: MonotonicTime? {
    if case .open(let until) = state { until } else { nil }
  }

  /// Whether an attempt may be made now. One that was open for long enough is half open from here on.
  mutating func admits(at now: MonotonicTime) -> Bool {
    guard let reopensAt else { return true }
    if now < reopensAt { return false }
    state = .halfOpen
    return true
  }

  mutating func succeeded() { state = .closed(failures: 0) }

  mutating func failed(at now: MonotonicTime) {
    switch state {
    case .closed(let failures) where failures + 1 < failureThreshold: state = .closed(failures: failures + 1)
    case .closed, .halfOpen: state = .open(until: now + openFor)
    case .open: break
    }
  }
}
