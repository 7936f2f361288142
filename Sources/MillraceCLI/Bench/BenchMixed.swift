import Foundation
import Millrace

/// An urgent stream at a fixed rate in the partitions of a bulk backlog: what it waits for, and what it costs the bulk lane.
struct BenchMixed {
  let runner: BenchRunner
  let backlog: Int
  let rate: Double
  let seconds: Double

  /// Urgent alone, urgent beside bulk, bulk alone, and both in one lane.
  func round(_ round: Int) async throws -> [BenchResult] {
    let file = "mixed"
    var results: [BenchResult] = []
    // Only the first pass over the backlog takes time: the group goes on where it was.
    let idle = try runner.start(file, lanes: ["urgent"], group: "urgent")
    let passed = round == 1 ? backlog : 1
    if round == 1 { try await idle.wait("the backlog to be passed over") { $0.consumed >= passed } }
    if round > 1 { try await settled(idle) }
    results.append(try await latency(of: idle, lane: "urgent", "bulk idle", round, by: try sender()).urgent)
    try await idle.stop()

    let urgent = try runner.start(file, lanes: ["urgent"], group: "urgent")
    try await settled(urgent)
    // Ready before bulk begins: what bulk does until the first urgent record comes is not measured, and its backlog is finite.
    let besideSender = try sender()
    let bulk = try runner.start(file, lanes: ["bulk"], group: "bulk-\(round)")
    try await bulk.wait("the first bulk record") { $0.finished > 0 }
    let (saturated, beside) = try await latency(of: urgent, lane: "urgent", "bulk saturated", round, by: besideSender, beside: bulk)
    if bulk.pipeline.progress.consumed >= backlog { throw BenchFault("the backlog did not last: use more --records, or fewer --seconds") }
    results.append(saturated)
    if var beside {
      beside.variant = "bulk beside urgent"
      results.append(beside)
    }
    try await urgent.stop()
    try await bulk.stop()

    let alone = try runner.start(file, lanes: ["bulk"], group: "alone-\(round)")
    try await alone.wait("the first bulk record") { $0.finished > 0 }
    let (start, before) = (MonotonicTime.now, alone.pipeline.progress.consumed)
    while runner.seconds(since: start) < seconds, alone.pipeline.progress.consumed < backlog { try await Task.sleep(for: .milliseconds(5)) }
    var rateAlone = rateResult(alone, before, start, round)
    rateAlone.variant = "bulk alone"
    results.append(rateAlone)
    try await alone.stop()

    let oneLane = try runner.start("mixed-one-lane", group: "one-\(round)")
    try await oneLane.wait("the first record") { $0.finished > 0 }
    results.append(try await latency(of: oneLane, lane: "all", "one lane for everything", round, by: try sender()).urgent)
    try await oneLane.stop()
    return results
  }

  /// A lane that has its partitions and has read what there was.
  private func settled(_ run: BenchRunner.Run) async throws {
    while !run.pipeline.isAssigned { try await Task.sleep(for: .milliseconds(20)) }
    try await Task.sleep(for: .seconds(1))
  }

  /// A process that sends the urgent records once it is told to.
  private func sender() throws -> BenchChild {
    let sender = try BenchChild([
      "bench", "mixed", "--send-only", "--topic", runner.topic, "--brokers", runner.brokers, "--rate", "\(rate)", "--seconds", "\(seconds)",
    ])
    _ = sender.line()
    return sender
  }

  private func latency(
    of run: BenchRunner.Run, lane: String, _ variant: String, _ round: Int, by sender: BenchChild, beside: BenchRunner.Run? = nil
  ) async throws -> (urgent: BenchResult, beside: BenchResult?) {
    // Urgent records that were sent while another lane ran have been read late, and are none of this part's.
    let before = run.pipeline.snapshot(of: lane).latency
    try sender.go()
    let (start, bulkBefore) = (MonotonicTime.now, beside?.pipeline.progress.consumed ?? 0)
    let sent = Int(sender.line()) ?? 0
    let bulk = beside.map { rateResult($0, bulkBefore, start, round) }
    try sender.wait()
    // Only urgent records carry a time, so that only theirs are counted.
    while run.pipeline.snapshot(of: lane).latency.count < before.count + Int64(sent) {
      if run.pipeline.hasEnded { throw BenchFault("the lane ended before its records were scored") }
      try await Task.sleep(for: .milliseconds(5))
    }
    var result = BenchResult("mixed", round: round)
    result.kind = "latency"
    result.variant = variant
    result.records = sent
    result.latencyMs = BenchResult.Latency(run.pipeline.snapshot(of: lane).latency.since(before))
    result.maxRssMib = ProcessUsage.now.maxRssMib
    result.settings = ["urgent rate": "\(Int(rate))/s"]
    return (result, bulk)
  }

  private func rateResult(_ run: BenchRunner.Run, _ before: Int, _ start: MonotonicTime, _ round: Int) -> BenchResult {
    let (count, time) = (run.pipeline.progress.consumed - before, runner.seconds(since: start))
    var result = BenchResult("mixed", round: round)
    result.records = count
    result.seconds = time
    result.recordsPerS = Double(count) / time
    result.maxRssMib = ProcessUsage.now.maxRssMib
    return result
  }
}
