/// Why a batch was closed.
public enum CloseReason: String, CaseIterable, Sendable {
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
  private(set) var rows = 0
  private var openedAt = MonotonicTime(nanoseconds: 0)

  init(maxRows: Int, maxDelay: Duration) {
    precondition(maxRows > 0)
    self.maxRows = maxRows
    self.maxDelay = maxDelay
  }

  var isFull: Bool { rows >= maxRows }

  @inline(__always)
  mutating func admit(at now: MonotonicTime) {
    if rows == 0 { openedAt = now }
    rows += 1
  }

  mutating func clear() { rows = 0 }

  /// - Parameter drained: nothing more is queued.
  func decide(at now: MonotonicTime) -> Decision {
    if rows == 0 { return .idle }
    if isFull { return .close(.size) }
    let due = openedAt + maxDelay
    return now >= due ? .close(.delay) : .wait(until: due)
  }
}
