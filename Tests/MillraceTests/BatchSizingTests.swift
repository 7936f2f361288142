import Testing

@testable import Millrace

/// What a worker learns of what batches cost. The costs are made up, and time is passed by hand.
@Suite struct BatchSizingTests {
  @Test func aModelThatGetsNoCheaperStaysSmall() {
    // Trees: every row costs the same, and a run next to nothing.
    var lane = Backlog { rows in 60 + 4_500 * Double(rows) }
    lane.run(batches: 400)
    #expect(lane.settledSize <= 8)
  }

  @Test func aModelWithAFixedCostGrows() {
    // A dense network: 200 µs for a run, and 2 µs for a row.
    var lane = Backlog { rows in 200_000 + 2_000 * Double(rows) }
    lane.run(batches: 400)
    #expect(lane.settledSize == 256)
    #expect(lane.nanosecondsPerRow < 1.05 * (200_000 / 256 + 2_000))
  }

  @Test func theSmallestOfTheCheapSizesIsTaken() {
    // Rows are within 4% of the least from about 64 on.
    var lane = Backlog { rows in 10_000 + 4_500 * Double(rows) }
    lane.run(batches: 400)
    #expect((32...128).contains(lane.settledSize))
  }

  @Test func aModelThatSlowsDownBeyondASizeStopsThere() {
    // Beyond 64 rows its memory no longer fits the cache.
    var lane = Backlog { rows in rows <= 64 ? 50_000 + 1_000 * rows : 114_000 + 6_000 * (rows - 64) }
    lane.run(batches: 800)
    #expect(lane.settledSize == 64)
  }

  @Test(arguments: 1...20)
  func noiseDoesNotLeadItFarFromTheLeast(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let cost: (Double) -> Double = { 200_000 + 2_000 * $0 }
    var lane = Backlog { rows in
      let isInterrupted = Double.random(in: 0..<1, using: &generator) < 0.02
      return cost(rows) * Double.random(in: 0.8..<1.2, using: &generator) * (isInterrupted ? 10 : 1)
    }
    lane.run(batches: 2_000)
    var (sum, rows) = (0.0, 0.0)
    for size in lane.sizes.suffix(1_500) {
      sum += cost(Double(size))
      rows += Double(size)
    }
    #expect(sum / rows < 1.15 * cost(256) / 256)
  }

  @Test func itFollowsAModelThatChanges() {
    var fixed = 200_000.0
    var lane = Backlog { rows in fixed + 2_000 * rows }
    lane.run(batches: 600)
    #expect(lane.settledSize == 256)
    fixed = 100
    lane.run(batches: 6_000)
    #expect(lane.settledSize <= 16, "rows are as cheap in small batches now")
    fixed = 200_000
    lane.run(batches: 6_000)
    #expect(lane.settledSize == 256)
  }

  @Test func aBatchLeavesTheProcessorToAnUrgentLaneInTime() {
    var lane = Backlog(maxBusy: .microseconds(400)) { rows in 200_000 + 2_000 * rows }
    lane.run(batches: 400)
    #expect(lane.settledSize == 64, "128 rows would take 456 µs")
  }

  @Test func whatIsFasterThanPatienceAllowsIsNotForbiddenAltogether() {
    var lane = Backlog(maxBusy: .microseconds(1)) { rows in 200_000 + 2_000 * rows }
    lane.run(batches: 400)
    #expect(lane.settledSize >= 1)
  }

  @Test func aSingleRowIsAllThereMayBe() {
    var lane = Backlog(maxRows: 1) { rows in 10_000 * rows }
    lane.run(batches: 10)
    #expect(lane.settledSize == 1)
  }

  // MARK: Waiting

  @Test func nothingIsWaitedForThatGainsNothing() {
    var sizing = BatchSizing(maxRows: 256)
    for rows in [1, 2, 4, 8, 4, 2, 1] { learn(&sizing, rows: rows, nanoseconds: Int64(4_500 * rows), elapsedMs: 1) }
    #expect(!sizing.gainsByWaiting(rows: 1, for: .milliseconds(20)))
  }

  @Test func rowsThatGetCheaperAreWaitedFor() {
    var sizing = BatchSizing(maxRows: 256)
    for rows in [1, 8, 32, 64, 128] { learn(&sizing, rows: rows, nanoseconds: Int64(200_000 + 2_000 * rows), elapsedMs: 4) }
    #expect(sizing.gainsByWaiting(rows: 4, for: .milliseconds(20)))
    #expect(!sizing.gainsByWaiting(rows: 4, for: .zero), "no time is left in which any would come")
  }

  @Test func whatWillNotComeIsNotWaitedFor() {
    var sizing = BatchSizing(maxRows: 256)
    learn(&sizing, rows: 64, nanoseconds: 330_000, elapsedMs: 4)
    // One record a second from here on: none comes within the 20 ms that are left.
    for _ in 0..<200 { learn(&sizing, rows: 1, nanoseconds: 202_000, elapsedMs: 1_000) }
    #expect(!sizing.gainsByWaiting(rows: 1, for: .milliseconds(20)))
  }

  @Test func aNightWithoutRecordsIsSoonForgotten() {
    var sizing = BatchSizing(maxRows: 256)
    for rows in [8, 32, 64] { learn(&sizing, rows: rows, nanoseconds: Int64(200_000 + 2_000 * rows), elapsedMs: 4) }
    learn(&sizing, rows: 1, nanoseconds: 202_000, elapsedMs: 30_000_000)
    for _ in 0..<8 { learn(&sizing, rows: 16, nanoseconds: 232_000, elapsedMs: 4) }
    #expect(sizing.gainsByWaiting(rows: 4, for: .milliseconds(20)))
  }

  private func learn(_ sizing: inout BatchSizing, rows: Int, nanoseconds: Int64, elapsedMs: Int64) {
    sizing.learn(rows: rows, busy: .nanoseconds(nanoseconds), elapsed: .milliseconds(elapsedMs), maxDelay: .milliseconds(20))
  }
}

/// A lane that is far behind: every batch is full.
private struct Backlog {
  var batcher: Batcher
  let cost: (Double) -> Double
  var now = MonotonicTime(nanoseconds: 0)
  var sizes: [Int] = []
  var times: [Double] = []

  init(maxRows: Int = 256, maxBusy: Duration? = nil, cost: @escaping (Double) -> Double) {
    batcher = Batcher(maxRows: maxRows, maxDelay: .milliseconds(20), sizing: BatchSizing(maxRows: maxRows, maxBusy: maxBusy))
    self.cost = cost
  }

  mutating func run(batches: Int) {
    for _ in 0..<batches {
      while !batcher.isFull { batcher.admit(at: now) }
      let time = cost(Double(batcher.rows))
      let end = now + .nanoseconds(Int64(time))
      sizes.append(batcher.rows)
      times.append(time)
      batcher.scored(rows: batcher.rows, from: now, to: end, processorTime: end - now)
      batcher.clear()
      now = end
    }
  }

  /// The size of most of the last batches: now and then one of another size is tried.
  var settledSize: Int { sizes.suffix(33).sorted()[min(33, sizes.count) / 2] }
  var nanosecondsPerRow: Double { times.suffix(100).reduce(0, +) / Double(sizes.suffix(100).reduce(0, +)) }
}
