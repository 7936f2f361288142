import KafkaClient
import Millrace

/// The workload `replay`: live lanes with a steady urgent stream, and `millrace replay` over all that their topic holds beside them.
struct ReplayBenchmark {
  let runner: BenchmarkRunner
  let backlog: Int
  let urgent: UrgentStream

  /// Measures urgent without a replay, and with one.
  func round(_ round: Int) async throws -> [BenchmarkResult] {
    let live = try runner.start("mixed", group: "live")
    defer { live.pipeline.stop() }
    // The first round leaves the backlog behind; later ones go on where it ended.
    let handled = round == 1 ? backlog * live.pipeline.lanes.count : 0
    try await live.wait("the live lanes to be at the topic's end") { $0.handled >= handled }
    try await urgent.settled(live)
    let alone = try await urgent.latency(of: live, .replay, "no replay", round, by: try urgent.sender()).urgent

    // Ready before the replay begins: it ends.
    let sender = try urgent.sender()
    let output = try ReplayedTopic("\(runner.output).replay.\(BenchmarkRunner.replay)", brokers: runner.brokers)
    defer { output.close() }
    let before = try output.count()
    let replay = try BenchmarkProcess(
      ["replay", BenchmarkRunner.path("mixed"), "--name", BenchmarkRunner.replay],
      environment: runner.environment(group: "replayed-\(round)"))
    defer { replay.stop() }
    let begun = MonotonicTime.now
    while try output.count() == before {
      guard replay.isRunning, MonotonicTime.now - begun < .seconds(60) else { throw BenchmarkFault("the replay did not begin") }
      try await Task.sleep(for: .milliseconds(20))
    }
    var (beside, rate) = try await urgent.latency(of: live, .replay, "beside a replay", round, by: sender, beside: output.count)
    guard try replay.isRunning && output.count() - before < backlog else {
      throw BenchmarkFault("the replay did not last: use more --records, or fewer --seconds")
    }
    beside.settings["replayed beside"] = "\(Int(rate.recordsPerS ?? 0))/s"
    try await live.stop()
    return [alone, beside]
  }
}

/// The topic that a replay writes to, and how much it has written so far.
private struct ReplayedTopic {
  private let admin: KafkaAdmin
  private let partitions: [TopicPartition]

  init(_ topic: String, brokers: String) throws {
    admin = try KafkaAdmin(["bootstrap.servers": brokers])
    do {
      partitions = try admin.describe([topic]).flatMap { $0.partitions.map { TopicPartition(topic: topic, partition: $0.id) } }
    } catch {
      admin.close()
      throw error
    }
  }

  func count() throws -> Int { try partitions.reduce(0) { $0 + Int(try admin.watermarks(of: $1).high) } }
  func close() { admin.close() }
}
