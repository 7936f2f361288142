import KafkaClient
import Testing

@testable import Millrace

/// Random schedules of a worker's doings against the rule itself: a committed offset never passes a record whose output, or
/// an earlier one's in the same partition, is not acknowledged. The seed is the test's argument.
@Suite struct OffsetScheduleTests {
  @Test(arguments: UInt64(1)...60)
  func noCommitPassesAnUnacknowledgedRecord(seed: UInt64) {
    var schedule = Schedule(seed: seed)
    for _ in 0..<1500 {
      if let violation = schedule.step() {
        Issue.record("seed \(seed): \(violation)")
        return
      }
    }
    if let violation = schedule.finish() { Issue.record("seed \(seed): \(violation)") }
    #expect(schedule.commits > 20, "a schedule that commits nothing shows nothing")
  }
}

/// A worker over a log of four partitions, and a second set of books that lists each record by itself.
private struct Schedule {
  private enum Fate { case skipped, awaited(batch: Int), acknowledged }

  private struct Log {
    var owned = false
    var next: Int64 = 0
    var committed: Int64 = 0
    /// What became of the records read in this assignment, by offset.
    var fates: [Int64: Fate] = [:]
  }

  private var random: SeededGenerator
  private let ledger = PartitionLedger()
  private var logs: [Log]
  private var openRecords = 0
  private var batch = 0
  private var flights: [(batch: Int, marks: [PartitionLedger.Mark])] = []
  private(set) var commits = 0

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    logs = Array(repeating: Log(), count: 4)
    for number in logs.indices { _ = ledger.index(of: TopicPartition(topic: "log", partition: Int32(number))) }
  }

  mutating func step() -> String? {
    let index = Int.random(in: logs.indices, using: &random)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<60: read(index)
    case 60..<75: launch()
    case 75..<86: acknowledgeOldest()
    case 86..<94: return commit()
    case 94..<97: return assignOrLose(index)
    default: settle()
    }
    return nil
  }

  /// With everything acknowledged, everything read must be committed.
  mutating func finish() -> String? {
    launch()
    while !flights.isEmpty { acknowledgeOldest() }
    settle()
    if let violation = commit() { return violation }
    for (index, log) in logs.enumerated() where log.owned && log.committed != log.next {
      return "partition \(index) was read up to \(log.next), and only \(log.committed) is committed"
    }
    return nil
  }

  private mutating func read(_ index: Int) {
    guard logs[index].owned else { return }
    // Compaction leaves holes between offsets.
    logs[index].next += Bool.random(using: &random) ? 0 : Int64.random(in: 0...3, using: &random)
    let offset = logs[index].next
    logs[index].next = offset + 1
    let isMine = Int.random(in: 0..<3, using: &random) > 0
    logs[index].fates[offset] = isMine ? .awaited(batch: batch) : .skipped
    if isMine { openRecords += 1 }
    ledger.handle(index, offset: offset)
  }

  private mutating func launch() {
    guard openRecords > 0 else { return }
    var marks: [PartitionLedger.Mark] = []
    ledger.seal(into: &marks)
    flights.append((batch, marks))
    batch += 1
    openRecords = 0
  }

  private mutating func acknowledgeOldest() {
    guard !flights.isEmpty else { return }
    let flight = flights.removeFirst()
    for index in logs.indices {
      for (offset, fate) in logs[index].fates {
        if case .awaited(flight.batch) = fate { logs[index].fates[offset] = .acknowledged }
      }
    }
    ledger.acknowledge(flight.marks)
  }

  private mutating func settle() {
    if flights.isEmpty && openRecords == 0 { ledger.acknowledgeHandled() }
  }

  private mutating func commit() -> String? {
    for (index, next) in ledger.committable() {
      let log = logs[index]
      if !log.owned { return "partition \(index) is not owned, and \(next) would be committed" }
      if next > log.next { return "partition \(index) was read up to \(log.next), and \(next) would be committed" }
      for (offset, fate) in log.fates where offset < next {
        if case .awaited(let batch) = fate {
          return "partition \(index): \(next) would be committed while \(offset) of batch \(batch) is not acknowledged"
        }
      }
      // A commit may fail: then it is tried again later.
      if Int.random(in: 0..<4, using: &random) == 0 && !flights.isEmpty {
        ledger.uncommitted(index)
        continue
      }
      ledger.committed(index, next: next)
      logs[index].committed = next
      commits += 1
    }
    return nil
  }

  /// Assigns a partition, or takes it away without a word: what is in flight stays on its way.
  private mutating func assignOrLose(_ index: Int) -> String? {
    if logs[index].owned {
      ledger.release(index)
      logs[index].owned = false
    } else {
      ledger.acquire(index)
      logs[index].owned = true
      logs[index].next = logs[index].committed
      logs[index].fates = [:]
    }
    return ledger.owns(index) == logs[index].owned ? nil : "partition \(index): who owns it?"
  }
}
