import Foundation
import Testing

/// The built command on topics that kcat fills and reads.
@Suite(.serialized, .enabled(if: FileManager.default.fileExists(atPath: TestCluster.kcat), "kcat is not installed"))
struct EndToEndTests {
  private func events(_ count: Int) throws -> [String] {
    let made = try ChildProcess.run(ChildProcess.millrace, ["demo", "--events", String(count)])
    return made.output.split(separator: "\n").map(String.init)
  }

  @Test func eachOfAHundredThousandRecordsEndsAsOneOutputOfItsLane() throws {
    try TestCluster.with { cluster in
      var lines = try events(100_000)
      for index in stride(from: 50, to: lines.count, by: 100) { lines[index] = String(lines[index].dropLast(5)) }
      try cluster.produce(lines)
      let report = try cluster.drained(try cluster.configuration())
      #expect(report["predicted"] as? Int == 99_000)
      #expect(report["dead_lettered"] as? Int == 1_000)
      // Each lane reads every record.
      #expect(report["consumed"] as? Int == 200_000)
      #expect(report["skipped"] as? Int == 100_000)
      let predictions = try cluster.predictions()
      let deadLetters = try cluster.deadLetters()
      #expect(predictions.count == 99_000)
      #expect(deadLetters.count == 1_000)
      #expect(Set(predictions.map(\.source) + deadLetters.map(\.source)).count == 100_000)
      let amounts = Dictionary(
        uniqueKeysWithValues: lines.compactMap { line -> (String, Double)? in
          guard let event = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else { return nil }
          return (event["id"] as? String ?? "", event["amount"] as? Double ?? 0)
        })
      var wrong = 0
      for prediction in predictions {
        let value = try JSONSerialization.jsonObject(with: Data(prediction.value.utf8)) as? [String: Any]
        let amount = amounts[value?["id"] as? String ?? ""] ?? -1
        if value?["lane"] as? String != (amount >= 500 ? "urgent" : "bulk") { wrong += 1 }
      }
      #expect(wrong == 0)
    }
  }

  @Test func aRunThatIsKilledIsFinishedByTheNext() throws {
    let seed = UInt64(ProcessInfo.processInfo.environment["MILLRACE_TEST_SEED"] ?? "") ?? .random(in: 0...10_000)
    print("MILLRACE_TEST_SEED=\(seed)")
    try TestCluster.with { cluster in
      try cluster.produce(try events(40_000))
      let config = try cluster.configuration()
      let first = try ChildProcess(ChildProcess.millrace, ["run", config.path])
      // The group's first join takes three seconds; the seed chooses a moment of the work behind it.
      usleep(UInt32(3_200_000 + seed % 10 * 150_000))
      first.send(SIGKILL)
      #expect(try first.outcome().status == -SIGKILL)
      _ = try cluster.drained(config)
      let sources = Set(try (cluster.predictions() + cluster.deadLetters()).map(\.source))
      #expect(sources.count == 40_000, "MILLRACE_TEST_SEED=\(seed)")
    }
  }

  @Test func aRunThatIsStoppedRepeatsNothing() throws {
    try TestCluster.with { cluster in
      try cluster.produce(try events(5_000))
      let config = try cluster.configuration()
      let first = try ChildProcess(ChildProcess.millrace, ["run", config.path])
      // All is predicted, and the last of it within the second in which it isn't committed yet.
      let patience = Date(timeIntervalSinceNow: 60)
      while try cluster.predictions().count < 5_000, Date() < patience { usleep(100_000) }
      first.send(SIGTERM)
      let stopped = try first.outcome()
      #expect(stopped.status == 0)
      _ = try cluster.drained(config)
      let sources = try cluster.predictions().map(\.source)
      #expect(Set(sources).count == 5_000)
      // A group that happens to rebalance at that moment may refuse the last commit; then the worker says so.
      if !stopped.errors.contains("commit failed") { #expect(sources.count == 5_000, "\(stopped.errors)") }
    }
  }

  @Test func aProcessThatJoinsTakesOverWithoutRepeats() throws {
    try TestCluster.with { cluster in
      try cluster.produce(try events(5_000))
      let config = try cluster.configuration()
      let first = try ChildProcess(ChildProcess.millrace, ["run", config.path])
      let patience = Date(timeIntervalSinceNow: 60)
      while try cluster.predictions().count < 5_000, Date() < patience { usleep(100_000) }
      // The first goes on committing while the group takes the second in.
      let report = try cluster.drained(config)
      first.send(SIGTERM)
      let stopped = try first.outcome()
      #expect(stopped.status == 0)
      #expect(!stopped.errors.contains("partitions lost"), "\(stopped.errors)")
      // A group that happens to rebalance again at that moment may refuse a commit; then the worker says so.
      if stopped.errors.contains("commit failed") { return }
      #expect(report["predicted"] as? Int == 0, "\(stopped.errors)")
      #expect(try cluster.predictions().count == 5_000)
    }
  }

  @Test func predictionsAreThoseOfPythonsRuntime() throws {
    let golden = try String(
      contentsOf: ChildProcess.root.appendingPathComponent("config/models/fraud/golden.ndjson"), encoding: .utf8)
    try TestCluster.with { cluster in
      try cluster.produce(Data(golden.utf8))
      _ = try cluster.drained(try cluster.configuration())
      var expected: [String: Double] = [:]
      for line in golden.split(separator: "\n") {
        let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        expected[event?["id"] as? String ?? ""] = event?["expected_score"] as? Double
      }
      let predictions = try cluster.predictions()
      #expect(predictions.count == expected.count)
      for prediction in predictions {
        let value = try JSONSerialization.jsonObject(with: Data(prediction.value.utf8)) as? [String: Any]
        let score = try #require(value?["score"] as? Double)
        let wanted = try #require(expected[value?["id"] as? String ?? ""])
        #expect(abs(score - wanted) <= 1e-6)
      }
    }
  }

  @Test func whatCannotStartSaysWhyAndExitsWithItsCode() throws {
    let nowhere = ["KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"]
    let unreachable = try ChildProcess.run(ChildProcess.millrace, ["run", "config/fraud.yaml"], environment: nowhere)
    #expect(unreachable.status == 70)
    #expect(unreachable.errors.contains("127.0.0.1:1"))
    let broken = try TestCluster.temporaryFile("broken.yaml", "group: a\nlanse: {}\n")
    let refused = try ChildProcess.run(ChildProcess.millrace, ["check", broken.path])
    #expect(refused.status == 78)
    #expect(refused.errors.contains(":2:1: error: "))
    #expect(refused.errors.contains("did you mean 'lanes'?"))
    #expect(try ChildProcess.run(ChildProcess.millrace, ["run"]).status == 64)
    try TestCluster.with { cluster in
      let config = try cluster.configuration(replacing: "topics: [", with: "topics: [no-")
      let missing = try ChildProcess.run(ChildProcess.millrace, ["run", config.path])
      #expect(missing.status == 70)
      #expect(missing.errors.contains("transactions does not exist"))
    }
  }

  @Test func badRecordsBecomeDeadLettersThatSayWhy() throws {
    let good = try #require(try events(1).first)
    let cases: [(String, String)] = [
      ("{\"id\": \"t1\", \"amount\":", "not valid JSON"),
      (good.replacingOccurrences(of: "\"amount\":", with: "\"amuont\":"), "feature event.amount is missing"),
      (good.replacingOccurrences(of: "\"hour\":", with: "\"hour\":\"x\",\"ruoh\":"), "event.hour"),
      (String(repeating: "[", count: 1100) + String(repeating: "]", count: 1100), "nests more than"),
      (good.replacingOccurrences(of: "\"hour\":", with: "\"hour\":1e999,\"ruoh\":"), "too large"),
      (good.replacingOccurrences(of: "\"hour\":", with: "\"hour\":7,\"hour\":[],\"ruoh\":"), "an array"),
      (good.replacingOccurrences(of: "\"amount\":", with: "\"amount\":null,\"amuont\":"), "is null"),
      ("{\"pad\": \"" + String(repeating: "x", count: 2_000) + "\"}", "missing"),
      ("[]", "missing"),
    ]
    try TestCluster.with { cluster in
      try cluster.produce(cases.map(\.0))
      // What is odd, and yet an event like any other.
      let padding = String(repeating: "x", count: 4_900_000)
      let deep = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
      let odd = [
        good.replacingOccurrences(of: "\"hour\":", with: "\"hour\":[],\"hour\":7,\"ruoh\":"),
        good.replacingOccurrences(of: "\"amount\":", with: "\"deep\":\(deep),\"amount\":"),
        good.replacingOccurrences(of: "\"amount\":", with: "\"big\":99999999999999999999999,\"cut\":\"\\ud83d\",\"amount\":"),
        good.replacingOccurrences(of: "\"amount\":", with: "\"pad\":\"\(padding)\",\"amount\":"),
      ]
      try cluster.produce(odd, ["-X", "message.max.bytes=6000000"])
      // kcat leaves an empty line out, unless it has a key; with -Z it sends NULL.
      try cluster.produce(["k:"], ["-K", ":", "-Z"])
      try cluster.produce(["k:"], ["-K", ":"])
      try cluster.produce(Data([0x7B, 0x22, 0xFF, 0x22, 0x7D, 0x0A]))
      let report = try cluster.drained(try cluster.configuration())
      #expect(report["predicted"] as? Int == odd.count)
      #expect(report["dead_lettered"] as? Int == cases.count + 3)
      let headers = try cluster.deadLetters().map(\.headers)
      for (record, message) in cases {
        #expect(headers.contains { $0.contains(message) }, "\(record.prefix(60))")
      }
      for message in ["tombstone", "empty", "invalid UTF-8"] { #expect(headers.contains { $0.contains(message) }, "\(headers)") }
      #expect(headers.allSatisfy { $0.contains("__dlq.errors.stage=decode") })
    }
  }
}
