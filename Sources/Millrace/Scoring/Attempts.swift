import Foundation
import ModelRuntime

/// How a worker's runs of its model are tried again, and when no more are made. One thread.
final class Attempts {
  enum Outcome {
    case answered
    /// The rows would fail again.
    case rejected(ModelError)
    case unanswered(Unanswered)
  }

  private let retry: RetryPolicy
  /// What the pauses of one batch may take together, whatever it is halved into.
  private let budget: Duration
  private(set) var breaker: CircuitBreaker?
  private let statistics: WorkerStatistics?
  private let clock: () -> MonotonicTime
  private let pause: (Duration) -> Bool
  /// What the pauses of this batch have taken.
  private(set) var paused = Duration.zero
  private var lastError = ModelError(.run(transient: true), "it has not been tried")

  /// - Parameter pause: waits between two attempts; false: the worker is to stop, and makes no more.
  init(
    retry: RetryPolicy = .none, budget: Duration = .seconds(3600), breaker: CircuitBreaker? = nil, statistics: WorkerStatistics? = nil,
    clock: @escaping () -> MonotonicTime = { .now }, pause: @escaping (Duration) -> Bool
  ) {
    self.retry = retry
    self.budget = budget
    self.breaker = breaker
    self.statistics = statistics
    self.clock = clock
    self.pause = pause
  }

  /// One attempt at each run.
  static var once: Attempts { Attempts { _ in false } }

  /// As often as a policy says, however long the pauses are: for work that nobody waits for.
  static func patient(_ retry: RetryPolicy) -> Attempts {
    Attempts(retry: retry) { time in
      Thread.sleep(forTimeInterval: time.seconds)
      return true
    }
  }

  func beginBatch() { paused = .zero }

  /// Runs the model until it answers, rejects the rows, or is given up.
  func run(_ session: any ModelSession, _ rows: Range<Int>) -> Outcome {
    guard breaker?.admits(at: clock()) ?? true else { return .unanswered(Unanswered(reason: .circuitOpen, error: lastError)) }
    statistics?.setCircuit(breaker?.level ?? .closed)
    var attempt = 1
    while true {
      do throws(ModelError) {
        try session.run(rows: rows)
        breaker?.succeeded()
        statistics?.setCircuit(breaker?.level ?? .closed)
        return .answered
      } catch {
        guard error.isTransient else { return .rejected(error) }
        if let reason = giveUp(after: attempt, error) { return .unanswered(Unanswered(reason: reason, error: error)) }
        attempt += 1
      }
    }
  }

  /// Notes a failed attempt; waits before the next one unless there is none.
  private func giveUp(after attempt: Int, _ error: ModelError) -> Unanswered.Reason? {
    lastError = error
    let begin = clock()
    breaker?.failed(at: begin)
    statistics?.setCircuit(breaker?.level ?? .closed)
    if breaker?.isOpen == true {
      statistics?.add(1, to: .circuitOpenings)
      return .circuitOpen
    }
    let time = retry.pause(after: attempt, chance: .random(in: 0...1))
    if attempt >= retry.maxAttempts || paused + time > budget { return .usedUp(attempts: attempt) }
    statistics?.add(1, to: .retries)
    let goesOn = pause(time)
    paused += clock() - begin
    return goesOn ? nil : .stopping
  }
}

/// Why rows have no answer although nothing is known to be wrong with them.
struct Unanswered {
  enum Reason: Equatable {
    /// As often as `retry` allows.
    case usedUp(attempts: Int)
    case circuitOpen
    /// The worker was told to stop before it could try again.
    case stopping
  }

  let reason: Reason
  /// The last attempt's.
  let error: ModelError
}
