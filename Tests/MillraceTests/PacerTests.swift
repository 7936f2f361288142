import Testing

@testable import Millrace

@Suite struct PacerTests {
  private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

  @Test func aRateIsABucketThatHoldsATenthOfASecond() {
    let limit = Pacer(perSecond: 100, from: at(0), burst: 10)
    #expect(limit.take(500, at: at(0)) == 1)
    #expect(limit.take(500, at: at(0)) == 0)
    #expect(limit.take(500, at: at(50)) == 5)
    #expect(limit.take(500, at: at(10_000)) == 10)
    limit.giveBack(4)
    #expect(limit.take(2, at: at(10_000)) == 2)
    #expect(limit.take(9, at: at(10_000)) == 2)
  }

  @Test func recordsGoNoFasterThanThePace() {
    let pace = Pacer(perSecond: 4, from: at(0), burst: 1)
    var now = at(0)
    var sent: [Int64] = []
    for _ in 0..<5 {
      now = now + pace.delay(at: now)
      #expect(pace.take(1, at: now) == 1)
      sent.append(now.nanoseconds / 1_000_000)
    }
    #expect(sent == [0, 250, 500, 750, 1000])
    now = now + .seconds(10)
    #expect(pace.delay(at: now) == .zero)
    #expect(pace.take(2, at: now) == 1)
    #expect(pace.delay(at: now) == .milliseconds(250), "what was late does not catch up")
    let free = Pacer(perSecond: .infinity, from: at(0), burst: 1)
    #expect(free.take(7, at: now) == 7)
    #expect(free.delay(at: now) == .zero)
  }

  @Test func whoCatchesUpKeepsTheScheduleToTheRecord() {
    let pace = Pacer(perSecond: 3, from: at(0), burst: .max)
    #expect(pace.take(.max, at: at(0)) == 1)
    #expect(pace.due == MonotonicTime(nanoseconds: 333_333_334))
    #expect(pace.take(.max, at: at(3_600_000)) == 3 * 3_600)
    #expect(pace.take(.max, at: at(3_600_000)) == 0)
  }

  /// At whatever rate and however unevenly it is asked: the delay is as long as it must be and no longer, and on the average the pace is
  /// kept.
  @Test(arguments: 1...100 as ClosedRange<UInt64>)
  func aDelayIsNeitherTooShortNorTooLong(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let rate = Double.random(in: 0.01...200_000, using: &random)
    let pace = Pacer(perSecond: rate, from: at(5), burst: .max)
    var now = at(5)
    for record in 0..<1000 {
      now = now + pace.delay(at: now)
      #expect(pace.take(0, at: now) == 0 && pace.take(1, at: now) == 1, "seed \(seed), record \(record)")
      let late = (now - at(5)).seconds - Double(record) / rate
      #expect(late >= 0 && late < 1 / rate + 1e-8, "seed \(seed), record \(record)")
      now = now + .nanoseconds(Int64.random(in: 0...Int64(1e9 / rate), using: &random))
    }
  }

  @Test func workersThatShareOneGetNoMoreThanItAllows() async {
    let pace = Pacer(perSecond: 1000, from: at(0), burst: 100)
    let taken = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 { group.addTask { (0..<1000).reduce(0) { $0 + pace.take(3, at: at(Int64($1))) } } }
      return await group.reduce(0, +)
    }
    #expect(taken <= 1000)
  }
}
