import KafkaClient
import Testing

@testable import Millrace

@Suite(.serialized) struct ReplayTests {
  @Test(.timeLimit(.minutes(2)), arguments: ["at_least_once", "exactly_once"])
  func aRangeIsScoredAsItWasLiveAndNothingElse(_ delivery: String) async throws {
    let fixture = try ReplayFixture(delivery: delivery)
    defer { fixture.close() }
    try fixture.feed(200)
    try await fixture.runLive()
    let live = try (fixture.outputs("predictions"), fixture.outputs("events.dlq"))
    let ends = try ["predictions", "events.dlq", "events"].map(fixture.ends)
    let offsets = try ["g.quick", "g.rest"].map(fixture.committed)

    let settings = try fixture.settings("a") {
      $0.from = ("30", .offset(30))
      $0.to = ("170", .offset(170))
    }
    let report = try await fixture.replay(settings)
    #expect(report.run.predicted == 3 * 126)
    #expect(report.run.deadLettered == 3 * 14)
    #expect(report.run.consumed == 3 * 140)
    #expect(report.run.lanes.values.reduce(0) { $0 + $1.predicted + $1.deadLettered } == 3 * 140)
    #expect((report.run.lanes["quick"]?.predicted ?? 0) > 80)
    #expect(report.replay.finished && report.replay.left == 0)

    let predictions = try fixture.outputs("predictions.replay.a")
    let deadLetters = try fixture.outputs("events.dlq.replay.a")
    var expected: Set<String> = []
    for partition in 0..<3 { for offset in 30..<170 { expected.insert("events/\(partition)/\(offset)") } }
    #expect(Set(predictions.keys).union(deadLetters.keys) == expected)
    for (source, outputs) in predictions {
      #expect(outputs.count == 1)
      #expect(outputs[0].value == live.0[source]?.first?.value)
      let offset = Int64(source.split(separator: "/")[2]) ?? 0
      #expect(outputs[0].timestampMs == ReplayFixture.start + offset * 100)
      #expect(outputs[0].headers["millrace-replay"] == "a")
    }
    for (source, outputs) in deadLetters {
      #expect(outputs.count == 1)
      #expect(outputs[0].value == live.1[source]?.first?.value)
      #expect(outputs[0].headers["__dlq.errors.group"] == "g.replay.a")
    }

    // The live pipeline did not notice.
    #expect(try ["predictions", "events.dlq", "events"].map(fixture.ends) == ends)
    #expect(try ["g.quick", "g.rest"].map(fixture.committed) == offsets)
  }

  @Test(.timeLimit(.minutes(2))) func aReplayThatIsStoppedGoesOnWhereItWasWithTheSameEnd() async throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    try fixture.feed(400)
    var settings = try fixture.settings("b")
    settings.pace = .rate(600)
    let replay = try fixture.plan(settings)
    let pipeline = replay.makePipeline()
    let stopping = Task {
      while pipeline.snapshot(of: "rest").consumed < 200 { try await Task.sleep(for: .milliseconds(10)) }
      pipeline.stop()
    }
    try await fixture.run(pipeline)
    try await stopping.value
    let first = replay.report(pipeline)
    #expect(!first.replay.finished && first.replay.left > 0)
    // What comes after the beginning is not in the range, although --to says latest.
    try fixture.feed(50)
    settings.pace = .unlimited
    let second = try await fixture.replay(settings)
    #expect(second.replay.resumed && second.replay.finished)
    #expect(first.run.consumed + second.run.consumed == 1200)
    let outputs = try fixture.outputs("predictions.replay.b").merging(fixture.outputs("events.dlq.replay.b")) { $0 + $1 }
    #expect(outputs.count == 1200)
    #expect(outputs.values.allSatisfy { $0.count == 1 })
    let again = try fixture.plan(settings)
    #expect(again.isResumed && again.isFinished)
  }

  @Test(.timeLimit(.minutes(2))) func twoProcessesShareThePartitions() async throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    try fixture.feed(300)
    var settings = try fixture.settings("c")
    settings.pace = .rate(150)
    let plans = try [fixture.plan(settings), fixture.plan(settings)]
    let pipelines = plans.map { $0.makePipeline() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for pipeline in pipelines { group.addTask { try await pipeline.run() } }
      try await group.waitForAll()
    }
    let reports = zip(plans, pipelines).map { $0.report($1) }
    #expect(reports.allSatisfy { $0.replay.finished && $0.run.consumed > 0 })
    #expect(reports.reduce(0) { $0 + $1.run.consumed } == 900)
    let outputs = try fixture.outputs("predictions.replay.c").merging(fixture.outputs("events.dlq.replay.c")) { $0 + $1 }
    #expect(outputs.count == 900 && outputs.values.allSatisfy { $0.count == 1 })
  }

  @Test(.timeLimit(.minutes(2))) func filterLanesPartitionsAndModelSelect() async throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    try fixture.feed(40)
    let settings = try fixture.settings("d") {
      $0.filter = "event.b > 10.0 || event.n == 5"
      $0.lanes = ["rest"]
      $0.partitions = PartitionSelection("1-2")
      $0.model = "sums"
    }
    let report = try await fixture.replay(settings)
    let outputs = try fixture.outputs("predictions.replay.d")
    var expected: [String: String] = [:]
    for number in 0..<40 where number % 10 != 9 {
      for partition in 1...2 {
        let n = number * 3 + partition
        guard Double(n) * 0.37 > 10 || n == 5, n % 4 != 0 else { continue }
        let total = Float(n) + Float(Double(n) * 0.37) + Float(n % 7)
        expected["events/\(partition)/\(number)"] = "\(total)"
      }
    }
    #expect(Set(outputs.keys) == Set(expected.keys))
    for (source, output) in outputs {
      #expect(output[0].value.contains("\"lane\":\"rest\"") && output[0].value.contains("\"model\":\"sums\""))
      let text = output[0].value.split(separator: "\"total\":").last?.prefix { $0 != "," } ?? ""
      #expect(Float(text) == Float(expected[source] ?? ""), "\(source)")
    }
    // Broken payloads have no fields: the filter leaves them out.
    #expect(report.run.deadLettered == 0)
    #expect(report.run.consumed == 80 && report.run.skipped == 80 - expected.count)
  }

  @Test(.timeLimit(.minutes(2))) func thePaceIsThatOfTheTimestamps() async throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    try fixture.feed(30)
    var settings = try fixture.settings("e")
    settings.pace = .original(speed: 4)
    let start = ContinuousClock.now
    let report = try await fixture.replay(settings)
    // 2.9 seconds apart, four times as fast: the clock can't have been quicker. How much slower is the machine's affair.
    #expect(ContinuousClock.now - start >= .milliseconds(725))
    #expect(report.run.predicted + report.run.deadLettered == 90)
    let outputs = try fixture.outputs("predictions.replay.e").merging(fixture.outputs("events.dlq.replay.e")) { $0 + $1 }
    #expect(outputs.count == 90 && outputs.values.allSatisfy { $0.count == 1 })
  }

  @Test(.timeLimit(.minutes(2))) func emptyRangesAreDoneAtOnceAndRestartBeginsAgain() async throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    let empty = try await fixture.replay(try fixture.settings("f"))
    #expect(empty.replay.finished && empty.run.consumed == 0)
    try fixture.feed(10)
    let late = try await fixture.replay(try fixture.settings("g") { $0.from = ("500", .offset(500)) })
    #expect(late.replay.finished && late.run.consumed == 0)
    // Finished is finished, until it is restarted.
    let settings = try fixture.settings("f")
    #expect(try fixture.plan(settings).isFinished)
    let restarted = try await fixture.replay(settings, .restart)
    #expect(restarted.run.consumed == 30)
    let third = try await fixture.replay(settings, .restart)
    #expect(third.run.consumed == 30)
    #expect(try fixture.outputs("predictions.replay.f").values.allSatisfy { $0.count == 2 })
  }

  @Test(.timeLimit(.minutes(1))) func aDryRunChangesNothing() throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    try fixture.feed(10)
    let plan = try fixture.plan(ReplaySettings(name: "h"), .dryRun)
    #expect(plan.shares.values.reduce(0) { $0 + $1.left } == 30)
    #expect(try fixture.committed("g.replay.h").allSatisfy { $0.offset < 0 })
  }

  @Test(.timeLimit(.minutes(1))) func argumentsThatCanDoHarmOrNothingAreRefused() throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    try fixture.feed(5)
    func refusal(_ name: String = "i", _ change: (inout ReplaySettings) -> Void) throws -> String {
      var settings = ReplaySettings(name: name)
      change(&settings)
      do {
        _ = try fixture.plan(settings, .dryRun)
        return ""
      } catch let fault as ReplayFault {
        return fault.description
      }
    }
    #expect(try refusal { $0.output = fixture.real("predictions") }.contains("--into-live"))
    #expect(try refusal { $0.output = fixture.real("events") }.contains("a lane reads this topic"))
    #expect(try refusal { $0.output = fixture.real("events.dlq") }.contains("dead letters"))
    #expect(try refusal { $0.topics = ["evnts"] }.contains("no lane of this replay reads the topic 'evnts'"))
    #expect(try refusal { $0.lanes = ["quik"] }.contains("did you mean 'quick'"))
    #expect(try refusal { $0.model = "x" }.contains("models: sums, doubles"))
    #expect(try refusal { $0.filter = "event.n +" }.contains("--filter"))
    #expect(try refusal { $0.filter = "event.n + 1" }.isEmpty)
    #expect(try refusal { $0.filter = "1 + 1" }.contains("expected a bool"))
    #expect(try refusal { $0.partitions = PartitionSelection("7") }.contains("events has 3"))
    #expect(try refusal("a/b") { _ in }.contains("a name is made of"))
    #expect(try refusal { ($0.from, $0.to) = (("9", .offset(9)), ("3", .offset(3))) }.contains("behind"))
    #expect(try refusal { ($0.from, $0.to) = (("a", .time(9)), ("b", .time(3))) }.contains("later"))
    #expect(try refusal { ($0.output, $0.intoLive) = (fixture.real("predictions"), true) }.isEmpty)
  }

  @Test(.timeLimit(.minutes(1))) func aNameKeepsItsArguments() throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    try fixture.feed(5)
    _ = try fixture.plan(fixture.settings("j"))
    #expect(throws: ReplayFault.self) { try fixture.plan(fixture.settings("j") { $0.to = ("3", .offset(3)) }) }
    #expect(try fixture.plan(fixture.settings("j")).isResumed)
  }
}
