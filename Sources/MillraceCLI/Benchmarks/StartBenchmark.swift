import Foundation
import Glibc
import KafkaClient
import Millrace

/// The workload `start`: how long it takes from nothing to ready, and from idle to a prediction.
struct StartBenchmark {
  let runner: BenchmarkRunner

  func round(_ round: Int) async throws -> BenchmarkResult {
    // The process's own start counts once.
    let own = round == 1 ? Self.processAgeSeconds : 0
    let start = MonotonicTime.now
    let run = try runner.start("mixed-one-lane", group: "start-\(round)")
    while !run.pipeline.isAssigned {
      if run.pipeline.hasEnded { try await run.stop() }
      try await Task.sleep(for: .milliseconds(2))
    }
    var result = BenchmarkResult("start", round: round)
    result.kind = "start"
    result.startS = own + runner.seconds(since: start)
    // The first record makes all connections; the one that is timed finds an idle lane.
    var filler = try BenchmarkFiller(.fraud, topic: runner.topic, brokers: runner.brokers, lingerMs: 0)
    defer { filler.close() }
    try filler.fill(1)
    try await run.wait("the first prediction") { $0.finished > 0 }
    try await Task.sleep(for: .seconds(2))
    let (idle, sent) = (run.pipeline.progress.finished, MonotonicTime.now)
    try filler.fill(1)
    try await run.wait("a prediction") { $0.finished > idle }
    result.firstPredictionS = runner.seconds(since: sent)
    result.maxRssMib = ProcessUsage.now.maxRssMib
    try await run.stop()
    return result
  }

  private static var processAgeSeconds: Double {
    guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8), let end = text.lastIndex(of: ")") else { return 0 }
    let fields = text[end...].split(separator: " ")
    // The 22nd field of the line: clock ticks since boot.
    guard fields.count > 20, let ticks = Double(fields[20]) else { return 0 }
    guard let uptime = (try? String(contentsOfFile: "/proc/uptime", encoding: .utf8))?.split(separator: " ").first.flatMap({ Double($0) })
    else { return 0 }
    return uptime - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
