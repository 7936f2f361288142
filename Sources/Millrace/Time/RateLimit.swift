import Synchronization

/// Hands out a number of records a second to the workers of one process: a bucket that holds a tenth of a second.
final class RateLimit: Sendable {
  private struct State {
    var tokens: Double
    var filledAt: MonotonicTime
  }

  private let perSecond: Double
  private let depth: Double
  private let state: Mutex<State>

  init(perSecond: Double, at now: MonotonicTime) {
    precondition(perSecond > 0)
    self.perSecond = perSecond
    depth = max(1, perSecond / 10)
    state = Mutex(State(tokens: 1, filledAt: now))
  }

  /// How many of `wanted` records may be read now; those that were not read are given back.
  func take(_ wanted: Int, at now: MonotonicTime) -> Int {
    state.withLock { state in
      state.tokens = min(depth, state.tokens + max(0, (now - state.filledAt).seconds) * perSecond)
      state.filledAt = now
      let taken = min(wanted, Int(state.tokens))
      state.tokens -= Double(taken)
      return taken
    }
  }

  func giveBack(_ count: Int) {
    if count > 0 { state.withLock { $0.tokens += Double(count) } }
  }

  /// Until one more record may be read.
  var wait: Duration { .nanoseconds(Int64(1e9 / perSecond) + 1) }
}
