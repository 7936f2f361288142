import KafkaClient
import Testing

@testable import Millrace

/// What may be committed, and when.
@Suite struct PartitionLedgerTests {
  @Test func offsetsThatArePassedWithoutARecordAreGaps() {
    let ledger = PartitionLedger()
    let (resumed, fresh) = (
      ledger.index(of: TopicPartition(topic: "a", partition: 0)), ledger.index(of: TopicPartition(topic: "a", partition: 1))
    )
    ledger.acquire(resumed, begin: 10)
    ledger.acquire(fresh)
    // A lane that has committed nothing has missed nothing.
    ledger.handle(fresh, offset: 500)
    #expect(!ledger.hasGaps)
    ledger.handle(resumed, offset: 30)
    ledger.handle(resumed, offset: 31)
    ledger.handle(resumed, offset: 33)
    ledger.meetEnd(resumed, 40)
    ledger.passEnds()
    #expect(
      ledger.takeGaps() == [
        OffsetGap(partition: resumed, from: 10, to: 30), OffsetGap(partition: resumed, from: 32, to: 33),
        OffsetGap(partition: resumed, from: 34, to: 40),
      ])
    // A log that begins anew is no gap.
    ledger.handle(resumed, offset: 2)
    #expect(!ledger.hasGaps)
  }

  @Test func whatOfAGapIsGoneIsWhatLiesBeforeTheLog() {
    let gap = OffsetGap(partition: 0, from: 10, to: 30)
    #expect([0, 10, 11, 25, 30, 31].map { gap.expired(low: $0, resetsToEnd: false) } == [0, 0, 1, 15, 20, 20])
    // Those that were there still, and passed over, are lost to the lane as well.
    #expect([0, 10, 11, 30].map { gap.expired(low: $0, resetsToEnd: true) } == [0, 0, 20, 20])
  }

  let ledger = PartitionLedger()
  let partition: Int

  init() {
    partition = ledger.index(of: TopicPartition(topic: "payments", partition: 0))
    ledger.acquire(partition)
  }

  @Test func nothingIsCommittableBeforeItsBatchIsAcknowledged() {
    ledger.handle(partition, offset: 7)
    let marks = seal()
    #expect(committable() == [:])
    ledger.acknowledge(marks)
    #expect(committable() == [partition: 8])
  }

  @Test func anOpenBatchHoldsBackWhatWasSkippedBehindIt() {
    ledger.handle(partition, offset: 0)
    let marks = seal()
    ledger.handle(partition, offset: 1)
    ledger.handle(partition, offset: 2)
    ledger.acknowledge(marks)
    #expect(committable() == [partition: 1])
  }

  @Test func skippedRecordsAreCommittableWhenNothingIsOpen() {
    ledger.handle(partition, offset: 41)
    ledger.acknowledgeHandled()
    #expect(committable() == [partition: 42])
    #expect(seal().isEmpty, "there is nothing left to seal")
  }

  @Test func whatIsCommittedIsNotCommittableAgain() {
    ledger.handle(partition, offset: 0)
    ledger.acknowledgeHandled()
    ledger.committed(partition, next: 1)
    #expect(committable() == [:])
  }

  @Test func aFailedCommitIsCommittableAgain() {
    ledger.handle(partition, offset: 0)
    ledger.acknowledgeHandled()
    ledger.committed(partition, next: 1)
    ledger.uncommitted(partition)
    #expect(committable() == [partition: 1])
  }

  @Test func aSealNamesOnlyPartitionsThatMoved() {
    let other = ledger.index(of: TopicPartition(topic: "payments", partition: 1))
    ledger.acquire(other)
    ledger.handle(partition, offset: 0)
    ledger.handle(other, offset: 9)
    #expect(seal().map(\.partition) == [partition, other])
    ledger.handle(other, offset: 10)
    #expect(seal().map(\.next) == [11])
  }

  @Test func aReassignmentVoidsEarlierMarks() {
    ledger.handle(partition, offset: 99)
    let stale = seal()
    ledger.release(partition)
    ledger.acknowledge(stale)
    #expect(committable() == [:])
    ledger.acquire(partition)
    #expect(ledger[partition].handled == -1)
    ledger.handle(partition, offset: 50)
    ledger.acknowledge(stale)
    #expect(committable() == [:])
    ledger.acknowledge(seal())
    #expect(committable() == [partition: 51])
  }

  @Test func aReleasedPartitionIsNeitherSealedNorCommitted() {
    ledger.handle(partition, offset: 0)
    ledger.acknowledge(seal())
    ledger.handle(partition, offset: 1)
    ledger.release(partition)
    #expect(!ledger.owns(partition))
    #expect(seal().isEmpty)
    ledger.acknowledgeHandled()
    #expect(committable() == [:])
  }

  @Test func aGapIsPassedButNeverBackwards() {
    ledger.handle(partition, offset: 10)
    ledger.passGap(partition, to: 20)
    #expect(ledger[partition].handled == 20)
    ledger.passGap(partition, to: 15)
    #expect(ledger[partition].handled == 20)
  }

  @Test func aLogThatGoesOnEarlierIsCommittedFromThere() {
    ledger.handle(partition, offset: 999)
    let stale = seal()
    ledger.handle(partition, offset: 1000)
    ledger.acknowledge(stale)
    ledger.committed(partition, next: 1000)
    let late = seal()
    ledger.handle(partition, offset: 3)
    ledger.acknowledge(late)
    #expect((committable()[partition] ?? -1) <= 3, "what was before says nothing about these records")
    ledger.acknowledge(seal())
    #expect(committable() == [partition: 4])
  }

  @Test func rewindingGoesBackToTheCommittedOffset() {
    ledger.handle(partition, offset: 5)
    _ = seal()
    ledger.committed(partition, next: 6)
    ledger.handle(partition, offset: 6)
    let aborted = seal()
    #expect(rewind() == [partition: 6])
    ledger.acknowledge(aborted)
    #expect(ledger[partition].handled == 6)
    #expect(committable() == [:])
  }

  @Test func rewindingWithoutACommitGoesBackToTheFirstRecord() {
    ledger.handle(partition, offset: 5)
    ledger.handle(partition, offset: 6)
    _ = seal()
    #expect(rewind() == [partition: 5])
    #expect(rewind() == [:], "there is nothing more to go back over")
  }

  @Test func whatIsHandledBeyondTheCommitGoesWithATransaction() {
    ledger.handle(partition, offset: 0)
    _ = seal()
    ledger.handle(partition, offset: 1)
    #expect(ledger.handledBeyondCommit().map(\.next) == [2], "the record skipped behind the last batch, too")
    ledger.committed(partition, next: 2)
    #expect(ledger.handledBeyondCommit().isEmpty)
    ledger.handle(partition, offset: 2)
    ledger.release(partition)
    #expect(ledger.handledBeyondCommit().isEmpty)
  }

  @Test func anEndThatWasMetCountsOnceTheRecordsBeforeItAreHandled() {
    ledger.handle(partition, offset: 3)
    ledger.meetEnd(partition, 9)
    #expect(ledger[partition].handled == 4, "records before the end may still be in the buffer")
    ledger.passEnds()
    #expect(ledger[partition].handled == 9)
    ledger.handle(partition, offset: 9)
    ledger.passEnds()
    #expect(ledger[partition].handled == 10, "an end counts once")
  }

  @Test func anEndIsForgottenWhenItsPartitionGoesBack() {
    ledger.handle(partition, offset: 3)
    ledger.committed(partition, next: 3)
    ledger.meetEnd(partition, 9)
    #expect(rewind() == [partition: 3])
    ledger.passEnds()
    #expect(ledger[partition].handled == 3)
  }

  @Test func nothingIsLeftOfAPartitionThatComesBack() {
    ledger.acquire(partition, begin: 5, routesSince: 2, confirmed: 4)
    ledger.took(partition, timestampMs: 1_700_000_000_000)
    ledger.handle(partition, offset: 5)
    ledger.setAskedEnds(partition, Watermarks(low: 0, high: 100))
    ledger.meetEnd(partition, 50)
    ledger.release(partition)
    #expect(ledger.limit(partition) == .min, "no record of it is to be handled")
    ledger.acquire(partition)
    ledger.passEnds()
    let account = ledger[partition]
    #expect(account.isOwned && account.limit == .max)
    #expect(account.handled == -1 && account.first == -1 && account.acknowledged == -1 && account.committed == -1)
    #expect(account.newestMs == 0, "its lag in seconds isn't that of its last assignment")
    #expect(account.begin == nil && account.routesSince == nil && account.confirmed == nil && account.askedEnds == nil)
    #expect(account.reached == nil)
  }

  @Test func aCommitThatIsConfirmedLateIsNotThatOfTheNextOwner() {
    ledger.release(partition)
    ledger.confirmed(partition, next: 7)
    ledger.acquire(partition)
    #expect(ledger[partition].confirmed == nil)
  }

  @Test func aRangeLimitsWhatIsHandled() {
    ledger.acquire(partition, within: ReplayRange(from: 10, to: 20))
    #expect(ledger.limit(partition) == 20)
    ledger.acquire(partition, within: nil)
    #expect(ledger.limit(partition) == -1, "a partition without a range is no part of the replay")
    #expect(ledger.owns(partition))
  }

  private func seal() -> [PartitionLedger.Mark] {
    var marks: [PartitionLedger.Mark] = []
    ledger.seal(into: &marks)
    return marks
  }

  private func committable() -> [Int: Int64] {
    Dictionary(uniqueKeysWithValues: ledger.committable().map { ($0.partition, $0.next) })
  }

  private func rewind() -> [Int: Int64] {
    Dictionary(uniqueKeysWithValues: ledger.rewind().map { ($0.partition, $0.next) })
  }
}
