import Testing

@testable import Millrace

/// When a batch is closed. Time is passed by hand, in milliseconds.
@Suite struct BatcherTests {
  @Test func anEmptyBatchNeverCloses() {
    let batcher = Batcher(maxRows: 1, maxDelay: .zero)
    #expect(batcher.decide(at: at(1_000_000)) == .idle)
  }

  @Test func aBatchClosesBySizeEvenWhenItIsDue() {
    var batcher = Batcher(maxRows: 2, maxDelay: .milliseconds(5))
    batcher.admit(at: at(0))
    #expect(!batcher.isFull)
    batcher.admit(at: at(1))
    #expect(batcher.isFull)
    #expect(batcher.decide(at: at(1)) == .close(.size))
    #expect(batcher.decide(at: at(100)) == .close(.size))
  }

  @Test func aBatchClosesWhenItsFirstRecordHasWaited() {
    var batcher = Batcher(maxRows: 10, maxDelay: .milliseconds(5))
    batcher.admit(at: at(20))
    #expect(batcher.decide(at: at(20)) == .wait(until: at(25)))
    #expect(batcher.decide(at: at(24)) == .wait(until: at(25)))
    #expect(batcher.decide(at: at(25)) == .close(.delay))
  }

  @Test func aTrickleDoesNotPostponeTheFirstRecord() {
    var batcher = Batcher(maxRows: 100, maxDelay: .milliseconds(5))
    for time in 0..<5 {
      batcher.admit(at: at(Int64(time)))
      #expect(batcher.decide(at: at(Int64(time))) == .wait(until: at(5)))
    }
    #expect(batcher.decide(at: at(5)) == .close(.delay))
  }

  @Test func aClearedBatchCountsItsDelayAnew() {
    var batcher = Batcher(maxRows: 2, maxDelay: .milliseconds(5))
    batcher.admit(at: at(0))
    batcher.admit(at: at(0))
    batcher.clear()
    #expect(batcher.rows == 0)
    #expect(batcher.decide(at: at(9)) == .idle)
    batcher.admit(at: at(10))
    #expect(batcher.decide(at: at(10)) == .wait(until: at(15)))
  }

  @Test func withoutDelayABatchIsDueAtOnce() {
    var batcher = Batcher(maxRows: 10, maxDelay: .zero)
    batcher.admit(at: at(3))
    #expect(batcher.decide(at: at(3)) == .close(.delay))
  }

  @Test(arguments: [Duration.seconds(Int64.max), .nanoseconds(Int64.max), .seconds(9_223_372_036) + .nanoseconds(999_999_999)])
  func aDelayBeyondAllTimeNeverComes(_ delay: Duration) {
    var batcher = Batcher(maxRows: 10, maxDelay: delay)
    batcher.admit(at: at(1))
    #expect(batcher.decide(at: at(1_000_000_000)) == .wait(until: MonotonicTime(nanoseconds: .max)))
  }

  private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }
}
