import Foundation
import Testing

/// The command against a broker in another process, with kcat as a client that is not ours.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/kcat"), "kcat is not installed"))
struct RedriveCommandTests {
  private static let kcat = "/usr/bin/kcat"

  /// A broker that holds dead letters with these values.
  private func withLetters(_ values: [String], _ body: (_ address: String, _ config: String) throws -> Void) throws {
    let topics = ["transactions:4", "predictions:1", "transactions.dlq:2"].flatMap { ["--topic", $0] }
    let broker = try ChildProcess(ChildProcess.millrace, ["broker"] + topics)
    let address = broker.firstLine()
    defer {
      broker.send(SIGTERM)
      _ = try? broker.outcome()
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let letters = folder.appendingPathComponent("letters")
    try values.joined(separator: "\n").write(to: letters, atomically: true, encoding: .utf8)
    let headers = [
      "topic=transactions", "partition=1", "offset=7", "group=fraud.bulk", "stage=decode", "message=feature event.amount is missing",
    ]
    let sent = try ChildProcess.run(
      Self.kcat, ["-P", "-b", address, "-t", "transactions.dlq", "-p", "1"] + headers.flatMap { ["-H", "__dlq.errors.\($0)"] },
      input: letters)
    #expect(sent.status == 0, "\(sent.errors)")
    let config = folder.appendingPathComponent("fraud.yaml")
    try String(contentsOf: ChildProcess.root.appendingPathComponent("config/fraud.yaml"), encoding: .utf8)
      .replacingOccurrences(of: "path: models/fraud", with: "path: \(ChildProcess.root.path)/config/models/fraud")
      .replacingOccurrences(of: "${KAFKA_BOOTSTRAP_SERVERS:-embedded}", with: address + "\n  fetch.wait.max.ms: 20")
      .write(to: config, atomically: true, encoding: .utf8)
    try body(address, config.path)
  }

  private func records(_ address: String) throws -> [String] {
    let read = try ChildProcess.run(
      Self.kcat, ["-C", "-b", address, "-t", "transactions", "-e", "-q", "-f", "%p %s\\n", "-X", "fetch.wait.max.ms=50"])
    return read.output.split(separator: "\n").map(String.init)
  }

  @Test func aRedriveThatIsKilledIsFinishedByTheNext() throws {
    let values = (0..<600).map { "\"\($0)\"" }
    try withLetters(values) { address, config in
      let first = try ChildProcess(ChildProcess.millrace, ["redrive", config, "--rate", "150"])
      // Late enough for a commit, early enough for something to be left.
      while try records(address).count < 200 {}
      first.send(SIGKILL)
      #expect(try first.outcome().status == -SIGKILL)
      let before = try records(address).count
      let second = try ChildProcess.run(ChildProcess.millrace, ["redrive", config, "--report", "json"])
      #expect(second.status == 0, "\(second.errors)")
      let after = try records(address)
      #expect(Set(after) == Set(values.map { "1 \($0)" }), "nothing is lost")
      let report = try #require(second.output.split(separator: "\n").last.map { Data($0.utf8) })
      let moved = try #require(JSONSerialization.jsonObject(with: report) as? [String: Any])["redriven"] as? Int
      #expect(moved == after.count - before)
      #expect(before < 600 && moved ?? 600 < 600, "the second went on, and did not begin again")
    }
  }

  @Test func itSaysWhatItWouldMove() throws {
    try withLetters(["{\"amount\":1}", "{\"amount\":700}"]) { address, config in
      let dry = try ChildProcess.run(ChildProcess.millrace, ["redrive", config, "--dry-run", "--filter", "event.amount > 500"])
      #expect(dry.status == 0, "\(dry.errors)")
      #expect(dry.output.contains("1  decode   feature event.amount is missing"))
      #expect(dry.output.contains("transactions/1/7"))
      #expect(dry.output.contains("left 1: the filter does not match"))
      #expect(dry.output.contains("would move 1 of 2 letters"))
      #expect(try records(address).isEmpty)
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
