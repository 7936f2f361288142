import Foundation
import Testing

/// A drain that hangs, because the broker's process stands still. The development broker is a process of ours that can be stopped.
@Suite(.serialized, .enabled(if: FileManager.default.fileExists(atPath: TestCluster.kcat), "kcat is not installed"))
struct InterruptionTests {
  @Test(.timeLimit(.minutes(1))) func aSecondSignalEndsADrainThatHangs() throws {
    let outcome = try interrupted(shutdownTimeout: "50s", signals: .max)
    #expect(outcome.status == 70)
    #expect(outcome.errors.contains("a second signal came before the drain ended: lane "), "\(outcome.errors.suffix(2000))")
    #expect(outcome.errors.contains("not committed: transactions/"))
  }

  @Test(.timeLimit(.minutes(1))) func shutdownTimeoutEndsADrainThatHangs() throws {
    let outcome = try interrupted(shutdownTimeout: "1s", signals: 1)
    #expect(outcome.status == 70)
    #expect(outcome.errors.contains("the drain took longer than shutdown_timeout (1.0 seconds): lane "), "\(outcome.errors.suffix(2000))")
  }

  /// Runs lanes that have something to commit, stops the broker, and sends SIGTERM so many times.
  private func interrupted(shutdownTimeout: String, signals: Int) throws -> ChildProcess.Outcome {
    let broker = try ChildProcess(
      ChildProcess.millrace, ["broker", "--topic", "transactions:2", "--topic", "predictions", "--topic", "transactions.dlq"])
    let address = broker.firstLine()
    defer {
      broker.send(SIGCONT)
      broker.send(SIGTERM)
      _ = try? broker.outcome()
    }
    var yaml = try String(contentsOf: ChildProcess.root.appendingPathComponent("config/fraud.yaml"), encoding: .utf8)
    for (old, new) in [
      ("path: models/fraud", "path: \(ChildProcess.root.path)/config/models/fraud"),
      ("${KAFKA_BOOTSTRAP_SERVERS:-embedded}", address), ("model: fraud,", "model: fraud, commit_interval: 1h, drain_timeout: 1s,"),
      ("group: fraud", "shutdown_timeout: \(shutdownTimeout)\ngroup: fraud"),
    ] { yaml = yaml.replacingOccurrences(of: old, with: new) }
    let config = try TestCluster.temporaryFile("interrupted.yaml", yaml)
    let events = try ChildProcess.run(ChildProcess.millrace, ["demo", "--events", "200"])
    let input = try TestCluster.temporaryFile("events.ndjson", events.output)
    #expect(try ChildProcess.run(TestCluster.kcat, ["-P", "-b", address, "-t", "transactions"], input: input).status == 0)
    let run = try ChildProcess(ChildProcess.millrace, ["run", config.path])
    // The mock answers kcat only what is there: so many predictions mean that the lanes are at work.
    let read = ["-C", "-b", address, "-t", "predictions", "-c", "200", "-q", "-X", "fetch.wait.max.ms=50"]
    #expect(try ChildProcess.run(TestCluster.kcat, read).status == 0)
    broker.send(SIGSTOP)
    var sent = 0
    while sent < signals, run.isRunning {
      run.send(SIGTERM)
      sent += 1
      usleep(200_000)
    }
    return try run.outcome()
  }
}
