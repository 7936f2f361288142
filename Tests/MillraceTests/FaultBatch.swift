import Dispatch
import Foundation
import Synchronization

/// Runs seeds in processes of their own, some at once: the mock of librdkafka 2.0.2 may abort its process (`!member->resp`) when a
/// member joins again while it waits for an answer. Such a seed is run again with the group left in peace.
final class FaultBatch: Sendable {
  enum Outcome: Hashable {
    case whole, wholeEachOnce, calm, brokenMock, failed
  }

  static let eachOnceMark = "each output had to stand once"
  /// Before the id of each process that a run has started.
  static let processMark = "started process "
  /// Most of a run is waiting; one that takes so long is stuck.
  private static let limitSeconds = 200

  private let test: String
  private let atOnce: Int
  private let state = Mutex(State())

  private struct State: Sendable {
    var counts: [Outcome: Int] = [:]
    var failures: [String] = []
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
      "\(count(.brokenMock)) not even so", "\(count(.failed)) failed",
    ].joined(separator: "; ")
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
    let (isWell, text) = attempt(seed, isCalm: false)
    if isWell { return (text.contains(Self.eachOnceMark) ? .wholeEachOnce : .whole, nil) }
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
    \(text.suffix(12_000))
    """
  }

  private static func isMillrace(_ id: pid_t) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/exe")) == FaultProcess.millrace.resolvingSymlinksInPath().path
  }

  private func attempt(_ seed: UInt64, isCalm: Bool) -> (isWell: Bool, text: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["--filter", "MillraceTests.FaultTests/\(test)", "--testing-library", "swift-testing"]
    var environment = ProcessInfo.processInfo.environment
    environment["MILLRACE_TEST_SEED"] = "\(seed)"
    environment["MILLRACE_TEST_CALM"] = isCalm ? "1" : nil
    environment["SWIFT_BACKTRACE"] = "enable=no"
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    do {
      try process.run()
    } catch {
      return (false, "\(error)")
    }
    let id = process.processIdentifier
    let limit = DispatchWorkItem { kill(id, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.limitSeconds), execute: limit)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    limit.cancel()
    for line in text.split(separator: "\n") where line.hasPrefix(Self.processMark) {
      if let id = pid_t(line.dropFirst(Self.processMark.count)), Self.isMillrace(id) { kill(id, SIGKILL) }
    }
    let isWell = process.terminationReason == .exit && process.terminationStatus == 0
    let end = "it ended by \(process.terminationReason == .exit ? "status" : "signal") \(process.terminationStatus)"
    return (isWell, isWell ? text : "\(text)\n\(end); a run may take \(Self.limitSeconds) s")
  }
}
