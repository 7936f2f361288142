import Millrace

/// A steady stream of urgent records, sent by a process of its own, and how long their lane takes for it.
struct UrgentStream {
  let runner: BenchmarkRunner
  let rate: Double
  let seconds: Double

  /// Waits until the lane has its partitions and has read what there was.
  func settled(_ run: BenchmarkRunner.Run) async throws {
    while !run.pipeline.isAssigned { try await Task.sleep(for: .milliseconds(20)) }
    try await Task.sleep(for: .seconds(1))
  }

  /// Starts the process that sends the urgent records once it is told to.
  func sender() throws -> BenchmarkProcess {
    let sender = try BenchmarkProcess([
      "bench", "mixed", "--send-only", "--topic", runner.topic, "--brokers", runner.brokers, "--rate", "\(rate)", "--seconds", "\(seconds)",
    ])
    _ = sender.line()
    return sender
  }

  /// Measures the lane's latency while the stream is sent, and how fast the work beside it goes meanwhile.
  /// - Parameter counter: how far the work beside it is.
  func latency(
    of run: BenchmarkRunner.Run, lane: String = "urgent", _ workload: BenchmarkWorkload, _ variant: String, _ round: Int,
    by sender: BenchmarkProcess,
    beside counter: () throws -> Int = { 0 }
  ) async throws -> (urgent: BenchmarkResult, beside: BenchmarkResult) {
    let (start, counted) = (MonotonicTime.now, try counter())
    var beside = BenchmarkResult(workload, round: round, records: 0, seconds: 1)
    let latency = try await latency(of: run, lane: lane, by: sender) {
      beside = BenchmarkResult(workload, round: round, records: try counter() - counted, seconds: runner.seconds(since: start))
    }
    return (result(workload, variant, round, latency), beside)
  }

  /// Measures the lane's latency while the stream is sent.
  /// - Parameter whenSent: called after the last record was sent.
  func latency(
    of run: BenchmarkRunner.Run, lane: String = "urgent", by sender: BenchmarkProcess, whenSent: () throws -> Void = {}
  ) async throws -> LatencySnapshot {
    // Urgent records that were sent while another lane ran have been read late, and are none of this part's.
    let before = run.pipeline.snapshot(of: lane).latency
    try sender.go()
    let sent = Int(sender.line()) ?? 0
    try whenSent()
    try sender.wait()
    // Only urgent records carry a time, so that only theirs are counted.
    while run.pipeline.snapshot(of: lane).latency.count < before.count + Int64(sent) {
      if run.pipeline.hasEnded { throw BenchmarkFault("the lane ended before its records were scored") }
      try await Task.sleep(for: .milliseconds(5))
    }
    return run.pipeline.snapshot(of: lane).latency.since(before)
  }

  func result(_ workload: BenchmarkWorkload, _ variant: String, _ round: Int, _ latency: LatencySnapshot) -> BenchmarkResult {
    var result = BenchmarkResult(workload.rawValue, round: round)
    result.kind = "latency"
    result.variant = variant
    result.records = Int(latency.count)
    result.latencyMs = BenchmarkResult.Latency(latency)
    result.maxRssMib = ProcessUsage.now.maxRssMib
    result.settings = ["urgent rate": "\(Int(rate))/s"]
    return result
  }
}
