import KafkaClient
import Testing

@testable import Millrace

@Suite(.serialized) struct ComparisonTests {
  private func run(_ fixture: ReplayFixture, _ options: ComparisonOptions, _ settings: ReplaySettings) async throws -> ComparisonReport {
    let comparison = try Comparison(fixture.configuration, settings, options, log: fixture.log.logger)
    try await comparison.run()
    return comparison.report
  }

  @Test(.timeLimit(.minutes(2))) func bothModelsScoreEveryRecordOfTheRange() async throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    try fixture.feed(200)
    let ends = try ["predictions", "events.dlq", "events"].map(fixture.ends)
    var options = ComparisonOptions(against: "doubles")
    (options.threshold, options.by, options.label) = (300, "event.c", "event.n > 250")
    var settings = ReplaySettings(name: "against")
    (settings.from, settings.to, settings.lanes) = (("20", .offset(20)), ("180", .offset(180)), ["rest"])
    settings.model = "sums"
    let report = try await run(fixture, options, settings)

    // The same in plain arithmetic: a sum of n, 0.37 n and n modulo 7 against twice n.
    var (compared, up, down, taken) = (0, 0, 0, 0)
    var segments: [String: Int] = [:]
    for number in 20..<180 {
      for partition in 0..<3 {
        let n = number * 3 + partition
        if number % 10 == 9 {
          // A broken payload is whose the last route says.
          taken += 1
          continue
        }
        guard n % 4 != 0 else { continue }
        taken += 1
        compared += 1
        segments["\(n % 7)", default: 0] += 1
        let (a, b) = (Double(n) + Double(n) * 0.37 + Double(n % 7) >= 300, Double(2 * n) >= 300)
        if a != b { if b { up += 1 } else { down += 1 } }
      }
    }
    #expect(report.compared == compared && report.neither == Int64(taken - compared) && report.onlyA == 0 && report.onlyB == 0)
    #expect(report.flipsUp == up && report.flipsDown == down && up > 0)
    #expect(report.flips.count == up + down)
    #expect(Dictionary(uniqueKeysWithValues: report.segments.map { ($0.name, Int($0.records)) }) == segments)
    #expect(report.labelled == compared && report.a.auc == 1 && report.b.auc == 1)
    #expect(report.a.output == "total" && report.b.output == "twice")
    #expect(report.finished && report.run.consumed == 480)
    #expect(try ["predictions", "events.dlq", "events"].map(fixture.ends) == ends)
    #expect(try fixture.committed("g.replay.against").allSatisfy { $0.offset < 0 })

    let page = ComparisonPage(report).html
    #expect(page.contains("<svg") && page.contains("doubles") && page.contains("sums"))
    #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"))
  }

  @Test func aSegmentIsTheSameNumberHoweverItIsWritten() {
    let members = Array(#""id":"1.0","a":5,"b":5.0,"c":0.5e1,"d":-2.50,"e":"5.0","f":1e400,"g":[5.0],"h":9007199254740993.0"#.utf8)
    members.withUnsafeBytes { bytes in
      var texts = MemberTexts(bytes)
      var found: [String] = []
      while let member = texts.next() { found.append(member.spelledAlike) }
      #expect(found == ["1.0", "5", "5", "5", "-2.5", "5.0", "1e400", "[5.0]", "9007199254740993"])
    }
  }

  @Test(.timeLimit(.minutes(1))) func aModelMayGiveSeveralMembersFromOneTensor() async throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    try fixture.feed(20)
    var settings = ReplaySettings(name: "pairs")
    (settings.from, settings.to, settings.lanes) = (("0", .offset(0)), ("20", .offset(20)), ["rest"])
    settings.model = "doubles"
    let report = try await run(fixture, ComparisonOptions(against: "pair"), settings)
    #expect(report.finished && report.compared > 0 && report.onlyA == 0 && report.onlyB == 0)
    #expect(report.b.output == "first")

    let replayed = try fixture.settings("pairs") {
      $0.model = "pair"
      $0.lanes = ["rest"]
    }
    _ = try await fixture.replay(replayed)
    let outputs = try fixture.outputs("predictions.replay.pairs")
    #expect(!outputs.isEmpty)
    #expect(outputs.values.joined().allSatisfy { $0.value.contains(#""first":"#) && $0.value.contains(#""second":"#) })
  }

  @Test(.timeLimit(.minutes(1))) func whatCannotBeComparedIsRefused() throws {
    let fixture = try ReplayFixture()
    defer { fixture.close() }
    func refusal(_ change: (inout ComparisonOptions) -> Void) -> String {
      var options = ComparisonOptions(against: "sums")
      change(&options)
      do {
        _ = try Comparison(fixture.configuration, ReplaySettings(name: "x"), options, log: fixture.log.logger)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(refusal { $0.against = "x" }.contains("models: sums, doubles"))
    #expect(refusal { $0.score = "x" }.contains("no output 'x'"))
    #expect(refusal { $0.by = "event." }.contains("--by"))
    #expect(refusal { $0.label = "1 +" }.contains("--label"))
    #expect(refusal { _ in }.isEmpty)
  }

  @Test(.timeLimit(.minutes(1))) func aTextInThePageIsText() async throws {
    #expect(ComparisonPage.escape("<b a=\"&\">") == "&lt;b a=&quot;&amp;&quot;&gt;")
  }
}
