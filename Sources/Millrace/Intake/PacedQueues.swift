/// Lets items go at the spacing of their timestamps, scaled. Pure: the caller says what time it is.
///
/// There is a queue for each partition, because a consumer reads a partition's backlog far ahead of another's. The clock starts with the
/// earliest item once every partition has one. An item never passes an earlier one of its own partition; one whose timestamp lies before
/// what has gone already goes at once.
struct PacedQueues<Item> {
  private struct Queue {
    var items: [(item: Item, timestampMs: Int64)] = []
    var first = 0
    /// Where the partition's log ends, once its items are gone.
    var end: Int64?

    var isEmpty: Bool { first == items.count }
  }

  /// How many times as fast as the timestamps.
  let speed: Double
  /// How long the clock waits for partitions that have nothing yet.
  private static var patience: Duration { .seconds(3) }
  private var queues: [Int: Queue] = [:]
  private var firstHeldAt: MonotonicTime?
  private var start: (timestampMs: Int64, at: MonotonicTime)?
  private(set) var count = 0

  init(speed: Double) { self.speed = speed }

  mutating func hold(_ item: Item, timestampMs: Int64, partition: Int, at now: MonotonicTime) {
    if firstHeldAt == nil { firstHeldAt = now }
    queues[partition, default: Queue()].items.append((item, timestampMs))
    count += 1
  }

  func isEmpty(_ partition: Int) -> Bool { queues[partition]?.isEmpty ?? true }

  /// The partition ends behind what is held of it.
  mutating func setEnd(_ partition: Int, _ next: Int64) { queues[partition, default: Queue()].end = next }

  /// Takes the next item that is due.
  /// - Parameter expected: partitions that have items to come; the clock waits for the first of each.
  mutating func next(at now: MonotonicTime, expected: Int) -> (item: Item, partition: Int)? {
    guard let (partition, timestampMs) = earliest else { return nil }
    if start == nil {
      let waiting = queues.values.count { !$0.isEmpty } < expected
      guard let firstHeldAt, !waiting || now - firstHeldAt >= Self.patience else { return nil }
      start = (timestampMs, now)
    }
    guard due(timestampMs) <= now else { return nil }
    return (take(partition), partition)
  }

  /// The ends of partitions that have nothing left.
  mutating func takeEnds() -> [(partition: Int, next: Int64)] {
    queues.compactMap { partition, queue in
      guard queue.isEmpty, let end = queue.end else { return nil }
      queues[partition]?.end = nil
      return (partition, end)
    }
  }

  /// When the next item is due; nil where there is none, or the clock hasn't started.
  var nextDue: MonotonicTime? {
    guard start != nil, let (_, timestampMs) = earliest else { return nil }
    return due(timestampMs)
  }

  /// Empties the queue of a partition that is given back.
  mutating func removeAll(of partition: Int) -> [Item] {
    guard let queue = queues.removeValue(forKey: partition) else { return [] }
    count -= queue.items.count - queue.first
    return queue.items[queue.first...].map(\.item)
  }

  var partitions: [Int] { Array(queues.keys) }

  private var earliest: (partition: Int, timestampMs: Int64)? {
    var best: (partition: Int, timestampMs: Int64)?
    for (partition, queue) in queues where !queue.isEmpty {
      let timestampMs = queue.items[queue.first].timestampMs
      if let best, (best.timestampMs, best.partition) <= (timestampMs, partition) { continue }
      best = (partition, timestampMs)
    }
    return best
  }

  private func due(_ timestampMs: Int64) -> MonotonicTime {
    guard let start else { return MonotonicTime(nanoseconds: .min) }
    let nanoseconds = Double(timestampMs) / speed * 1e6 - Double(start.timestampMs) / speed * 1e6
    return start.at + .nanoseconds(Int64(max(0, min(nanoseconds, 4e18))))
  }

  private mutating func take(_ partition: Int) -> Item {
    let queue = queues[partition, default: Queue()]
    let item = queue.items[queue.first].item
    count -= 1
    if queue.first + 1 == queue.items.count {
      queues[partition]?.items.removeAll(keepingCapacity: true)
      queues[partition]?.first = 0
    } else {
      queues[partition]?.first += 1
    }
    return item
  }
}
