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
    let (start, counted) = (MonotonicTime.now, try counter())
    var beside = BenchResult(workload, round: round, records: 0, seconds: 1)
    let latency = try await latency(of: run, lane: lane, by: sender) {
      beside = BenchResult(workload, round: round, records: try counter() - counted, seconds: runner.seconds(since: start))
    }
    return (result(workload, variant, round, latency), beside)
  }

  /// - Parameter whenSent: called after the last record was sent.
  func latency(
    of run: BenchRunner.Run, lane: String = "urgent", by sender: BenchChild, whenSent: () throws -> Void = {}
  ) async throws -> LatencySnapshot {
    // Urgent records that were sent while another lane ran have been read late, and are none of this part's.
    let before = run.pipeline.snapshot(of: lane).latency
    try sender.go()
    let sent = Int(sender.line()) ?? 0
    try whenSent()
    try sender.wait()
    // Only urgent records carry a time, so that only theirs are counted.
    while run.pipeline.snapshot(of: lane).latency.count < before.count + Int64(sent) {
      if run.pipeline.hasEnded { throw BenchFault("the lane ended before its records were scored") }
      try await Task.sleep(for: .milliseconds(5))
    }
    return run.pipeline.snapshot(of: lane).latency.since(before)
  }

  func result(_ workload: BenchWorkload, _ variant: String, _ round: Int, _ latency: LatencySnapshot) -> BenchResult {
    var result = BenchResult(workload.rawValue, round: round)
    result.kind = "latency"
    result.variant = variant
    result.records = Int(latency.count)
    result.latencyMs = BenchResult.Latency(latency)
    result.maxRssMib = ProcessUsage.now.maxRssMib
    result.settings = ["urgent rate": "\(Int(rate))/s"]
    return result
  }
}
