import Testing

@testable import Millrace

@Suite struct PacedQueuesTests {
  private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

  private func drain(_ queues: inout PacedQueues<String>, at now: MonotonicTime, expected: Int = 2) -> [String] {
    var items: [String] = []
    while let next = queues.next(at: now, expected: expected) { items.append(next.item) }
    return items
  }

  @Test func itemsGoAtTheSpacingOfTheirTimestampsAcrossPartitions() {
    var queues = PacedQueues<String>(speed: 10)
    for (item, time) in [("a", Int64(1000)), ("c", 3000)] { queues.hold(item, timestampMs: time, partition: 0, at: at(0)) }
    for (item, time) in [("b", Int64(2000)), ("d", 3500)] { queues.hold(item, timestampMs: time, partition: 1, at: at(0)) }
    #expect(drain(&queues, at: at(50)) == ["a"])
    #expect(queues.nextDue == at(150))
    #expect(drain(&queues, at: at(149)) == [])
    #expect(drain(&queues, at: at(250)) == ["b", "c"])
    #expect(drain(&queues, at: at(299)) == [])
    #expect(drain(&queues, at: at(300)) == ["d"])
    #expect(queues.nextDue == nil)
  }

  @Test func theClockWaitsForEveryPartitionButNotForEver() {
    var queues = PacedQueues<String>(speed: 1)
    queues.hold("b", timestampMs: 500, partition: 0, at: at(0))
    #expect(drain(&queues, at: at(1000)) == [])
    queues.hold("a", timestampMs: 400, partition: 1, at: at(1000))
    #expect(drain(&queues, at: at(1000)) == ["a"])
    #expect(drain(&queues, at: at(1100)) == ["b"])
    var alone = PacedQueues<String>(speed: 1)
    alone.hold("a", timestampMs: 0, partition: 0, at: at(0))
    #expect(drain(&alone, at: at(2999)) == [])
    #expect(drain(&alone, at: at(3000)) == ["a"])
  }

  @Test func itemsThatAreLateOrUndatedGoAtOnceAndInOrder() {
    var queues = PacedQueues<String>(speed: 1)
    for (item, time) in [("a", Int64(100)), ("b", 50), ("c", -1), ("d", 200)] {
      queues.hold(item, timestampMs: time, partition: 0, at: at(0))
    }
    #expect(drain(&queues, at: at(0), expected: 1) == ["a", "b", "c"])
    #expect(drain(&queues, at: at(100), expected: 1) == ["d"])
  }

  @Test func timestampsFarApartAreNoOverflow() {
    var queues = PacedQueues<String>(speed: 0.001)
    queues.hold("a", timestampMs: 0, partition: 0, at: at(0))
    queues.hold("b", timestampMs: .max, partition: 0, at: at(0))
    #expect(drain(&queues, at: at(0), expected: 1) == ["a"])
    #expect(drain(&queues, at: at(1_000_000), expected: 1) == [])
  }

  @Test func anEndComesBehindTheItemsOfItsPartition() {
    var queues = PacedQueues<String>(speed: 1)
    queues.hold("a", timestampMs: 0, partition: 3, at: at(0))
    queues.setEnd(3, 77)
    #expect(queues.takeEnds().isEmpty)
    #expect(drain(&queues, at: at(0), expected: 1) == ["a"])
    #expect(queues.takeEnds().map(\.next) == [77])
    #expect(queues.takeEnds().isEmpty)
  }

  @Test func aPartitionThatIsGivenBackLeavesNothing() {
    var queues = PacedQueues<String>(speed: 1)
    queues.hold("a", timestampMs: 0, partition: 0, at: at(0))
    queues.hold("b", timestampMs: 0, partition: 1, at: at(0))
    #expect(queues.removeAll(of: 0) == ["a"])
    #expect(queues.count == 1)
    #expect(drain(&queues, at: at(0), expected: 1) == ["b"])
  }
}
