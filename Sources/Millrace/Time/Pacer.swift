import Synchronization

/// Keeps a steady pace: says how many records may go now, of so many a second. Any thread, and several at once; the time is a parameter.
///
/// Each record has a time at which it is due, so that a pace is kept on the average however unevenly it is asked for. How much of what was
/// late may go at once is limited.
package final class Pacer: Sendable {
  private struct State {
    /// When the record with the number 0 was due.
    var origin: MonotonicTime
    /// The number of the next record.
    var next = 0
  }

  private let perSecond: Double
  private let burst: Int
  private let state: Mutex<State>

  /// - Parameters:
  ///   - rate: more than 0; infinity is no limit.
  ///   - start: when the first record is due.
  ///   - burst: how many records may go at once after a pause, at least 1.
  package init(perSecond rate: Double, from start: MonotonicTime, burst: Int) {
    precondition(rate > 0)
    perSecond = rate
    self.burst = max(1, burst)
    state = Mutex(State(origin: start))
  }

  /// How many of `wanted` records may go now. They count as gone: those that don't go are given back.
  package func take(_ wanted: Int, at now: MonotonicTime) -> Int {
    if perSecond == .infinity { return wanted }
    return state.withLock { state in
      var allowed = max(0, passed(state, now) - state.next)
      if allowed > burst {
        state = State(origin: now, next: 1 - burst)
        allowed = burst
      }
      let taken = min(wanted, allowed)
      state.next += taken
      return taken
    }
  }

  package func giveBack(_ count: Int) {
    if count > 0 { state.withLock { $0.next -= count } }
  }

  /// When the next record is due; in the past where one is late.
  package var due: MonotonicTime { state.withLock { time(of: $0.next, $0) } }

  /// How long the next record has to wait; zero where it may go now.
  package func delay(at now: MonotonicTime) -> Duration { perSecond == .infinity ? .zero : max(.zero, due - now) }

  /// The time between two records, and a little more.
  var wait: Duration { .nanoseconds(Int64(min(1e9 / perSecond, 0x1p62)) + 1) }

  private func time(of number: Int, _ state: State) -> MonotonicTime {
    state.origin + .nanoseconds(Int64(min((Double(number) * 1e9 / perSecond).rounded(.up), 0x1p62)))
  }

  /// How many records were due by now, since the origin.
  private func passed(_ state: State, _ now: MonotonicTime) -> Int {
    let elapsed = (now - state.origin).seconds
    if elapsed < 0 { return 0 }
    // Rounding may be off by one; what is due decides.
    let about = Int(min(elapsed * perSecond, 0x1p60))
    if time(of: about + 1, state) <= now { return about + 2 }
    return time(of: about, state) <= now ? about + 1 : about
  }
}
