import KafkaClient
import Testing

@testable import Millrace

/// What the mock cluster can't show of a replay: look-ups by time, and logs with transactions in them.
@Suite(.serialized, .enabled(if: ReplayFixture.realBrokers != nil, "MILLRACE_TEST_BROKERS names no cluster"))
struct ReplayClusterTests {
  private static let start = ReplayFixture.start

  private static func time(_ ms: Int64) -> (text: String, bound: ReplayBound) { ("+\(ms) ms", .time(start + ms)) }

  /// Partition 0 has a record each 100 ms, 1 has ten of one time, the times of 2 run back, each with ten records; or none at all.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      (nil, nil, [10, 10, 10]), (500, nil, [5, 10, 10]), (501, nil, [4, 0, 10]), (nil, 500, [5, 0, 0]), (500, 800, [3, 10, 0]),
      (300, 300, [0, 0, 0]), (-50_000, nil, [10, 10, 10]), (nil, -50_000, [0, 0, 0]), (50_000, nil, [0, 0, 0]),
    ] as [(Int64?, Int64?, [Int])])
  func aRangeOfTimesIsThatOfTheFirstRecordsNotBefore(_ from: Int64?, _ to: Int64?, _ expected: [Int]) throws {
    let fixture = try ReplayFixture()
    for number in 0..<10 as Range<Int64> {
      try fixture.feed(timestampMs: Self.start + number * 100, partition: 0)
      try fixture.feed(timestampMs: Self.start + 500, partition: 1)
      try fixture.feed(timestampMs: Self.start + 1_900 - number * 100, partition: 2)
    }
    var settings = ReplaySettings(name: "times")
    if let from { settings.from = Self.time(from) }
    if let to { settings.to = Self.time(to) }
    let shares = try fixture.plan(settings, .dryRun).shares
    #expect((0..<3).map { partition in shares.first { $0.key.partition == partition }?.value.left ?? 0 } == expected.map(Int64.init))
  }

  /// Three transactions of five records, a tenth of a second apart and dated back; the mark behind each is of today.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [(nil, nil, 18), (100, 200, 6), (0, 100, 6), (50, 150, 6), (200, nil, 6), (nil, 0, 0), (201, nil, 0), (nil, 201, 18)]
      as [(Int64?, Int64?, Int64)])
  func marksOfTransactionsAreNoRecordsOfTheirTime(_ from: Int64?, _ to: Int64?, _ expected: Int64) throws {
    let fixture = try ReplayFixture()
    try fixture.feedTransactions(at: [0, 100, 200].map { Self.start + $0 })
    var settings = ReplaySettings(name: "marks")
    if let from { settings.from = Self.time(from) }
    if let to { settings.to = Self.time(to) }
    let shares = try fixture.plan(settings, .dryRun).shares
    #expect(shares.allSatisfy { $0.value.left == expected }, "\(shares.map { $0.value.left })")
  }

  @Test(.timeLimit(.minutes(1))) func partitionsWithoutRecordsAreDone() async throws {
    let fixture = try ReplayFixture()
    try fixture.feed(timestampMs: Self.start, partition: 1)
    let report = try await fixture.replay(try fixture.settings("sparse") { $0.from = Self.time(0) })
    #expect(report.replay.finished && report.run.consumed == 1)
  }

  @Test(.timeLimit(.minutes(2)), arguments: ["at_least_once", "exactly_once"])
  func abortedRecordsAndTheMarksOfTransactionsAreNotWaitedFor(_ delivery: String) async throws {
    let fixture = try ReplayFixture(delivery: delivery)
    try fixture.feedTransactions()
    let report = try await fixture.replay(try fixture.settings("marks"))
    #expect(report.replay.finished && report.replay.left == 0)
    #expect(report.run.predicted == 15)
    #expect(try fixture.outputs("predictions.replay.marks").values.allSatisfy { $0.count == 1 })
  }
}
