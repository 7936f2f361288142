import Foundation
import Testing

/// The built command on dead letters of the built command.
@Suite(
  .serialized, .timeLimit(.minutes(5)), .enabled(if: FileManager.default.fileExists(atPath: TestCluster.kcat), "kcat is not installed"))
struct RedriveCommandTests {
  private func redrive(_ arguments: String...) throws -> ChildProcess.Outcome {
    try ChildProcess.run(ChildProcess.millrace, ["redrive"] + arguments)
  }

  @Test func aRedriveThatIsKilledIsFinishedByTheNext() throws {
    try TestCluster.with { cluster in
      let events = (0..<600).map { "\($0)" }
      try cluster.produce(events)
      let config = try cluster.configuration()
      #expect(try cluster.drained(config)["dead_lettered"] as? Int == 600)
      let first = try ChildProcess(ChildProcess.millrace, ["redrive", config.path, "--rate", "150"])
      // Late enough for a commit, early enough for something to be left.
      while try cluster.transactions().count < 800 {}
      first.send(SIGKILL)
      #expect(try first.outcome().status == -SIGKILL)
      let before = try cluster.transactions().count
      let second = try redrive(config.path, "--report", "json")
      #expect(second.status == 0, "\(second.errors)")
      let after = try cluster.transactions()
      let counts = Dictionary(after.map { ($0.value, 1) }, uniquingKeysWith: +)
      #expect(counts.count == 600 && counts.values.allSatisfy { $0 > 1 }, "nothing is lost")
      let report = try #require(second.output.split(separator: "\n").last.map { Data($0.utf8) })
      let moved = try #require(JSONSerialization.jsonObject(with: report) as? [String: Any])["redriven"] as? Int
      #expect(moved == after.count - before)
      #expect(before < 1200 && moved ?? 600 < 600, "the second went on, and did not begin again")
    }
  }

  @Test func itSaysWhatItWouldMoveAndThenMovesIt() throws {
    try TestCluster.with { cluster in
      try cluster.produce([#"{"amount":1}"#, #"{"amount":700}"#, "nothing"])
      let config = try cluster.configuration()
      #expect(try cluster.drained(config)["dead_lettered"] as? Int == 3)
      let dry = try redrive(config.path, "--dry-run", "--filter", "event.amount > 500")
      #expect(dry.status == 0, "\(dry.errors)")
      #expect(dry.output.contains("1  decode   feature event.hour is missing"), "\(dry.output)")
      #expect(dry.output.contains("left 2: the filter does not match\nthe filter failed on 1 of those that it does not match"))
      #expect(dry.output.contains("would move 1 of 3 letters"))
      #expect(try cluster.transactions().count == 3)
      #expect(try redrive(config.path).output.contains("moved 3 of 3 letters"))
      // The lanes deliver at least once: a group that rebalances while the first run stops may have it repeat some.
      let again = try cluster.drained(config)
      #expect(again["dead_lettered"] as? Int ?? 0 >= 3, "\(again)")
      let returned = try cluster.deadLetters().filter { $0.headers.contains("__dlq.errors.delivery.count=2") }
      #expect(Set(returned.map(\.source)).count == 3)
    }
  }

  @Test func whatIsWrongHasItsExitCode() throws {
    let config = ChildProcess.root.appendingPathComponent("config/fraud.yaml").path
    func run(_ arguments: String...) throws -> ChildProcess.Outcome {
      try ChildProcess.run(ChildProcess.millrace, ["redrive", config] + arguments, environment: ["KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"])
    }
    let filter = try run("--filter", "evnet.amount > 1")
    #expect(filter.status == 64 && filter.errors.contains("did you mean 'event'?"), "\(filter.errors)")
    #expect(try run("--limit", "0").status == 64)
    let lane = try run("--through", "bluk")
    #expect(lane.status == 78 && lane.errors.contains("did you mean 'bulk'?"), "\(lane.errors)")
    #expect(try run().status == 70)
  }
}
