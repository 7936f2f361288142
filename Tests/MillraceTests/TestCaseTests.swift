import Testing

@testable import Millrace

/// The cases that a configuration keeps for `millrace test`.
@Suite struct TestCaseTests {
  private static let rest = "event: {id: event.id}\n\(DryRunFixture.routes)\n\(DryRunFixture.matrix("event.a, event.b, event.b"))"

  private func verdicts(_ cases: String) throws -> [TestVerdict] {
    let configuration = try ConfigurationFixture.configuration("tests:\n\(cases)\n\(Self.rest)")
    let dryRun = try DryRun(configuration)
    return configuration.tests.map { dryRun.run($0, of: configuration) }
  }

  private func failures(_ test: String) throws -> [String] {
    try verdicts("  - \(test)").flatMap(\.failures).map { "\($0.location.line):\($0.location.column): \($0.message)" }
  }

  @Test func aCaseThatHoldsHasNoFailures() throws {
    let verdicts = try verdicts(
      """
        - {name: route only, event: {a: 11}, lane: urgent}
        - {name: score, event: {id: x, a: 1, b: 2}, lane: bulk, outputs: {sum: 5, twice: [2, 4, 4], id: x, version: "7"}}
        - {name: dead, raw: '{"a"', dead_letter: not valid JSON}
        - {name: tombstone, dead_letter: no payload}
        - {name: near, event: {id: x, a: 1, b: 2}, outputs: {sum: 5.4}, tolerance: 0.5}
      """)
    #expect(verdicts.map(\.holds) == Array(repeating: true, count: 5), "\(verdicts.flatMap(\.failures))")
    #expect(verdicts.map(\.location.line) == [2, 3, 4, 5, 6])
    #expect(verdicts[1].summary.hasPrefix("lane bulk, sum 5, twice [2,4,4]"))
  }

  @Test(arguments: [
    ("{name: n, event: {a: 11}, lane: bulk}", "2:37: lane: expected bulk, found urgent, by rule 1, when event.a > 10"),
    (
      "{name: n, event: {id: x, a: 1, b: 2}, outputs: {sum: 5.1}}", "2:53: sum: expected 5.1 ± 1e-06, found 5"
    ),
    ("{name: n, event: {id: x, a: 1, b: 2}, outputs: {id: y}}", "2:53: id: expected \"y\", found \"x\""),
    ("{name: n, event: {id: x, a: 1, b: 2}, outputs: {twice: [2, 4]}}", "2:53: twice: expected [2,4] ± 1e-06, found [2,4,4]"),
    (
      "{name: n, event: {id: x, a: 1}, outputs: {sum: 5}}",
      "2:47: outputs: expected a prediction, found a dead letter: feature event.b is missing"
    ),
    (
      "{name: n, event: {id: x, a: 1}, dead_letter: event.c}",
      "2:50: dead letter: expected a message with \"event.c\", found \"feature event.b is missing\""
    ),
  ])
  func aFailureSaysWhatWasExpectedAndFoundAtItsPlace(_ test: String, _ expected: String) throws {
    #expect(try failures(test) == [expected])
  }

  @Test func aDeadLetterThatIsAPredictionFails() throws {
    let failures = try failures("{name: n, event: {id: x, a: 1, b: 2}, dead_letter: b}")
    #expect(failures.count == 1)
    #expect(failures.first?.contains(#"expected one with "b", found the prediction {"id":"x""#) == true, "\(failures)")
  }

  @Test func aWrongLaneNamesTheRulesThatFailed() throws {
    let failures = try failures("{name: n, event: {b: 2}, lane: urgent}")
    #expect(failures.count == 2)
    #expect(failures.last?.contains("rule 1 failed on the event: column 7: no such key: event.a") == true, "\(failures)")
  }

  @Test(arguments: [
    ("event: {a: 1}, lane: bluk", "1:43: unknown lane 'bluk' in tests[0] | did you mean 'bulk'?"),
    ("event: {a: 1}", "1:9: tests[0] expects nothing | add lane, outputs or dead_letter"),
    ("event: {a: 1}, raw: x, lane: bulk", "1:42: tests[0] has both 'event' and 'raw' | keep one of them"),
    (
      "event: 5, lane: bulk",
      "1:29: 'event' in tests[0] must be a mapping, not the integer 5 | write the event as {NAME: VALUE}, or its text as raw: '…'"
    ),
    (
      "event: {a: .nan}, lane: bulk",
      "1:33: 'a' in tests[0].event is no number that JSON has: .nan | quote it, or use null"
    ),
    ("event: {a: 1}, outputs: {scroe: 1}", "1:47: predictions have no member 'scroe', which tests[0] expects | did you mean 'score'?"),
    (
      "dead_letter: x, outputs: {score: 1}",
      "1:35: tests[0] expects outputs and a dead letter | keep one: a dead letter has no prediction"
    ),
    (
      "event: {a: 1}, lane: bulk, topic: refunds",
      "1:56: no lane reads the topic 'refunds' of tests[0] | topics: transactions"
    ),
    ("event: {a: 1}, lane: bulk, tolerance: -1", "1:60: 'tolerance' in tests[0] is out of range: -1 | allowed: 0 to 1000000000"),
  ])
  func aFaultOfACaseIsFoundWhenTheFileIsRead(_ text: String, _ expected: String) {
    #expect(ConfigurationFixture.faults("tests: [{name: case, \(text)}]") == [expected])
  }

  @Test func aCaseGivesTheRecordItsKeyHeadersAndTimestamp() throws {
    let configuration = try ConfigurationFixture.configuration(
      """
      event: {id: key}
      publish: {topic: predictions, include: [night: timestamp.getHours() < 6, source: 'headers["source"]']}
      \(DryRunFixture.matrix("event.a, event.a, event.a"))
      tests:
        - name: all
          event: {a: 1}
          key: 17
          headers: {source: shop}
          timestamp: 2026-01-31T04:30:00.250+01:00
          outputs: {id: "17", night: true, source: shop}
        - {name: by day, event: {a: 1}, key: k, headers: {source: ""}, timestamp: 2026-01-31T12:00:00Z, outputs: {night: false, source: ""}}
      """)
    let dryRun = try DryRun(configuration)
    #expect(configuration.tests.first?.timestampMs?.value == 1_769_830_200_250)
    #expect(configuration.tests.flatMap { dryRun.run($0, of: configuration).failures } == [])
    #expect(
      ConfigurationFixture.faults("tests: [{name: n, lane: bulk, timestamp: yesterday}]")
        == [
          "1:42: 'timestamp' in tests[0] cannot be the string 'yesterday' "
            + "| write a time with its offset, for example 2026-01-31T23:30:00Z"
        ])
  }

  @Test func anEventBecomesTheJSONThatItsYAMLMeans() throws {
    let configuration = try ConfigurationFixture.configuration(
      """
      x-base: &base {card: c-1, nested: {list: [1, null, true], text: "a\\"b"}}
      tests:
        - {name: n, lane: bulk, event: {<<: *base, hex: 0x1F, plus: +5, point: .5, zeros: 007, exact: 18446744073709551615, quoted: "5"}}
      """)
    #expect(
      configuration.tests.first?.event?.compact
        == #"{"hex":31,"plus":5,"point":0.5,"zeros":7,"exact":18446744073709551615,"quoted":"5","card":"c-1","#
        + #""nested":{"list":[1,null,true],"text":"a\"b"}}"#)
  }
}
