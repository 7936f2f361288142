import Testing

@testable import Millrace

/// What may be committed, and when.
@Suite struct OffsetTrackerTests {
  var tracker = OffsetTracker()
  let partition: Int

  init() {
    partition = tracker.addPartition()
    tracker.acquire(partition)
  }

  @Test mutating func nothingIsCommittableBeforeItsBatchIsAcknowledged() {
    tracker.handle(partition, offset: 7)
    let marks = seal()
    #expect(committable() == [:])
    tracker.acknowledge(marks)
    #expect(committable() == [partition: 8])
  }

  @Test mutating func anOpenBatchHoldsBackWhatWasSkippedBehindIt() {
    tracker.handle(partition, offset: 0)
    let marks = seal()
    tracker.handle(partition, offset: 1)
    tracker.handle(partition, offset: 2)
    tracker.acknowledge(marks)
    #expect(committable() == [partition: 1])
  }

  @Test mutating func skippedRecordsAreCommittableWhenNothingIsOpen() {
    tracker.handle(partition, offset: 41)
    tracker.acknowledgeHandled()
    #expect(committable() == [partition: 42])
    #expect(seal().isEmpty, "there is nothing left to seal")
  }

  @Test mutating func whatIsCommittedIsNotCommittableAgain() {
    tracker.handle(partition, offset: 0)
    tracker.acknowledgeHandled()
    tracker.committed(partition, next: 1)
    #expect(committable() == [:])
  }

  @Test mutating func aFailedCommitIsCommittableAgain() {
    tracker.handle(partition, offset: 0)
    tracker.acknowledgeHandled()
    tracker.committed(partition, next: 1)
    tracker.uncommitted(partition)
    #expect(committable() == [partition: 1])
  }

  @Test mutating func aSealNamesOnlyPartitionsThatMoved() {
    let other = tracker.addPartition()
    tracker.acquire(other)
    tracker.handle(partition, offset: 0)
    tracker.handle(other, offset: 9)
    #expect(seal().map(\.partition) == [partition, other])
    tracker.handle(other, offset: 10)
    #expect(seal().map(\.next) == [11])
  }

  @Test mutating func aReassignmentVoidsEarlierMarks() {
    tracker.handle(partition, offset: 99)
    let stale = seal()
    tracker.release(partition)
    tracker.acknowledge(stale)
    #expect(committable() == [:])
    tracker.acquire(partition)
    #expect(tracker.handled(partition) == -1)
    tracker.handle(partition, offset: 50)
    tracker.acknowledge(stale)
    #expect(committable() == [:])
    tracker.acknowledge(seal())
    #expect(committable() == [partition: 51])
  }

  @Test mutating func aReleasedPartitionIsNeitherSealedNorCommitted() {
    tracker.handle(partition, offset: 0)
    tracker.acknowledge(seal())
    tracker.handle(partition, offset: 1)
    tracker.release(partition)
    #expect(!tracker.owns(partition))
    #expect(seal().isEmpty)
    tracker.acknowledgeHandled()
    #expect(committable() == [:])
  }

  @Test mutating func aGapIsPassedButNeverBackwards() {
    tracker.handle(partition, offset: 10)
    tracker.passGap(partition, to: 20)
    #expect(tracker.handled(partition) == 20)
    tracker.passGap(partition, to: 15)
    #expect(tracker.handled(partition) == 20)
  }

  @Test mutating func aLogThatGoesOnEarlierIsCommittedFromThere() {
    tracker.handle(partition, offset: 999)
    let stale = seal()
    tracker.handle(partition, offset: 1000)
    tracker.acknowledge(stale)
    tracker.committed(partition, next: 1000)
    let late = seal()
    tracker.handle(partition, offset: 3)
    tracker.acknowledge(late)
    #expect((committable()[partition] ?? -1) <= 3, "what was before says nothing about these records")
    tracker.acknowledge(seal())
    #expect(committable() == [partition: 4])
  }

  @Test mutating func rewindingGoesBackToTheCommittedOffset() {
    tracker.handle(partition, offset: 5)
    _ = seal()
    tracker.committed(partition, next: 6)
    tracker.handle(partition, offset: 6)
    let aborted = seal()
    #expect(rewind() == [partition: 6])
    tracker.acknowledge(aborted)
    #expect(tracker.handled(partition) == 6)
    #expect(committable() == [:])
  }

  @Test mutating func rewindingWithoutACommitGoesBackToTheFirstRecord() {
    tracker.handle(partition, offset: 5)
    tracker.handle(partition, offset: 6)
    _ = seal()
    #expect(rewind() == [partition: 5])
    #expect(rewind() == [:], "there is nothing more to go back over")
  }

  @Test mutating func whatIsHandledBeyondTheCommitGoesWithATransaction() {
    tracker.handle(partition, offset: 0)
    _ = seal()
    tracker.handle(partition, offset: 1)
    #expect(tracker.handledBeyondCommit().map(\.next) == [2], "the record skipped behind the last batch, too")
    tracker.committed(partition, next: 2)
    #expect(tracker.handledBeyondCommit().isEmpty)
    tracker.handle(partition, offset: 2)
    tracker.release(partition)
    #expect(tracker.handledBeyondCommit().isEmpty)
  }

  private mutating func seal() -> [OffsetTracker.Mark] {
    var marks: [OffsetTracker.Mark] = []
    tracker.seal(into: &marks)
    return marks
  }

  private func committable() -> [Int: Int64] {
    Dictionary(uniqueKeysWithValues: tracker.committable().map { ($0.partition, $0.next) })
  }

  private mutating func rewind() -> [Int: Int64] {
    Dictionary(uniqueKeysWithValues: tracker.rewind().map { ($0.partition, $0.next) })
  }
}
