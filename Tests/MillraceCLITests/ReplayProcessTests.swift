import Foundation
import Testing

/// `millrace replay` as processes that are killed.
@Suite(.serialized, .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/kcat"), "kcat is not installed"))
struct ReplayProcessTests {
  private static let kcat = "/usr/bin/kcat"

  private func withBroker(_ body: (String) throws -> Void) throws {
    // As many partitions as keep a mock broker, which holds the last 5 MiB of each, from losing records.
    let topics = [
      "transactions:24", "predictions:8", "predictions.replay.crash:16", "transactions.dlq:8", "transactions.dlq.replay.crash:8",
    ]
    let broker = try ChildProcess(ChildProcess.millrace, ["broker"] + topics.flatMap { ["--topic", $0] })
    let address = broker.firstLine()
    defer {
      broker.send(SIGTERM)
      _ = try? broker.outcome()
    }
    try body(address)
  }

  private func replay(_ address: String, _ arguments: [String]) -> (program: String, arguments: [String], environment: [String: String]) {
    let config = ChildProcess.root.appendingPathComponent("config/fraud.yaml").path
    return (
      ChildProcess.millrace, ["replay", config, "--name", "crash"] + arguments,
      ["KAFKA_BOOTSTRAP_SERVERS": "\(address)"]
    )
  }

  private func sources(_ topic: String, _ address: String) throws -> [String] {
    let read = try ChildProcess.run(Self.kcat, ["-C", "-b", address, "-t", topic, "-e", "-q", "-f", "%h\\n", "-X", "fetch.wait.max.ms=50"])
    return read.output.split(separator: "\n").map(String.init)
  }

  @Test func aReplayThatIsKilledAtRandomMomentsMissesNothing() throws {
    let seed = UInt64(ProcessInfo.processInfo.environment["MILLRACE_TEST_SEED"] ?? "") ?? .random(in: 0...10_000)
    print("MILLRACE_TEST_SEED=\(seed)")
    try withBroker { address in
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString).ndjson")
      let made = try ChildProcess.run(ChildProcess.millrace, ["demo", "--events", "20000"])
      try made.output.write(to: file, atomically: true, encoding: .utf8)
      // A record at a time over the partitions: by default kcat fills one for 10 ms, which is more than the broker keeps.
      let spread = ["-X", "topic.partitioner=random", "-X", "sticky.partitioning.linger.ms=0"]
      let sent = try ChildProcess.run(Self.kcat, ["-P", "-b", address, "-t", "transactions"] + spread, input: file)
      #expect(sent.status == 0, "\(sent.errors)")
      for round in 0..<2 {
        let (program, arguments, environment) = replay(address, ["--rate", "3000/s"])
        let process = try ChildProcess(program, arguments, environment: environment)
        // A member that was killed keeps its partitions until its session times out, ten seconds; the group's first join takes three.
        // The seed chooses a moment of the work behind it.
        usleep(UInt32((round == 0 ? 3_400_000 : 10_500_000) + (seed &+ UInt64(round) * 7) % 10 * 100_000))
        process.send(SIGKILL)
        #expect(try process.outcome().status == -SIGKILL)
      }
      let (program, arguments, environment) = replay(address, ["--report", "json"])
      let last = try ChildProcess.run(program, arguments, environment: environment)
      #expect(last.status == 0, "\(last.errors.suffix(2000))")
      let report = try #require(
        JSONSerialization.jsonObject(with: Data((last.output.split(separator: "\n").last ?? "").utf8)) as? [String: Any])
      let details = try #require(report["replay"] as? [String: Any])
      #expect(details["finished"] as? Bool == true && details["resumed"] as? Bool == true)
      #expect(details["offsets"] as? Int == 20_000)
      let found = try sources("predictions.replay.crash", address)
      #expect(Set(found).count == 20_000, "MILLRACE_TEST_SEED=\(seed)")
      #expect(try sources("predictions", address).isEmpty)
      let again = try ChildProcess.run(program, arguments, environment: environment)
      #expect(again.status == 0)
      #expect(again.errors.contains("replay crash is finished"))
    }
  }

  @Test func whatCannotBeReplayedSaysWhyAndExitsWithItsCode() throws {
    let config = ChildProcess.root.appendingPathComponent("config/fraud.yaml").path
    func run(_ arguments: [String], _ address: String) throws -> ChildProcess.Outcome {
      try ChildProcess.run(
        ChildProcess.millrace, ["replay", config] + arguments, environment: ["KAFKA_BOOTSTRAP_SERVERS": address])
    }
    #expect(try run([], "127.0.0.1:1").status == 64)
    #expect(try run(["--name", "a", "--from", "yesterday"], "127.0.0.1:1").status == 64)
    #expect(try run(["--name", "a", "--rate", "5", "--pace", "original"], "127.0.0.1:1").status == 64)
    let embedded = try run(["--name", "a"], "embedded")
    #expect(embedded.status == 64 && embedded.errors.contains("embedded"))
    let unreachable = try run(["--name", "a"], "127.0.0.1:1")
    #expect(unreachable.status == 70 && unreachable.errors.contains("127.0.0.1:1"), "\(unreachable.errors)")
    let broker = try ChildProcess(ChildProcess.millrace, ["broker"])
    let address = broker.firstLine()
    let missing = try run(["--name", "a"], address)
    #expect(missing.status == 70 && missing.errors.contains("topic transactions does not exist"), "\(missing.errors)")
    broker.send(SIGTERM)
    _ = try broker.outcome()
  }
}
