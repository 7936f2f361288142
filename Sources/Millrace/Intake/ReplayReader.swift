import KafkaClient

/// A worker's part in a replay: where its partitions end, the lanes it takes along, and the records that wait for their time.
/// One thread. `Worker+Replay` acts on it.
final class ReplayReader {
  let session: ReplaySession
  /// By the lane's place in the configuration; nil: a lane that is not replayed, or the worker's own.
  private let guests: [Bench?]
  /// By the tracker's index of a partition.
  private var ranges: [ReplayRange?] = []
  /// Partitions of which nothing more is wanted for now.
  private(set) var paused: Set<Int> = []
  var queues: PacedQueues<KafkaRecord>?
  var progressAt = MonotonicTime.now
  /// How long until something may be read or handled.
  var wait: Duration?

  init(_ session: ReplaySession, worker: Int, capacity: Int, control: WorkerControl) throws {
    self.session = session
    let statistics = session.statistics(worker: worker)
    var guests = [Bench?](repeating: nil, count: (session.guests.map(\.index).max() ?? -1) + 1)
    for (number, lane) in session.guests.enumerated() {
      guests[lane.index] = try Bench(
        lane, owner: UInt8(number + 1), capacity: capacity, statistics: statistics[number],
        attempts: lane.attempts(statistics[number], control))
    }
    self.guests = guests
    queues = session.speed.map { PacedQueues(speed: $0) }
  }

  func guest(_ lane: Int) -> Bench? { lane < guests.count ? guests[lane] : nil }
  var benches: [Bench] { guests.compactMap(\.self) }

  /// Where a partition's range ends; -1 for one that is no part of the replay.
  @inline(__always)
  func limit(_ partition: Int) -> Int64 { partition < ranges.count ? ranges[partition]?.to ?? -1 : -1 }

  func setRange(_ partition: Int, _ range: ReplayRange?) {
    while ranges.count <= partition { ranges.append(nil) }
    ranges[partition] = range
    paused.remove(partition)
  }

  /// What goes with a committed offset.
  func metadata(_ partition: Int) -> String? {
    guard partition < ranges.count else { return nil }
    return ranges[partition]?.metadata(fingerprint: session.fingerprint)
  }

  func setPaused(_ partition: Int, _ isPaused: Bool) {
    if isPaused { paused.insert(partition) } else { paused.remove(partition) }
  }
}
