import ModelRuntime
import Testing

@testable import Millrace

@Suite struct CircuitBreakerTests {
  private func time(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

  @Test func failuresInARowOpenItAndASuccessBeginsTheCountAnew() {
    var breaker = CircuitBreaker(failureThreshold: 3, openFor: .seconds(1))
    for _ in 0..<5 {
      breaker.failed(at: time(0))
      breaker.failed(at: time(0))
      breaker.succeeded()
    }
    #expect(!breaker.isOpen)
    for _ in 0..<3 { breaker.failed(at: time(10)) }
    #expect(breaker.reopensAt == time(1_010))
  }

  @Test func oneFailedProbeOpensItAgainAndOneThatSucceedsClosesIt() {
    var breaker = CircuitBreaker(failureThreshold: 2, openFor: .milliseconds(100))
    breaker.failed(at: time(0))
    breaker.failed(at: time(0))
    #expect([99, 100].map { breaker.admits(at: time($0)) } == [false, true])
    #expect(breaker.state == .halfOpen)
    breaker.failed(at: time(120))
    #expect(breaker.reopensAt == time(220))
    #expect([219, 220].map { breaker.admits(at: time($0)) } == [false, true])
    breaker.succeeded()
    #expect(breaker.state == .closed(failures: 0))
  }

  @Test func rowsThatTheModelRejectsLeaveAProbeUndecided() {
    var breaker = CircuitBreaker(failureThreshold: 1, openFor: .milliseconds(100))
    breaker.failed(at: time(0))
    // Nothing is reported of them.
    #expect([100, 101].map { breaker.admits(at: time($0)) } == [true, true])
    #expect(breaker.state == .halfOpen)
  }

  @Test(arguments: UInt64(1)...200) func itFollowsItsRuleWhateverHappens(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let threshold = Int.random(in: 1...5, using: &random)
    let openFor = Int64.random(in: 1...50, using: &random)
    var breaker = CircuitBreaker(failureThreshold: threshold, openFor: .milliseconds(openFor))
    var rule = Rule(threshold: threshold, openFor: openFor)
    var now: Int64 = 0
    for _ in 0..<300 {
      now += Int64.random(in: 0...20, using: &random)
      let admits = breaker.admits(at: time(now))
      #expect(admits == rule.admits(now), "seed \(seed) at \(now)")
      guard admits else { continue }
      switch Int.random(in: 0..<5, using: &random) {
      case 0: break
      case 1:
        breaker.succeeded()
        rule.attempts.append((now, true))
      default:
        breaker.failed(at: time(now))
        rule.attempts.append((now, false))
      }
    }
  }

  /// The rule as it is told, from all that has happened: no state but the attempts.
  private struct Rule {
    let threshold: Int
    let openFor: Int64
    var attempts: [(time: Int64, succeeded: Bool)] = []

    func admits(_ now: Int64) -> Bool {
      let failures = attempts.reversed().prefix { !$0.succeeded }
      guard failures.count >= threshold, let last = failures.first else { return true }
      return now >= last.time + openFor
    }
  }
}

/// Retries, their pauses, and when they end.
@Suite struct AttemptsTests {
  @Test func anOpenCircuitEndsTheRetriesAndAProbeHasNone() throws {
    let rig = try Rig(
      retry: RetryPolicy(interval: .milliseconds(1), factor: 1, cap: .seconds(1), jitter: 0, maxAttempts: 10), threshold: 4)
    rig.model.failures = 5
    #expect(rig.run() == .circuitOpen)
    #expect(rig.model.runs == 4)
    #expect(rig.run() == .circuitOpen)
    #expect(rig.model.runs == 4, "an open circuit makes no attempt")
    rig.now += 1_000
    #expect(rig.run() == .circuitOpen)
    #expect(rig.model.runs == 5, "a probe is one attempt")
    rig.now += 1_000
    #expect(rig.run() == nil)
    #expect(rig.statistics.value(.circuitOpenings) == 2)
    #expect(rig.statistics.circuit == .closed)
  }

  @Test func allPausesOfABatchShareOneBudget() throws {
    let rig = try Rig(
      retry: RetryPolicy(interval: .milliseconds(10), factor: 1, cap: .seconds(1), jitter: 0, maxAttempts: 4), threshold: 1_000,
      budget: .milliseconds(50))
    rig.model.failures = 1_000
    #expect(rig.run() == .usedUp(attempts: 4))
    #expect(rig.run() == .usedUp(attempts: 3), "20 of 50 ms were left")
    #expect(rig.run() == .usedUp(attempts: 1))
    #expect(rig.attempts.paused == .milliseconds(50))
    rig.attempts.beginBatch()
    #expect(rig.run() == .usedUp(attempts: 4))
  }

  @Test func aWorkerThatIsToStopMakesNoMoreAttempts() throws {
    let rig = try Rig(retry: RetryPolicy(interval: .seconds(1), factor: 1, cap: .seconds(1), jitter: 0, maxAttempts: 9), threshold: 1_000)
    rig.model.failures = 1_000
    rig.isStopping = true
    #expect(rig.run() == .stopping)
    #expect(rig.model.runs == 1)
  }

  private final class Rig {
    let model = FailingModel()
    let statistics = WorkerStatistics()
    var now: Int64 = 0
    var isStopping = false
    private(set) var attempts = Attempts.once
    private let session: any ModelSession

    init(retry: RetryPolicy, threshold: Int, budget: Duration = .seconds(60)) throws {
      session = try model.makeSession(inputs: InputTensors(model.signature.inputs, capacity: 1), outputs: [])
      attempts = Attempts(
        retry: retry, budget: budget, breaker: CircuitBreaker(failureThreshold: threshold, openFor: .seconds(1)), statistics: statistics,
        clock: { [unowned self] in MonotonicTime(nanoseconds: now * 1_000_000) },
        pause: { [unowned self] time in
          now += time.nanoseconds / 1_000_000
          return !isStopping
        })
    }

    /// nil: it answered.
    func run() -> Unanswered.Reason? {
      if case .unanswered(let why) = attempts.run(session, 0..<1) { why.reason } else { nil }
    }
  }
}

/// @unchecked: a test uses it on its own thread only.
private final class FailingModel: Model, ModelSession, @unchecked Sendable {
  let name = "failing"
  let version = "1"
  let signature = ModelSignature(inputs: [TensorSpec(name: "x", elementType: .float32, shape: [nil, 1])], outputs: [])
  var failures = 0
  private(set) var runs = 0

  func makeSession(inputs: InputTensors, outputs: [Int]) throws(ModelError) -> any ModelSession { self }

  func run(rows: Range<Int>) throws(ModelError) {
    runs += 1
    failures -= 1
    if failures >= 0 { throw ModelError(.run(transient: true), "it is away") }
  }

  func output(_ index: Int) -> OutputTensor { fatalError("it has none") }
}
