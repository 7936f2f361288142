import Foundation
import Testing

/// Lanes on mock clusters, disturbed in ways that a seed repeats; each seed in a process of its own.
///
/// - `MILLRACE_TEST_SEED=n` runs that seed alone, in this process.
/// - `MILLRACE_FAULT_SEEDS=n` runs the first n seeds instead of 200; 0 none.
/// - `MILLRACE_SOAK_MINUTES=n` runs random seeds for so long.
@Suite struct FaultTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seed = environment["MILLRACE_TEST_SEED"].flatMap { UInt64($0) }
  private static let soak = environment["MILLRACE_SOAK_MINUTES"].flatMap { Int($0) }
  private static let seeds = environment["MILLRACE_FAULT_SEEDS"].flatMap { Int($0) } ?? 200
  private static let brokers = environment["MILLRACE_TEST_BROKERS"]

  @Test(.enabled(if: seed != nil || soak != nil || seeds > 0, "MILLRACE_FAULT_SEEDS is 0"))
  func everyInputHasItsOutputAndNoCommitRunsAhead() {
    if let seed = Self.seed { return run(seed, servers: nil) }
    let batch = FaultBatch(test: "everyInputHasItsOutputAndNoCommitRunsAhead", atOnce: 20)
    if let soak = Self.soak { batch.run(minutes: soak) } else { batch.run(seeds: Self.seeds) }
    report(batch)
    #expect(batch.count(.brokenMock) * 20 <= batch.total, "so few runs prove nothing: the mock cluster ended the others")
    #expect(batch.count(.endedOnce) * 20 <= batch.total, "runs hang or crash too often")
    #expect(Self.soak != nil || Self.seeds < 200 || batch.count(.wholeEachOnce) > 5, "in too few runs each output had to stand once")
  }

  /// Members come, go and are killed on a real cluster, whose brokers can't be told to fail.
  @Test(.enabled(if: brokers != nil, "MILLRACE_TEST_BROKERS names no cluster"))
  func onARealClusterEachOutputStandsOnce() {
    if let seed = Self.seed { return run(seed, servers: Self.brokers) }
    let batch = FaultBatch(test: "onARealClusterEachOutputStandsOnce", atOnce: 4)
    if let soak = Self.soak { batch.run(minutes: soak) } else { batch.run(seeds: 16) }
    report(batch)
  }

  private func report(_ batch: FaultBatch) {
    for failure in batch.failures { Issue.record("\(failure)") }
    print("fault suite: \(batch.summary)")
  }

  /// A run in this process. What it showed goes to standard output, for the process that started this one.
  private func run(_ seed: UInt64, servers: String?) {
    do {
      let scenario = try FaultScenario(seed: seed, isCalm: Self.environment["MILLRACE_TEST_CALM"] != nil, servers: servers)
      let wrong = try scenario.run()
      if scenario.showedEachOnce { print(FaultBatch.eachOnceMark) }
      if !wrong.isEmpty { Issue.record("\(wrong.joined(separator: "\n"))\n\(scenario.plan)") }
    } catch {
      Issue.record("\(error)")
    }
  }
}
