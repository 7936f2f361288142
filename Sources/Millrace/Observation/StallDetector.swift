/// Finds what stands still in one worker, from what its pulse says now and said before. Pure: the caller says what time it is.
struct StallDetector {
  private struct Stand {
    var handled: Int64?
    var committed: Int64?
    var since: MonotonicTime
  }

  let worker: Int
  let stallTimeout: Duration
  /// A commit is not late before the next one was due.
  let commitInterval: Duration
  private var stands: [String: Stand] = [:]

  init(worker: Int, stallTimeout: Duration, commitInterval: Duration) {
    self.worker = worker
    self.stallTimeout = stallTimeout
    self.commitInterval = commitInterval
  }

  mutating func stalls(_ state: WorkerPulse.State, at now: MonotonicTime) -> [Stall] {
    let hang = hang(state, now, after: stallTimeout)
    var next: [String: Stand] = [:]
    var stalls: [Stall] = []
    for progress in state.progress {
      let known = stands[progress.partition]
      let hasMoved = known.map { $0.handled != progress.handled || $0.committed != progress.committed } ?? true
      let unread = !state.isResting && progress.end.map { $0 > max(progress.handled ?? progress.low, progress.low) } ?? true
      let uncommitted = progress.handled.map { $0 > progress.committed ?? -1 } ?? false
      let isStill = (unread || uncommitted) && !hasMoved
      let since = isStill ? known?.since ?? now : now
      next[progress.partition] = Stand(handled: progress.handled, committed: progress.committed, since: since)
      if let hang {
        stalls.append(stall(progress, now - state.since, hang))
      } else if isStill, now - since >= (unread ? stallTimeout : stallTimeout + commitInterval) {
        stalls.append(stall(progress, now - since, reason(state, now, isRead: !unread)))
      }
    }
    stands = next
    if let hang, stalls.isEmpty { stalls.append(Stall(worker: worker, partition: nil, lag: 0, duration: now - state.since, reason: hang)) }
    return stalls
  }

  /// What the worker has not come back from; nil while it turns round. Its partitions' figures are old then.
  private func hang(_ state: WorkerPulse.State, _ now: MonotonicTime, after limit: Duration) -> StallReason? {
    let running = now - state.since
    guard state.activity != .ended, running >= limit else { return nil }
    return switch state.activity {
    case .scoring: .modelCall(running: running)
    case .waitingForRoom: .backPressure(unacknowledged: state.unacknowledged, lastError: state.produceError)
    case .reading: .busy("reading", running: running)
    case .starting: .busy("finding out where to begin", running: running)
    case .committing: .busy("committing", running: running)
    case .draining: .unacknowledged(state.unacknowledged, lastError: state.produceError)
    case .closing, .ended: .busy("leaving its group", running: running)
    }
  }

  private func reason(_ state: WorkerPulse.State, _ now: MonotonicTime, isRead: Bool) -> StallReason {
    // The partition stood still a little before the worker began what it hangs in.
    if let hang = hang(state, now, after: stallTimeout / 2) { return hang }
    if let pause = state.pause { return .paused(pause) }
    if state.isFull { return .backPressure(unacknowledged: state.unacknowledged, lastError: state.produceError) }
    if state.unacknowledged > 0 { return .unacknowledged(state.unacknowledged, lastError: state.produceError) }
    return isRead ? .commitFails(lastError: state.commitError) : .nothingFetched(lastError: state.readError)
  }

  private func stall(_ progress: WorkerPulse.Progress, _ duration: Duration, _ reason: StallReason) -> Stall {
    let lag = max(0, (progress.end ?? 0) - max(progress.committed ?? progress.low, progress.low))
    return Stall(worker: worker, partition: progress.partition, lag: Int(lag), duration: duration, reason: reason)
  }
}
