import Foundation
import Millrace

/// The workload `mixed`: an urgent stream at a fixed rate in the partitions of a bulk backlog. What it waits for, and what it costs the
/// bulk lane.
struct MixedBenchmark {
  let runner: BenchmarkRunner
  let backlog: Int
  let urgent: UrgentStream

  /// Measures urgent alone, urgent beside bulk, bulk alone, and both in one lane.
  func round(_ round: Int) async throws -> [BenchmarkResult] {
    let file = "mixed"
    var results: [BenchmarkResult] = []
    // Only the first pass over the backlog takes time: the group goes on where it was.
    let idle = try runner.start(file, lanes: ["urgent"], group: "urgent")
    if round == 1 { try await idle.wait("the backlog to be passed over") { $0.consumed >= backlog } }
    if round > 1 { try await urgent.settled(idle) }
    results.append(try await urgent.latency(of: idle, .mixed, "bulk idle", round, by: try urgent.sender()).urgent)
    try await idle.stop()

    let busy = try runner.start(file, lanes: ["urgent"], group: "urgent")
    try await urgent.settled(busy)
    // Ready before bulk begins: what bulk does until the first urgent record comes is not measured, and its backlog is finite.
    let besideSender = try urgent.sender()
    let bulk = try runner.start(file, lanes: ["bulk"], group: "bulk-\(round)")
    try await bulk.wait("the first bulk record") { $0.finished > 0 }
    var (saturated, beside) = try await urgent.latency(of: busy, .mixed, "bulk saturated", round, by: besideSender) {
      bulk.pipeline.progress.consumed
    }
    if bulk.pipeline.progress.consumed >= backlog {
      throw BenchmarkFault("the backlog did not last: use more --records, or fewer --seconds")
    }
    beside.variant = "bulk beside urgent"
    results += [saturated, beside]
    try await busy.stop()
    try await bulk.stop()

    let alone = try runner.start(file, lanes: ["bulk"], group: "alone-\(round)")
    try await alone.wait("the first bulk record") { $0.finished > 0 }
    let (start, before) = (MonotonicTime.now, alone.pipeline.progress.consumed)
    while runner.seconds(since: start) < urgent.seconds, alone.pipeline.progress.consumed < backlog {
      try await Task.sleep(for: .milliseconds(5))
    }
    var rate = BenchmarkResult(
      .mixed, round: round, records: alone.pipeline.progress.consumed - before, seconds: runner.seconds(since: start))
    rate.variant = "bulk alone"
    results.append(rate)
    try await alone.stop()

    let oneLane = try runner.start("mixed-one-lane", group: "one-\(round)")
    try await oneLane.wait("the first record") { $0.finished > 0 }
    let variant = "one lane for everything"
    results.append(try await urgent.latency(of: oneLane, lane: "all", .mixed, variant, round, by: try urgent.sender()).urgent)
    try await oneLane.stop()
    return results
  }
}
