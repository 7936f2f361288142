import Testing

@testable import Millrace

/// A partition that has work and does not move, and what is said to be the cause. The clock is moved by hand.
@Suite struct StallDetectorTests {
  private typealias Progress = WorkerPulse.Progress

  @Test func whatMovesOrHasNoWorkIsNoStall() {
    var watch = Watch()
    #expect(watch.look(0, progress(handled: 10, committed: 10, end: 10)).isEmpty)
    #expect(watch.look(500, progress(handled: 10, committed: 10, end: 10)).isEmpty)
    // Work came just now.
    #expect(watch.look(510, progress(handled: 10, committed: 10, end: 90)).isEmpty)
    #expect(watch.look(560, progress(handled: 11, committed: 10, end: 90)).isEmpty)
    #expect(watch.look(620, progress(handled: 11, committed: 11, end: 90)).isEmpty)
  }

  @Test func recordsThatNobodySendsAreAStallAfterTheTimeout() {
    var watch = Watch()
    watch.state.readError = "broker 2 is down"
    #expect(watch.look(0, progress(handled: 10, committed: 10, end: 90)).isEmpty)
    #expect(watch.look(59, progress(handled: 10, committed: 10, end: 90)).isEmpty)
    let stalls = watch.look(60, progress(handled: 10, committed: 10, end: 95))
    #expect(
      stalls == [
        Stall(
          worker: 3, partition: "events/0", lag: 85, duration: .seconds(60), reason: .nothingFetched(lastError: "broker 2 is down"))
      ])
    #expect(watch.look(61, progress(handled: 12, committed: 10, end: 95)).isEmpty)
  }

  @Test func aPartitionThatNeverAnsweredAFetchIsOneToo() {
    var watch = Watch()
    #expect(watch.look(0, progress(handled: nil, committed: 10, end: nil)).isEmpty)
    #expect(watch.look(60, progress(handled: nil, committed: 10, end: nil)).map(\.reason) == [.nothingFetched(lastError: nil)])
  }

  @Test func whatWaitsForTheLanesHoursIsNoStallAndWhatIsNotCommittedIs() {
    var watch = Watch()
    watch.state.isResting = true
    #expect(watch.look(0, progress(handled: 10, committed: 10, end: 90)).isEmpty)
    #expect(watch.look(600, progress(handled: 10, committed: 10, end: 90)).isEmpty)
    watch.state.isResting = false
    // The time counts from the beginning of the hours.
    #expect(watch.look(601, progress(handled: 10, committed: 10, end: 90)).isEmpty)
    watch.state.isResting = true
    _ = watch.look(700, progress(handled: 12, committed: 10, end: 90))
    #expect(watch.look(800, progress(handled: 12, committed: 10, end: 90)).map(\.reason) == [.commitFails(lastError: nil)])
  }

  @Test func aBrokerThatAcknowledgesNothingIsNamedWithTheProducersError() {
    var watch = Watch()
    watch.state.unacknowledged = 7
    watch.state.produceError = "timed out"
    #expect(watch.look(0, progress(handled: 90, committed: 10, end: 90)).isEmpty)
    // The commit was not due before.
    #expect(watch.look(64, progress(handled: 90, committed: 10, end: 90)).isEmpty)
    #expect(watch.look(65, progress(handled: 90, committed: 10, end: 90)).map(\.reason) == [.unacknowledged(7, lastError: "timed out")])
    watch.state.isFull = true
    #expect(
      watch.look(66, progress(handled: 90, committed: 10, end: 90)).map(\.reason)
        == [.backPressure(unacknowledged: 7, lastError: "timed out")])
  }

  @Test func aCommitThatFailsAndAPauseAreNamed() {
    var watch = Watch()
    watch.state.commitError = "not the coordinator"
    _ = watch.look(0, progress(handled: 90, committed: 10, end: 90))
    #expect(
      watch.look(65, progress(handled: 90, committed: 10, end: 90)).map(\.reason) == [.commitFails(lastError: "not the coordinator")])
    watch.state.pause = "the breaker of model fraud is open"
    #expect(
      watch.look(66, progress(handled: 90, committed: 10, end: 90)).map(\.reason) == [.paused("the breaker of model fraud is open")])
  }

  @Test func aModelThatDoesNotComeBackStallsAllThatItsWorkerReads() {
    var watch = Watch()
    // What the worker last said of its partitions is old: there was no lag then.
    let last = [progress(handled: 10, committed: 10, end: 10), progress("events/1", handled: 5, committed: 5, end: 5)]
    _ = watch.look(0, last)
    watch.enter(.scoring, at: 5)
    #expect(watch.look(64, last, isHung: true).isEmpty)
    let stalls = watch.look(65, last, isHung: true)
    #expect(stalls.map(\.partition) == ["events/0", "events/1"])
    #expect(stalls.allSatisfy { $0.reason == .modelCall(running: .seconds(60)) })
  }

  @Test func aPartitionThatStoodStillJustBeforeTheModelHangsIsTheModelsToo() {
    var watch = Watch()
    _ = watch.look(0, progress(handled: nil, committed: nil, end: nil))
    watch.enter(.scoring, at: 1)
    #expect(watch.look(60, [progress(handled: nil, committed: nil, end: nil)], isHung: true).map(\.reason.name) == ["model_call"])
  }

  @Test func aWorkerThatHangsBeforeItHasPartitionsIsSeen() {
    var watch = Watch()
    watch.enter(.starting, at: 0)
    let stalls = watch.look(70, [], isHung: true)
    #expect(stalls.map(\.partition) == [nil])
    #expect(stalls.first?.reason.name == "busy")
    watch.enter(.ended, at: 71)
    #expect(watch.look(200, [], isHung: true).isEmpty)
  }

  private func progress(_ partition: String = "events/0", handled: Int64?, committed: Int64?, end: Int64?) -> WorkerPulse.Progress {
    Progress(partition: partition, handled: handled, committed: committed, low: 0, end: end)
  }
}

/// A worker's pulse and its detector; times are in seconds.
private struct Watch {
  var state = WorkerPulse.State()
  private var detector = StallDetector(worker: 3, stallTimeout: .seconds(60), commitInterval: .seconds(5))

  init() { state.activity = .reading }

  mutating func enter(_ activity: WorkerPulse.Activity, at second: Int64) {
    state.activity = activity
    state.since = MonotonicTime(nanoseconds: second * 1_000_000_000)
  }

  mutating func look(_ second: Int64, _ progress: WorkerPulse.Progress) -> [Stall] { look(second, [progress]) }

  /// - Parameter isHung: the worker has not turned round since it last entered something.
  mutating func look(_ second: Int64, _ progress: [WorkerPulse.Progress], isHung: Bool = false) -> [Stall] {
    let now = MonotonicTime(nanoseconds: second * 1_000_000_000)
    if !isHung { state.since = now }
    state.progress = progress
    return detector.stalls(state, at: now)
  }
}
