import Foundation
import KafkaClient
import Testing

@testable import Millrace

/// Dead letters on their way back.
@Suite(.timeLimit(.minutes(2))) struct RedriveTests {
  @Test func aRecordGoesBackAsItWas() throws {
    try RedriveFixture.with { fixture in
      try fixture.letter(#"{"a":1}"#, of: 17, headers: [("trace", "x"), ("empty", nil), ("trace", "y")])
      try fixture.letter(nil, of: 18, key: nil)
      let report = try fixture.redrive()
      #expect(report.redriven == 2 && report.read == 2 && report.left.isEmpty)
      let records = try fixture.read("transactions")
      try #require(records.map(\.value) == [#"{"a":1}"#, nil])
      #expect(records.map(\.key) == ["k", nil])
      #expect(records.map(\.place) == ["2/0", "2/1"], "the partition that it came from")
      #expect(records.map(\.timestampMs) == [1_700_000_000_000, 1_700_000_000_000])
      #expect(records[0].headers == ["trace": "y", "empty": nil, "__dlq.errors.delivery.count": "1"])
    }
  }

  @Test func whatWasMovedIsNotMovedAgain() throws {
    try RedriveFixture.with { fixture in
      for offset in 0..<10 { try fixture.letter("\(offset)", of: offset) }
      #expect(try fixture.redrive { $0.limit = 4 }.redriven == 4)
      #expect(try fixture.redrive().redriven == 6)
      #expect(try fixture.redrive().read == 0)
      #expect(try fixture.read("transactions").map(\.value) == (0..<10).map { "\($0)" })
    }
  }

  @Test func whatAFilterLeavesIsThereForTheNextOne() throws {
    try RedriveFixture.with { fixture in
      for offset in 0..<20 { try fixture.letter(#"{"n":\#(offset)}"#, of: offset, stage: offset % 3 == 0 ? "score" : "decode") }
      let first = try fixture.redrive { $0.filter = #"headers["__dlq.errors.stage"] == "score" && event.n > 5"# }
      #expect(first.redriven == 5 && first.left == ["filter": 15])
      let second = try fixture.redrive { $0.filter = "event.n < 4" }
      #expect(second.redriven == 4 && second.left == ["filter": 11] && second.movedBefore == 5)
      let rest = try fixture.redrive()
      #expect(rest.redriven == 11)
      let values = try fixture.read("transactions").map(\.value)
      #expect(values.count == 20 && Set(values).count == 20)
    }
  }

  @Test func aFilterThatFailsOnALetterLeavesIt() throws {
    try RedriveFixture.with { fixture in
      try fixture.letter("no JSON", of: 0)
      try fixture.letter(#"{"n":1}"#, of: 1)
      let report = try fixture.redrive { $0.filter = "event.n == 1" }
      #expect(report.redriven == 1 && report.filterFailed == 1 && report.left == ["filter": 1])
      #expect(throws: (any Error).self) { try fixture.redrive { $0.filter = "evnet.n == 1" } }
      #expect(throws: (any Error).self) { try fixture.redrive { $0.filter = #""text""# } }
    }
  }

  @Test func aDryRunMovesNothing() throws {
    try RedriveFixture.with { fixture in
      for offset in 0..<5 { try fixture.letter(#"{"secret":\#(offset)}"#, of: offset, message: offset < 3 ? "too\nbad" : "worse") }
      var options = RedriveOptions()
      options.isDryRun = true
      let report = try fixture.redrive { $0.isDryRun = true }
      #expect(report.redriven == 5)
      let lines = report.lines(options)
      #expect(lines[1] == "    3  decode   too bad")
      #expect(lines[2].hasSuffix("transactions/2/0, transactions/2/1, transactions/2/2"))
      #expect(lines.last == "would move 5 of 5 letters")
      #expect(!lines.joined().contains("secret"))
      #expect(try fixture.read("transactions").isEmpty)
      #expect(try fixture.redrive().redriven == 5, "nothing was remembered")
    }
  }

  @Test func aLetterThatFailedTooOftenIsLeft() throws {
    try RedriveFixture.with { fixture in
      for (offset, count) in [1, 2, 3, 4].enumerated() { try fixture.letter("{}", of: offset, count: count) }
      let report = try fixture.redrive()
      #expect(report.redriven == 2 && report.left == ["deliveries": 2])
      #expect(try fixture.read("transactions").map { $0.header("__dlq.errors.delivery.count") } == ["1", "2"])
      #expect(try fixture.redrive { $0.maxDeliveries = 9 }.redriven == 2, "it is still there for who insists")
    }
  }

  @Test func lettersOfOthersAreLeft() throws {
    try RedriveFixture.with { fixture in
      try fixture.send("{}", to: "transactions.dlq")
      let place: [(String, String?)] = [("__dlq.errors.partition", "0"), ("__dlq.errors.offset", "1")]
      for own in [
        [("__dlq.errors.topic", "other"), ("__dlq.errors.group", "fraud.bulk")],
        [("__dlq.errors.topic", "transactions"), ("__dlq.errors.group", "fraudulent.bulk")],
      ] {
        try fixture.send("{}", to: "transactions.dlq", headers: place + own.map { ($0.0, .some($0.1)) })
      }
      let report = try fixture.redrive()
      #expect(report.redriven == 0 && report.left == ["foreign": 3])
    }
  }

  @Test func aValueThatTheLetterLacksIsFetchedWhereItStandsOrTheLetterIsLeft() throws {
    try RedriveFixture.with { fixture in
      try fixture.send("before", to: "transactions", partition: 2, key: "k")
      try fixture.send("the value", to: "transactions", partition: 2, key: "k")
      try fixture.letter(nil, of: 1, omitted: 9)
      try fixture.letter(#"{"id":1}"#, of: 0, key: "another", omitted: 6)
      try fixture.letter(nil, of: 0, omitted: 7)
      try fixture.letter(nil, of: 900, omitted: 9)
      let report = try fixture.redrive()
      #expect(report.redriven == 1 && report.left == ["value": 3])
      #expect(try fixture.read("transactions").map(\.value) == ["before", "the value", "the value"])
    }
  }

  @Test func aLetterInItsSmallestFormGetsKeyValueAndHeadersFromWhereTheyStand() throws {
    try RedriveFixture.with { fixture in
      try fixture.send("the value", to: "transactions", partition: 2, key: "the key", headers: [("trace", "x"), ("empty", nil)])
      let sizes: [(String, String?)] = [("__dlq.errors.key.omitted.bytes", "7"), ("__dlq.errors.headers.omitted.bytes", "11")]
      try fixture.letter(nil, of: 0, key: nil, omitted: 9, headers: sizes)
      // Another record stands there than the one of which this tells.
      try fixture.letter(nil, of: 0, key: nil, omitted: 9, headers: [("__dlq.errors.key.omitted.bytes", "8"), sizes[1]])
      let report = try fixture.redrive()
      #expect(report.redriven == 1 && report.left == ["value": 1])
      let record = try #require(try fixture.read("transactions").last)
      #expect(record.key == "the key" && record.value == "the value")
      #expect(record.headers == ["trace": "x", "empty": nil, "__dlq.errors.delivery.count": "1"])
    }
  }

  @Test(.enabled(if: RedriveFixture.realBrokers == nil, "only a mock cluster can be told to refuse"))
  func aRecordThatTheBrokerRefusesIsLeft() throws {
    try RedriveFixture.with { fixture in
      for offset in 0..<3 { try fixture.letter("{}", of: offset) }
      fixture.mock?.pushRequestErrors(.produce, [.messageSizeTooLarge])
      let report = try fixture.redrive()
      #expect(report.redriven == 2 && report.left == ["refused": 1], "and none that was sent beside it")
      #expect(try fixture.redrive().redriven == 1)
    }
  }

  @Test func aRunThatIsStoppedGoesOnWhereItStopped() throws {
    try RedriveFixture.with { fixture in
      for offset in 0..<30 { try fixture.letter("\(offset)", of: offset) }
      var options = RedriveOptions()
      options.rate = 200
      let redrive = try Redrive(fixture.configuration, options, log: RedriveFixture.log)
      let watcher = Thread {
        while (try? fixture.read("transactions").count) ?? 0 < 3 {}
        redrive.stop()
      }
      watcher.start()
      var first = RedriveReport()
      try redrive.run { first = $0 }
      let second = try fixture.redrive()
      #expect(first.redriven + second.redriven == 30)
      #expect(try fixture.read("transactions").count == 30, "nothing twice")
    }
  }

  /// Whatever answers come back and wherever it is stopped: every letter goes back at least once, and then nothing is left to do.
  @Test(.enabled(if: RedriveFixture.realBrokers == nil, "only a mock cluster can be told to fail"), arguments: 1..<5 as Range<UInt64>)
  func nothingIsLostUnderErrors(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    try RedriveFixture.with { fixture in
      let mock = try #require(fixture.mock)
      for offset in 0..<60 { try fixture.letter(#"{"n":\#(offset)}"#, of: offset) }
      var faults = 0
      for _ in 0..<8 {
        let answers: [KafkaError.Code] = [.notLeaderForPartition, .requestTimedOut, .noError, .notEnoughReplicas]
        mock.pushRequestErrors(
          .produce, (0..<Int.random(in: 0...4, using: &random)).compactMap { _ in answers.randomElement(using: &random) })
        let commits: [KafkaError.Code] = [.coordinatorLoadInProgress, .noError, .unknownMember]
        mock.pushRequestErrors(
          .offsetCommit, (0..<Int.random(in: 0...2, using: &random)).compactMap { _ in commits.randomElement(using: &random) })
        let limit = Int.random(in: 1...15, using: &random)
        let filter = "event.n % \(Int.random(in: 1...3, using: &random)) == 0"
        do { _ = try fixture.redrive { ($0.limit, $0.filter) = (limit, filter) } } catch { faults += 1 }
      }
      mock.clearRequestErrors(.produce)
      mock.clearRequestErrors(.offsetCommit)
      _ = try fixture.redrive()
      #expect(try fixture.redrive().read == 0, "seed \(seed)")
      let counts = Dictionary(try fixture.read("transactions").map { ($0.value ?? "", 1) }, uniquingKeysWith: +)
      #expect(counts.count == 60, "seed \(seed): \(faults) runs failed")
      #expect(
        faults > 0 || counts.values.allSatisfy { $0 == 1 }, "seed \(seed): twice, and no run failed: \(counts.filter { $0.value > 1 })")
    }
  }

  // MARK: Lanes

  @Test func aRecordThatWentBackIsPredictedByItsLane() async throws {
    let fixture = try RedriveFixture()
    defer { fixture.close() }
    try fixture.letter(#"{"id":"x","a":50,"b":1,"c":2}"#, of: 3)
    try fixture.letter(#"{"id":"y","a":1,"b":1}"#, of: 4)
    #expect(try fixture.redrive().redriven == 2)
    try await fixture.drain()
    let predictions = try fixture.read("predictions")
    #expect(predictions.count == 1)
    #expect(predictions.first?.value?.contains(#""sum":53"#) == true && predictions.first?.value?.contains(#""lane":"urgent""#) == true)
    let letters = try fixture.read("transactions.dlq")
    #expect(letters.count == 3)
    #expect(letters.last?.header("__dlq.errors.delivery.count") == "2", "the count goes on")
    #expect(letters.last?.header("__dlq.errors.timestamp") == "1700000000000")
    // The third time it stays.
    #expect(try fixture.redrive().redriven == 1)
    try await fixture.drain()
    let last = try fixture.redrive()
    #expect(last.redriven == 0 && last.left == ["deliveries": 1])
  }

  @Test func aLaneScoresLettersWithoutTheirSourceTopic() throws {
    try RedriveFixture.with { fixture in
      try fixture.letter(#"{"id":"x","a":50,"b":1,"c":2}"#, of: 3, headers: [("traceparent", "00-1"), ("other", "1")])
      try fixture.letter(#"{"id":"y","a":1,"b":"?"}"#, of: 4)
      let report = try fixture.redrive { $0.lane = "bulk" }
      #expect(report.predicted == 1 && report.deadLettered == 1 && report.read == 2)
      #expect(try fixture.read("transactions").isEmpty)
      let prediction = try #require(try fixture.read("predictions").first)
      #expect(prediction.headers == ["millrace-source": "transactions/2/3", "traceparent": "00-1"])
      #expect(prediction.key == "k" && prediction.value?.contains(#""sum":53"#) == true)
      #expect(prediction.value?.contains(#""lane":"bulk""#) == true, "the lane that was named, not the route's")
      let again = try #require(try fixture.read("transactions.dlq").last)
      #expect(again.header("__dlq.errors.offset") == "4" && again.header("__dlq.errors.delivery.count") == "2")
      #expect(again.header("__dlq.errors.message")?.contains("event.b") == true)
      #expect(try fixture.redrive { $0.lane = "bulk" }.deadLettered == 1)
      #expect(try fixture.redrive { $0.lane = "bulk" }.left == ["deliveries": 1])
    }
  }

  @Test func aLaneThatThereIsNotAndAnEmbeddedBrokerAreFaults() throws {
    try RedriveFixture.with { fixture in
      #expect(throws: ConfigurationError.self) { try fixture.redrive { $0.lane = "bluk" } }
    }
    let embedded = try ConfigurationFixture.configuration("")
    #expect(throws: RedriveFault.self) { try Redrive(embedded, RedriveOptions(), log: RedriveFixture.log).run() }
  }
}
