import Logging
import Millrace
import MillraceOperations

/// The workload `watched`: lanes with a steady urgent stream, while nobody and while many look at their operations.
struct WatchedBenchmark {
  let runner: BenchmarkRunner
  let urgent: UrgentStream

  func round(_ round: Int) async throws -> [BenchmarkResult] {
    let run = try runner.start("mixed", group: "live")
    let server = try await BenchmarkOperations(run)
    defer { server.stop() }
    try await urgent.settled(run)
    var (alone, watched, seen) = (LatencySnapshot(), LatencySnapshot(), "")
    // In this order, because the embedded broker slows down with every batch that it holds: it looks for records from the oldest on.
    for isWatched in [false, true, true, false] {
      let sender = try urgent.sender()
      guard isWatched else {
        alone.add(try await urgent.latency(of: run, by: sender))
        continue
      }
      let watchers = try BenchmarkProcess(["bench", "watched", "--watch-port", "\(server.port)", "--seconds", "\(urgent.seconds)"])
      _ = watchers.line()
      try watchers.go()
      watched.add(try await urgent.latency(of: run, by: sender))
      seen = watchers.line()
      try watchers.wait()
    }
    try await run.stop()
    var results = [
      urgent.result(.watched, "nobody watching", round, alone),
      urgent.result(.watched, "1,000 scrapes and 100 dashboards", round, watched),
    ]
    results[1].settings["watchers"] = seen
    return results
  }
}

/// A run's operations on a free port.
private struct BenchmarkOperations {
  let port: Int
  private let serving: Task<Void, any Error>

  init(_ run: BenchmarkRunner.Run) async throws {
    let stream = LogStream(level: .error, format: .text)
    let (urls, announce) = AsyncStream.makeStream(of: String.self)
    guard
      let server = OperationsServer(
        run.pipeline, run.configuration.operations, stream: stream, log: stream.logger("millrace.bench"),
        onListening: { announce.yield($0) })
    else { throw BenchmarkFault("the workload's configuration says that nothing is served") }
    serving = Task.detached {
      defer { announce.finish() }
      try await server.run()
    }
    var iterator = urls.makeAsyncIterator()
    guard let port = await iterator.next()?.split(separator: ":").last.flatMap({ Int($0) }) else {
      try await serving.value
      throw BenchmarkFault("the operations ended at once")
    }
    self.port = port
  }

  func stop() { serving.cancel() }
}
