import KafkaClient
import Testing

@testable import Millrace

/// Ranges by time, which a mock cluster can't answer: a log in memory does.
@Suite struct RangeResolverTests {
  /// The timestamps of each partition's records, from an offset on.
  private struct Log: OffsetLookup {
    var first: Int64 = 0
    var times: [Int32: [Int64]]

    func watermarks(of partition: TopicPartition) throws(KafkaError) -> Watermarks {
      Watermarks(low: first, high: first + Int64(times[partition.partition]?.count ?? 0))
    }

    func offsets(at timeMs: Int64, of partitions: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Int64] {
      var found: [TopicPartition: Int64] = [:]
      for partition in partitions {
        let index = times[partition.partition]?.firstIndex { $0 >= timeMs }
        if let index { found[partition] = first + Int64(index) }
      }
      return found
    }
  }

  private func ranges(_ log: Log, _ from: ReplayBound, _ to: ReplayBound) throws -> [ReplayRange] {
    let partitions = log.times.keys.sorted().map { TopicPartition(topic: "t", partition: $0) }
    let ranges = try RangeResolver(from: from, to: to).ranges(of: partitions, by: log)
    return partitions.compactMap { ranges[$0] }
  }

  private func range(_ times: [Int64], _ from: ReplayBound, _ to: ReplayBound, first: Int64 = 0) throws -> [Int64] {
    try ranges(Log(first: first, times: [0: times]), from, to).flatMap { [$0.from, $0.to] }
  }

  @Test func everythingIsFromTheFirstRecordThatIsLeftToTheLast() throws {
    #expect(try range([1, 2, 3], .earliest, .latest, first: 100) == [100, 103])
  }

  @Test func aTimeIsTheFirstRecordOfThatTimeOrLater() throws {
    #expect(try range([10, 20, 30, 40], .time(20), .time(40)) == [1, 3])
    #expect(try range([10, 20, 30, 40], .time(15), .time(35)) == [1, 3])
  }

  @Test func theEndIsNotIncluded() throws {
    #expect(try range([10, 20], .time(10), .time(20)) == [0, 1])
    #expect(try range([10, 20], .offset(0), .offset(1)) == [0, 1])
  }

  @Test func equalTimestampsAreInTogetherOrOutTogether() throws {
    #expect(try range([10, 20, 20, 20, 30], .time(20), .time(21)) == [1, 4])
    #expect(try range([10, 20, 20, 20, 30], .time(0), .time(20)) == [0, 1])
  }

  @Test func decreasingTimestampsAreTakenInTheOrderOfTheLog() throws {
    #expect(try range([30, 10, 20, 40], .time(20), .time(40)) == [0, 3])
    // The end was met before the beginning: nothing is between them.
    #expect(try range([50, 10, 20], .time(10), .time(45)) == [0, 0])
  }

  @Test func aRangeBeforeTheFirstOrAfterTheLastRecordIsEmpty() throws {
    #expect(try range([10, 20], .time(1), .time(5)) == [0, 0])
    #expect(try range([10, 20], .time(25), .time(35)) == [2, 2])
    #expect(try range([10, 20], .time(15), .time(15)) == [1, 1])
  }

  @Test func partitionsWithoutRecordsAreEmptyRanges() throws {
    #expect(try ranges(Log(times: [0: [10], 1: [], 2: [10, 20]]), .time(5), .latest).map(\.count) == [1, 0, 2])
    #expect(try range([], .earliest, .latest, first: 7) == [7, 7])
  }

  @Test func offsetsBeyondTheLogAreMovedToItsEnds() throws {
    #expect(try range([1, 2, 3], .offset(2), .offset(500), first: 100) == [100, 103])
    #expect(try range([1, 2, 3], .offset(500), .latest, first: 100) == [103, 103])
    #expect(try range([1, 2, 3], .offset(102), .offset(101), first: 100) == [102, 102])
    #expect(try range([1, 2, 3], .latest, .latest) == [3, 3])
  }
}
