import KafkaClient
import Logging

/// A lane that has hours rests outside of them: what was taken is finished and committed, and the partitions are kept, but paused. The
/// group stays as it is, so nothing moves when the hours begin again.
extension Worker {
  /// Looks at the clock, and rests or goes on: `steer` pauses the partitions, those too that come with a rebalance.
  func keepHours(_ window: ActiveWindow) throws(LaneFault) {
    let time = MonotonicTime.now
    if time < hoursDue { return }
    hoursDue = time + .milliseconds(100)
    let rests = !window.isActive(atMs: control.wallClockMs())
    if rests == isResting { return }
    if rests {
      // What is not acknowledged in time is acknowledged later; it is in flight all the same.
      _ = try drain()
      try commitNow()
    }
    isResting = rests
    mustSteer = true
    pulse.update { $0.isResting = rests }
    log.info(rests ? "the lane's hours are over; it rests" : "the lane's hours begin", metadata: ["active": "\(window)"])
  }
}
