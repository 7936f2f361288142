/// Why a batch was closed.
package enum CloseReason: String, CaseIterable, Sendable {
  /// It had as many rows as it should.
  case size
  /// Its first record had waited `max_delay`, or nothing more was queued and waiting would gain nothing.
  case delay
  /// The lane is stopping, or a partition is being given back.
  case drain
}

/// Decides when a batch is worth scoring. Pure: the caller says what time it is and does the work.
///
/// The delay counts from the first record of the batch, as in Vector's and Kafka's own batching: a steady trickle of records
/// can't keep postponing the first one.
struct Batcher {
  enum Decision: Equatable {
    /// No rows: nothing to do until a record comes.
    case idle
    case wait(until: MonotonicTime)
    case close(CloseReason)
  }

  let maxRows: Int
  let maxDelay: Duration
  /// nil: batches are filled up to `maxRows`.
  private(set) var sizing: BatchSizing?
  /// Rows at which a batch is full.
  private(set) var limit: Int
  private(set) var rows = 0
  private var openedAt = MonotonicTime(nanoseconds: 0)
  private var lastScored: MonotonicTime?

  /// - Parameter sizing: learns how many rows a batch should have, within `maxRows`.
  init(maxRows: Int, maxDelay: Duration, sizing: BatchSizing? = nil) {
    precondition(maxRows > 0)
    self.maxRows = maxRows
    self.maxDelay = maxDelay
    self.sizing = sizing
    limit = sizing?.limit ?? maxRows
  }

  var isFull: Bool { rows >= limit }

  @inline(__always)
  mutating func admit(at now: MonotonicTime) {
    if rows == 0 { openedAt = now }
    rows += 1
  }

  mutating func clear() { rows = 0 }

  /// The rows were scored and published well: what that took is learned from.
  /// - Parameter processorTime: of this thread. It is what a batch costs, whatever else the machine does, unless the model runs
  ///   somewhere else and the thread mostly waits.
  mutating func scored(rows: Int, from start: MonotonicTime, to end: MonotonicTime, processorTime: Duration) {
    let waits = processorTime * 8 < end - start
    let busy = waits ? end - start : processorTime
    sizing?.learn(rows: rows, busy: busy, elapsed: end - (lastScored ?? start), maxDelay: maxDelay)
    lastScored = end
    limit = sizing?.limit ?? maxRows
  }

  /// - Parameter drained: nothing more is queued, so that waiting means waiting for what has not come yet.
  func decide(at now: MonotonicTime, drained: Bool = false) -> Decision {
    if rows == 0 { return .idle }
    if isFull { return .close(.size) }
    let due = openedAt + maxDelay
    if now >= due { return .close(.delay) }
    if drained, let sizing, !sizing.gainsByWaiting(rows: rows, for: due - now) { return .close(.delay) }
    return .wait(until: due)
  }
}
