import Millrace

/// A steady urgent stream, from a process of its own, and how long its lane takes for it.
struct BenchUrgent {
  let runner: BenchRunner
  let rate: Double
  let seconds: Double

  /// A lane that has its partitions and has read what there was.
  func settled(_ run: BenchRunner.Run) async throws {
    while !run.pipeline.isAssigned { try await Task.sleep(for: .milliseconds(20)) }
    try await Task.sleep(for: .seconds(1))
  }

  /// A process that sends the urgent records once it is told to.
  func sender() throws -> BenchChild {
    let sender = try BenchChild([
      "bench", "mixed", "--send-only", "--topic", runner.topic, "--brokers", runner.brokers, "--rate", "\(rate)", "--seconds", "\(seconds)",
    ])
    _ = sender.line()
    return sender
  }

  /// - Parameter counter: how far the work beside it is; the second result has its rate while the records were sent.
  func latency(
    of run: BenchRunner.Run, lane: String = "urgent", _ workload: BenchWorkload, _ variant: String, _ round: Int, by sender: BenchChild,
    beside counter: () throws -> Int = { 0 }
  ) async throws -> (urgent: BenchResult, beside: BenchResult) {
    // Urgent records that were sent while another lane ran have been read late, and are none of this part's.
    let before = run.pipeline.snapshot(of: lane).latency
    let (start, counted) = (MonotonicTime.now, try counter())
    try sender.go()
    let sent = Int(sender.line()) ?? 0
    let beside = BenchResult(workload, round: round, records: try counter() - counted, seconds: runner.seconds(since: start))
    try sender.wait()
    // Only urgent records carry a time, so that only theirs are counted.
    while run.pipeline.snapshot(of: lane).latency.count < before.count + Int64(sent) {
      if run.pipeline.hasEnded { throw BenchFault("the lane ended before its records were scored") }
      try await Task.sleep(for: .milliseconds(5))
    }
    var result = BenchResult(workload.rawValue, round: round)
    result.kind = "latency"
    result.variant = variant
    result.records = sent
    result.latencyMs = BenchResult.Latency(run.pipeline.snapshot(of: lane).latency.since(before))
    result.maxRssMib = ProcessUsage.now.maxRssMib
    result.settings = ["urgent rate": "\(Int(rate))/s"]
    return (result, beside)
  }
}
