/// Spreads records over time: no more than so many a second, one at a time. Pure; the time is a parameter.
struct RedrivePace {
  /// nil: no limit.
  private let interval: Duration?
  private var next: MonotonicTime?

  init(perSecond rate: Double?) { interval = rate.map { .seconds(1 / $0) } }

  /// How long the next record has to wait.
  func delay(at now: MonotonicTime) -> Duration { next.map { max(.zero, $0 - now) } ?? .zero }

  /// A record goes. One that goes late doesn't let those behind it catch up.
  mutating func go(at now: MonotonicTime) {
    guard let interval else { return }
    next = max(next ?? now, now) + interval
  }
}
