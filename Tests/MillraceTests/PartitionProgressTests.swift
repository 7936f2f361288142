import Testing

@testable import Millrace

/// How far one partition is read, by position alone.
@Suite struct PartitionProgressTests {
  /// What becomes of records with these offsets, one after the other.
  private func take(_ offsets: Int64..., by progress: inout PartitionProgress) -> [PartitionProgress.Verdict] {
    offsets.map { progress.take($0) }
  }

  @Test func anEndWithoutARecordIsReachedByTheNextRecord() {
    var progress = PartitionProgress(3..<10)
    #expect(take(5, by: &progress) == [.wanted])
    #expect(!progress.hasReachedEnd && progress.position == 6)
    #expect(take(12, by: &progress) == [.beyond])
    #expect(progress.hasReachedEnd && progress.position == 10)
  }

  @Test func anEndWithoutARecordIsReachedByTheLogsEnd() {
    var progress = PartitionProgress(3..<10)
    #expect(take(5, by: &progress) == [.wanted])
    let isSameLog = progress.reachLogEnd(10)
    #expect(isSameLog && progress.hasReachedEnd && progress.isAtLogEnd)
  }

  @Test func aLogThatEndsBeforeTheEndIsWaitedFor() {
    var progress = PartitionProgress(0..<10)
    let isSameLog = progress.reachLogEnd(4)
    #expect(isSameLog && progress.isAtLogEnd && !progress.hasReachedEnd && progress.position == 4)
    #expect(take(7, by: &progress) == [.wanted])
    #expect(!progress.isAtLogEnd)
  }

  @Test func aRangeWithoutOffsetsIsDoneAtOnce() {
    let progress = PartitionProgress(7..<7)
    #expect(progress.hasReachedEnd && progress.isDone && progress.position == 7)
  }

  @Test func whatLiesBeforeThePositionIsAnotherLogs() {
    var progress = PartitionProgress(100..<200)
    #expect(take(0, by: &progress) == [.replaced])
    let isSameLog = progress.reachLogEnd(3)
    #expect(!isSameLog && progress.position == 100)
    #expect(take(199, 0, by: &progress) == [.wanted, .beyond], "of what is read nothing is asked any more")
  }

  @Test func whoFollowsGetsWhatComesBehindTheEnd() {
    var progress = PartitionProgress(0..<2, follows: true)
    #expect(take(1, by: &progress) == [.wanted])
    #expect(progress.hasReachedEnd && !progress.isDone)
    let isSameLog = progress.reachLogEnd(4)
    #expect(isSameLog && progress.position == 4)
    #expect(take(4, 2, by: &progress) == [.wanted, .replaced])
    #expect(progress.position == 5)
  }

  /// Whatever a log lacks: exactly its records of the range are wanted, in order, and it ends when all of them are read.
  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func exactlyTheRecordsOfTheRangeAreWanted(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let logEnd = Int64.random(in: 0...40, using: &random)
    let records = (0..<logEnd).filter { _ in Bool.random(using: &random) }
    let from = Int64.random(in: 0...logEnd, using: &random)
    let to = Int64.random(in: from...logEnd, using: &random)
    var progress = PartitionProgress(from..<to)
    var wanted: [Int64] = []
    for offset in records where offset >= from {
      let isNext = progress.take(offset) == .wanted
      if isNext { wanted.append(offset) }
      #expect(!progress.hasReachedEnd || records.allSatisfy { $0 < progress.position || $0 >= to }, "seed \(seed)")
    }
    let isSameLog = progress.reachLogEnd(logEnd)
    #expect(isSameLog, "seed \(seed)")
    #expect(wanted == records.filter { (from..<to).contains($0) } && progress.isDone && progress.position == to, "seed \(seed)")
  }
}
