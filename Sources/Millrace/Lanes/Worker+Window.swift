import KafkaClient
import Logging

/// A lane that has hours rests outside of them: what was taken is finished and committed, and the partitions are kept, but paused. The
/// group stays as it is, so nothing moves when the hours begin again.
extension Worker {
  /// Looks at the clock, and rests or goes on.
  func keepHours(_ window: ActiveWindow) throws(LaneFault) {
    let time = MonotonicTime.now
    if time < hoursDue && (resting == nil || resting == statistics.value(.rebalances)) { return }
    hoursDue = time + .milliseconds(100)
    let isActive = window.isActive(atMs: control.wallClockMs())
    if isActive {
      if resting == nil { return }
      resting = nil
      for (index, entry) in table.entries.enumerated() where tracker.owns(index) { try? consumer.resume([entry.partition]) }
      log.info("the lane's hours begin", metadata: ["active": "\(window)"])
    } else {
      let rebalances = statistics.value(.rebalances)
      if resting == rebalances { return }
      if resting == nil {
        try drain()
        // Later, where the member is on its way into a new generation; the next interval's commit covers it.
        if !consumer.isJoining { try commitNow() }
        log.info("the lane's hours are over; it rests", metadata: ["active": "\(window)"])
      }
      // Partitions that came with a rebalance rest, too.
      for (index, entry) in table.entries.enumerated() where tracker.owns(index) { try? consumer.pause([entry.partition]) }
      resting = rebalances
    }
  }
}
