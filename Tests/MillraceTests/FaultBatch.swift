import Dispatch
import Foundation
import Synchronization

/// Runs seeds in processes of their own, some at once: the mock of librdkafka 2.0.2 may abort its process (`!member->resp`) when a
/// member joins again while it waits for an answer. Such a seed is run again with the group left in peace.
final class FaultBatch: Sendable {
  enum Outcome: Hashable {
    case whole, wholeEachOnce, calm, brokenMock, failed
    /// Well at the second attempt: at the first the process was ended by a signal, librdkafka's or this suite's for taking too long.
    case endedOnce
  }

  static let eachOnceMark = "each output had to stand once"
  /// Before the name of what a run does from there on.
  static let phaseMark = "phase: "
  private static let signalMark = "it ended by signal"
  /// Most of a run is waiting; one that takes so long is stuck.
  private static let limitSeconds = 60

  private let test: String
  private let atOnce: Int
  private let state = Mutex(State())

  private struct State: Sendable {
    var counts: [Outcome: Int] = [:]
    var failures: [String] = []
    var seconds: [(seed: UInt64, seconds: Double)] = []
  }

  init(test: String, atOnce: Int) {
    self.test = test
    self.atOnce = atOnce
  }

  var failures: [String] { state.withLock { $0.failures } }
  var total: Int { state.withLock { $0.counts.values.reduce(0, +) } }
  func count(_ outcome: Outcome) -> Int { state.withLock { $0.counts[outcome] ?? 0 } }

  var summary: String {
    [
      "\(total) seeds", "\(count(.whole) + count(.wholeEachOnce)) ran whole",
      "in \(count(.wholeEachOnce)) of them each output had to stand once",
      "\(count(.calm)) ran without group faults after the mock cluster failed an assertion of its own",
      "\(count(.brokenMock)) not even so", "\(count(.endedOnce)) hung or crashed once and then ran whole", "\(count(.failed)) failed",
      times,
    ].joined(separator: "; ")
  }

  private var times: String {
    let sorted = state.withLock { $0.seconds }.sorted { $0.seconds < $1.seconds }
    guard let longest = sorted.last else { return "no time passed" }
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
    let processor = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    return
      "a seed took \(Int(sorted[sorted.count / 2].seconds)) s in the median, at most \(Int(longest.seconds)) s (seed \(longest.seed)); "
      + "all took \(processor) s of processor time"
  }

  /// Runs the first so many seeds.
  func run(seeds: Int) {
    let rest = Mutex(Array(1...UInt64(seeds)).makeIterator())
    run { rest.withLock { $0.next() } }
  }

  /// Runs random seeds for so long.
  func run(minutes: Int) {
    let deadline = ContinuousClock.now.advanced(by: .seconds(minutes * 60))
    run { ContinuousClock.now < deadline ? UInt64.random(in: 1000 ... .max) : nil }
  }

  /// Runs the seeds that `next` gives until there are none.
  private func run(_ next: @escaping @Sendable () -> UInt64?) {
    let group = DispatchGroup()
    for _ in 0..<atOnce {
      group.enter()
      let thread = Thread {
        defer { group.leave() }
        while let seed = next() { self.note(self.run(seed)) }
      }
      thread.start()
    }
    group.wait()
  }

  private func note(_ result: (outcome: Outcome, failure: String?)) {
    state.withLock { state in
      state.counts[result.outcome, default: 0] += 1
      if let failure = result.failure { state.failures.append(failure) }
    }
    if let failure = result.failure { print(failure) }
  }

  private func run(_ seed: UInt64) -> (Outcome, String?) {
    let start = ContinuousClock.now
    defer {
      let time = (ContinuousClock.now - start) / .seconds(1)
      state.withLock { $0.seconds.append((seed, time)) }
    }
    var (isWell, text) = attempt(seed, isCalm: false)
    if isWell { return (text.contains(Self.eachOnceMark) ? .wholeEachOnce : .whole, nil) }
    if !Self.isMocksOwn(text), text.contains(Self.signalMark) {
      // Nothing wrong was seen of the records; what is must show again.
      print(failure(seed, isCalm: false, text))
      (isWell, text) = attempt(seed, isCalm: false)
      if isWell { return (.endedOnce, nil) }
    }
    guard Self.isMocksOwn(text) else { return (.failed, failure(seed, isCalm: false, text)) }
    let (isWellInPeace, calmText) = attempt(seed, isCalm: true)
    if isWellInPeace { return (.calm, nil) }
    return Self.isMocksOwn(calmText) ? (.brokenMock, nil) : (.failed, failure(seed, isCalm: true, calmText))
  }

  private static func isMocksOwn(_ text: String) -> Bool {
    text.split(separator: "\n").contains { $0.contains("rdkafka_mock") && $0.contains("Assertion") }
  }

  private func failure(_ seed: UInt64, isCalm: Bool, _ text: String) -> String {
    """
    Seed \(seed) failed. To repeat it:
      \(isCalm ? "MILLRACE_TEST_CALM=1 " : "")MILLRACE_TEST_SEED=\(seed) swift test --filter \(test)
    \(text.suffix(40_000))
    """
  }

  private func attempt(_ seed: UInt64, isCalm: Bool) -> (isWell: Bool, text: String) {
    var environment = ProcessInfo.processInfo.environment
    environment["MILLRACE_TEST_SEED"] = "\(seed)"
    environment["MILLRACE_TEST_CALM"] = isCalm ? "1" : nil
    environment["SWIFT_BACKTRACE"] = "enable=no"
    let output = Pipe()
    let process = FaultChild.process(
      URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath(),
      ["--filter", "MillraceTests.FaultTests/\(test)", "--testing-library", "swift-testing"], environment: environment)
    process.standardOutput = output
    process.standardError = output
    do {
      try process.run()
    } catch {
      return (false, "\(error)")
    }
    let id = process.processIdentifier
    let stacks = Mutex<String?>(nil)
    let limit = DispatchWorkItem {
      stacks.withLock { $0 = FaultChild.stacks(id) }
      kill(id, SIGKILL)
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.limitSeconds), execute: limit)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    limit.cancel()
    if process.terminationReason == .exit && process.terminationStatus == 0 { return (true, text) }
    let lines = text.split(separator: "\n")
    let phase = lines.last { $0.contains(Self.phaseMark) } ?? "phase: none"
    let end = "\(process.terminationReason == .exit ? "it ended by status" : Self.signalMark) \(process.terminationStatus)"
    let killed = stacks.withLock { $0 }.map { "it was killed after \(Self.limitSeconds) s, when its threads stood here:\n\($0)" }
    return (false, [text, "\(end); \(phase)", killed ?? ""].joined(separator: "\n"))
  }
}
