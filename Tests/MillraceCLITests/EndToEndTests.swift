import Foundation
import Testing

/// The command against a broker in another process, with kcat as a client that is not ours.
@Suite(.serialized, .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/kcat"), "kcat is not installed"))
struct EndToEndTests {
  private static let kcat = "/usr/bin/kcat"

  /// A broker whose partitions are too many to lose a record: the mock keeps the last 5 MiB of each.
  private func withBroker(_ body: (String) throws -> Void) throws {
    let topics = ["transactions:48", "predictions:24", "transactions.dlq:8"].flatMap { ["--topic", $0] }
    let broker = try ChildProcess(ChildProcess.millrace, ["broker"] + topics)
    let address = broker.firstLine()
    defer {
      broker.send(SIGTERM)
      _ = try? broker.outcome()
    }
    #expect(address.hasPrefix("127.0.0.1:"))
    try body(address)
  }

  private func temporaryFile(_ name: String, _ text: String) throws -> URL { try temporaryFile(name, Data(text.utf8)) }

  private func temporaryFile(_ name: String, _ bytes: Data) throws -> URL {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString)-\(name)")
    try bytes.write(to: file)
    return file
  }

  /// The example's configuration for a broker, with its model's path made absolute.
  private func configuration(_ address: String) throws -> URL {
    let example = try String(contentsOf: ChildProcess.root.appendingPathComponent("config/fraud.yaml"), encoding: .utf8)
    let text =
      example
      .replacingOccurrences(of: "path: models/fraud", with: "path: \(ChildProcess.root.path)/config/models/fraud")
      .replacingOccurrences(
        of: "${KAFKA_BOOTSTRAP_SERVERS:-embedded}", with: address + "\n  session.timeout.ms: 6000\n  fetch.wait.max.ms: 20")
    return try temporaryFile("fraud.yaml", text)
  }

  private func produce(_ lines: String, to address: String, _ flags: [String] = []) throws {
    try produce(Data(lines.utf8), to: address, flags)
  }

  /// Sends each line as a record.
  private func produce(_ lines: Data, to address: String, _ flags: [String] = []) throws {
    let file = try temporaryFile("events.ndjson", lines)
    defer { try? FileManager.default.removeItem(at: file) }
    // A record at a time over the partitions: by default kcat fills one for 10 ms, which is more than the mock keeps of it.
    let spread = ["-X", "topic.partitioner=random", "-X", "sticky.partitioning.linger.ms=0"]
    let sent = try ChildProcess.run(Self.kcat, ["-P", "-b", address, "-t", "transactions"] + spread + flags, input: file)
    #expect(sent.status == 0, "\(sent.errors)")
  }

  /// What a topic holds: the source that each record names, and the lane in its value.
  private func outputs(_ topic: String, _ address: String) throws -> [(source: String, value: String)] {
    let read = try ChildProcess.run(
      Self.kcat, ["-C", "-b", address, "-t", topic, "-e", "-q", "-f", "%h\\t%s\\n", "-X", "fetch.wait.max.ms=50"])
    #expect(read.status == 0, "\(read.errors)")
    return read.output.split(separator: "\n").map { line in
      let parts = line.split(separator: "\t", maxSplits: 1)
      let headers = Dictionary(
        parts[0].split(separator: ",").map { header in
          let pair = header.split(separator: "=", maxSplits: 1)
          return (String(pair[0]), pair.count > 1 ? String(pair[1]) : "")
        }, uniquingKeysWith: { $1 })
      let place = ["topic", "partition", "offset"].compactMap { headers["__dlq.errors.\($0)"] }.joined(separator: "/")
      return (headers["millrace-source"] ?? place, parts.count > 1 ? String(parts[1]) : "")
    }
  }

  private func events(_ count: Int) throws -> [String] {
    let made = try ChildProcess.run(ChildProcess.millrace, ["demo", "--events", String(count)])
    return made.output.split(separator: "\n").map(String.init)
  }

  private func drained(_ config: URL) throws -> [String: Any] {
    let run = try ChildProcess.run(ChildProcess.millrace, ["run", config.path, "--until-drained", "--report", "json"])
    #expect(run.status == 0, "\(run.errors.suffix(2000))")
    let report = run.output.split(separator: "\n").last.map { Data($0.utf8) } ?? Data()
    return try #require(JSONSerialization.jsonObject(with: report) as? [String: Any])
  }

  @Test func eachOfAHundredThousandRecordsEndsAsOneOutputOfItsLane() throws {
    try withBroker { address in
      var lines = try events(100_000)
      for index in stride(from: 50, to: lines.count, by: 100) { lines[index] = String(lines[index].dropLast(5)) }
      try produce(lines.joined(separator: "\n") + "\n", to: address)
      let report = try drained(try configuration(address))
      #expect(report["predicted"] as? Int == 99_000)
      #expect(report["dead_lettered"] as? Int == 1_000)
      // Each lane reads every record.
      #expect(report["consumed"] as? Int == 200_000)
      #expect(report["skipped"] as? Int == 100_000)
      let predictions = try outputs("predictions", address)
      let deadLetters = try outputs("transactions.dlq", address)
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
    try withBroker { address in
      try produce(try events(40_000).joined(separator: "\n") + "\n", to: address)
      let config = try configuration(address)
      let first = try ChildProcess(ChildProcess.millrace, ["run", config.path])
      // The group's first join takes three seconds; the seed chooses a moment of the work behind it.
      usleep(UInt32(3_200_000 + seed % 10 * 150_000))
      first.send(SIGKILL)
      #expect(try first.outcome().status == -SIGKILL)
      _ = try drained(config)
      let sources = Set(try (outputs("predictions", address) + outputs("transactions.dlq", address)).map(\.source))
      #expect(sources.count == 40_000, "MILLRACE_TEST_SEED=\(seed)")
    }
  }

  @Test func aRunThatIsStoppedRepeatsNothing() throws {
    try withBroker { address in
      try produce(try events(5_000).joined(separator: "\n") + "\n", to: address)
      let config = try configuration(address)
      let first = try ChildProcess(ChildProcess.millrace, ["run", config.path])
      // All is predicted, and the last of it within the second in which it isn't committed yet.
      let patience = Date(timeIntervalSinceNow: 60)
      while try outputs("predictions", address).count < 5_000, Date() < patience { usleep(100_000) }
      first.send(SIGTERM)
      let stopped = try first.outcome()
      #expect(stopped.status == 0)
      _ = try drained(config)
      let sources = try outputs("predictions", address).map(\.source)
      #expect(Set(sources).count == 5_000)
      // A group that happens to rebalance at that moment may refuse the last commit; then the worker says so.
      if !stopped.errors.contains("commit failed") { #expect(sources.count == 5_000, "\(stopped.errors)") }
    }
  }

  @Test func predictionsAreThoseOfPythonsRuntime() throws {
    let golden = try String(
      contentsOf: ChildProcess.root.appendingPathComponent("config/models/fraud/golden.ndjson"), encoding: .utf8)
    try withBroker { address in
      try produce(golden, to: address)
      _ = try drained(try configuration(address))
      var expected: [String: Double] = [:]
      for line in golden.split(separator: "\n") {
        let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        expected[event?["id"] as? String ?? ""] = event?["expected_score"] as? Double
      }
      let predictions = try outputs("predictions", address)
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
    let unreachable = try ChildProcess.run(ChildProcess.millrace, ["run", try configuration("127.0.0.1:1").path])
    #expect(unreachable.status == 70)
    #expect(unreachable.errors.contains("127.0.0.1:1"))
    let broken = try temporaryFile("broken.yaml", "group: a\nlanse: {}\n")
    let refused = try ChildProcess.run(ChildProcess.millrace, ["check", broken.path])
    #expect(refused.status == 78)
    #expect(refused.errors.contains(":2:1: error: "))
    #expect(refused.errors.contains("did you mean 'lanes'?"))
    #expect(try ChildProcess.run(ChildProcess.millrace, ["run"]).status == 64)
    try withBroker { address in
      let config = try configuration(address)
      let text = try String(contentsOf: config, encoding: .utf8)
        .replacingOccurrences(of: "topics: [transactions]", with: "topics: [nowhere]")
      let missing = try ChildProcess.run(ChildProcess.millrace, ["run", try temporaryFile("missing.yaml", text).path])
      #expect(missing.status == 70)
      #expect(missing.errors.contains("topic nowhere does not exist"))
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
      (good.replacingOccurrences(of: "\"amount\":", with: "\"big\":99999999999999999999999,\"amount\":"), "found 99999999999"),
      ("[]", "missing"),
    ]
    try withBroker { address in
      try produce(cases.map(\.0).joined(separator: "\n") + "\n", to: address)
      // What is odd, and yet an event like any other.
      let padding = String(repeating: "x", count: 4_900_000)
      let deep = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
      let odd = [
        good.replacingOccurrences(of: "\"hour\":", with: "\"hour\":[],\"hour\":7,\"ruoh\":"),
        good.replacingOccurrences(of: "\"amount\":", with: "\"deep\":\(deep),\"amount\":"),
        good.replacingOccurrences(of: "\"amount\":", with: "\"pad\":\"\(padding)\",\"amount\":"),
      ]
      try produce(odd.joined(separator: "\n") + "\n", to: address, ["-X", "message.max.bytes=6000000"])
      // kcat leaves an empty line out, unless it has a key; with -Z it sends NULL.
      try produce("k:\n", to: address, ["-K", ":", "-Z"])
      try produce("k:\n", to: address, ["-K", ":"])
      try produce(Data([0x7B, 0x22, 0xFF, 0x22, 0x7D, 0x0A]), to: address)
      let report = try drained(try configuration(address))
      #expect(report["predicted"] as? Int == odd.count)
      #expect(report["dead_lettered"] as? Int == cases.count + 3)
      let read = try ChildProcess.run(
        Self.kcat, ["-C", "-b", address, "-t", "transactions.dlq", "-e", "-q", "-f", "%h\\n", "-X", "fetch.wait.max.ms=50"])
      for (record, message) in cases {
        #expect(read.output.contains(message), "\(record.prefix(60))")
      }
      for message in ["tombstone", "empty", "invalid UTF-8"] { #expect(read.output.contains(message), "\(read.output)") }
      #expect(read.output.contains("__dlq.errors.stage=decode"))
    }
  }
}
