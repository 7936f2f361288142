/// Whether a lane is outside of its hours, looked up a few times a second. Pure: the caller says what time it is.
struct LaneHours {
  let window: ActiveWindow
  private(set) var isResting = false
  private var due = MonotonicTime(nanoseconds: .min)

  init(_ window: ActiveWindow) { self.window = window }

  /// Looks at the clock when it is time.
  /// - Parameter wallClockMs: milliseconds since 1970.
  /// - Returns: whether the lane rests from now on; nil where nothing has changed.
  mutating func look(at now: MonotonicTime, wallClockMs: () -> Int64) -> Bool? {
    if now < due { return nil }
    due = now + .milliseconds(100)
    let rests = !window.isActive(atMs: wallClockMs())
    if rests == isResting { return nil }
    isResting = rests
    return rests
  }
}
