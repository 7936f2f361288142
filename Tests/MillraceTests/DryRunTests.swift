import EventDecoding
import Foundation
import ModelRuntime
import Testing

@testable import Millrace

@Suite struct DryRunTests {
  private static let text = """
    event: {id: event.id}
    publish: {topic: predictions, include: [event.card]}
    \(DryRunFixture.routes)
    \(DryRunFixture.matrix("event.a, {feature: event.b, missing: nan, name: second}, 'event.a * 2'"))
    """

  @Test func anEventHasItsLaneItsFeaturesAndThePredictionThatWouldBePublished() throws {
    let outcome = try #require(try DryRunFixture.dryRun(Self.text).run(#"{"id":"x","card":7,"a":11,"b":0.5}"#))
    #expect(outcome.lane == "urgent")
    #expect(outcome.rule.number == 1 && outcome.rule.when == "event.a > 10")
    #expect(outcome.failedRules.isEmpty)
    #expect(outcome.featureTexts == "event.a=11 second=0.5 event.a * 2=22")
    #expect(outcome.id == #""x""#)
    #expect(outcome.fault == nil)
    #expect(
      outcome.prediction
        == #"{"id":"x","card":7,"sum":33.5,"twice":[22,1,44],"model":"fraud","version":"7","lane":"urgent"}"#)
  }

  /// An integer beyond 64 bits, a number beyond a double, and text that was cut inside an emoji.
  @Test(arguments: ["123456789012345678901234567890", "1e400", #""cut \ud83d""#])
  func whatNobodyReadsDisturbsNobody(_ value: String) throws {
    let dryRun = try DryRunFixture.dryRun(Self.text)
    let unread = try #require(dryRun.run(#"{"id":"x","card":{"n": \#(value) },"a":11,"b":0.5,"other":[\#(value)]}"#))
    #expect(unread.lane == "urgent" && unread.fault == nil && unread.failedRules.isEmpty)
    #expect(
      unread.prediction
        == #"{"id":"x","card":{"n": \#(value) },"sum":33.5,"twice":[22,1,44],"model":"fraud","version":"7","lane":"urgent"}"#)
    #expect(unread.memberTexts["sum"] == "33.5" && unread.memberTexts["card"]?.contains(value) == true)
    #expect(try #require(dryRun.run(#"{"id":\#(value),"a":11,"b":0.5}"#)).id == value)

    let read = try #require(dryRun.run(#"{"id":"x","a":\#(value),"b":0.5}"#))
    #expect(read.lane == "bulk" && read.failedRules.first?.reason.contains("event.a can't be read: the ") == true)
    #expect(read.fault?.stage == .decode && read.prediction == nil)
    #expect(read.fault?.message.hasPrefix("feature event.a has no value: event.a can't be read: the ") == true)
  }

  @Test(arguments: ["1999", "1999.0", "1.999e3"])
  func aNumbersSpellingIsNotSeen(_ cents: String) throws {
    let dryRun = try DryRunFixture.dryRun(
      """
      event: {id: event.id}
      publish: {topic: predictions, include: [{euros: event.a / 100}, {rest: event.a % 100}, {text: string(event.a)}]}
      routes: [{lane: urgent, when: 'event.a / 100 > 19'}, {lane: bulk}]
      lanes: {urgent: {model: fraud}, bulk: {model: fraud}}
      \(DryRunFixture.matrix("event.a, 'event.a / 100', 'type(event.a) == double'"))
      """)
    let outcome = try #require(dryRun.run(#"{"id":9007199254740993,"a":\#(cents)}"#))
    #expect(outcome.lane == "urgent" && outcome.featureTexts == "event.a=1999 event.a / 100=19.99 type(event.a) == double=0")
    #expect(outcome.prediction?.hasPrefix(#"{"id":9007199254740993,"euros":19.99,"rest":99,"text":"1999","sum":"#) == true)
  }

  @Test func anEventWithoutAnIdHasItsPlaceForOne() throws {
    let dryRun = try DryRunFixture.dryRun(DryRunFixture.matrix("event.a, event.a, event.a"))
    let outcome = try #require(dryRun.run(DryRunRecord(payload: Array(#"{"a":1}"#.utf8), offset: 5)))
    #expect(outcome.prediction?.hasPrefix(#"{"id":"transactions/0/5","#) == true)
  }

  @Test func aRuleThatFailsDoesNotMatchAndSaysWhy() throws {
    let outcome = try #require(try DryRunFixture.dryRun(Self.text).run(#"{"id":"x","a":"11"}"#))
    #expect(outcome.lane == "bulk" && outcome.rule.number == 2 && outcome.rule.when == nil)
    let failed = try #require(outcome.failedRules.first)
    #expect(failed.rule.number == 1)
    #expect(failed.reason.contains("no such overload: string > int"))
  }

  @Test(arguments: [
    (#"{"id":"x","b":1}"#, "feature event.a is missing", #""x""#),
    (#"{"a":1,"b":1}"#, "the id event.id is missing or null", nil),
    (#"{"id":1,"a":1,"#, "the payload is not valid JSON", nil),
    ("", "the record's payload is empty", nil),
  ])
  func whatCannotBeDecodedHasAFaultInsteadOfAPrediction(_ event: String, _ message: String, _ id: String?) throws {
    let outcome = try #require(try DryRunFixture.dryRun(Self.text).run(event))
    #expect(outcome.fault?.stage == .decode)
    #expect(outcome.fault?.message.contains(message) == true, "\(outcome.fault?.message ?? "no fault")")
    #expect(outcome.prediction == nil && outcome.features.isEmpty)
    #expect(outcome.id == id)
  }

  /// No made-up row runs, so it shows with the first real one. A lane would end, and so does what would make dead letters of it.
  @Test func aModelThatLosesItsRowsIsNotTheRecordsFault() throws {
    let configuration = try ConfigurationFixture.configuration(
      """
      models:
        fraud: {path: \(DryRunFixture.path("rows_known_words")), inputs: [{name: word, features: [event.a]}], outputs: {t: "twice[0]"}}
      """)
    let outcome = try #require(DryRun(configuration).run(#"{"a":"Chair"}"#))
    #expect(outcome.fault?.stage == .score)
    #expect(outcome.fault?.message.contains("output 'twice' came back as float32[2, 1, 2] for 1 row") == true)

    let lane = try DryRunLane(try #require(LaneCompiler(configuration).lanes().first))
    lane.inputs.setString(input: 0, row: 0, column: 0, UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(throws: Never.self) { _ = try lane.score(ByteBuffer()) }
    Array("Chair".utf8).withUnsafeBytes { lane.inputs.setString(input: 0, row: 0, column: 0, $0) }
    #expect(throws: ModelError.self) { _ = try lane.score(ByteBuffer()) }
  }

  @Test func severalMembersMayComeFromOneTensor() throws {
    let input = "inputs: [{name: input, features: [event.a, event.b, event.c]}]"
    let trial = try DryRunFixture.dryRun(
      """
      models:
        fraud:
          path: \(DryRunFixture.path("matrix"))
          outputs: {first: "doubled[0]", total: sum, third: "doubled[2]", all: doubled}
          \(input)
      tests: [{name: t, event: {a: 1, b: 2, c: 3}, outputs: {third: 6, first: 2}}]
      """)
    #expect(
      try #require(trial.run(#"{"a":1,"b":2,"c":3}"#)?.prediction).hasSuffix(
        #""first":2,"total":6,"third":6,"all":[2,4,6],"model":"fraud","version":"7","lane":"bulk"}"#))
  }

  @Test func aPredictionThatIsNoNumberIsAFaultAndShowsItsFeatures() throws {
    let input = "inputs: [{name: input, features: [event.a]}]"
    let dryRun = try DryRunFixture.dryRun(
      "models: {fraud: {path: \(DryRunFixture.path("not_a_number")), \(input), outputs: {r: root}}}")
    let outcome = try #require(dryRun.run(#"{"a":-4}"#))
    #expect(outcome.fault?.stage == .score)
    #expect(outcome.fault?.message == "output 'r' of the model is NaN or infinite")
    #expect(outcome.featureTexts == "event.a=-4")
    #expect(dryRun.run(#"{"a":4}"#)?.memberTexts["r"] == "2")
  }

  @Test func aTombstoneIsRoutedAndFails() throws {
    let outcome = try #require(try DryRunFixture.dryRun(Self.text).run(DryRunRecord(payload: nil)))
    #expect(outcome.lane == "bulk")
    #expect(outcome.fault?.message == "the record has no payload: it is a tombstone")
  }

  @Test func aTopicOfALaneOfItsOwnHasOnlyThatLanesRules() throws {
    let dryRun = try DryRunFixture.dryRun(
      """
      routes: [{lane: urgent, when: 'event.a > 10'}, {lane: bulk}, {lane: other}]
      lanes: {urgent: {model: fraud}, bulk: {model: fraud}, other: {model: fraud, topics: [refunds]}}
      \(DryRunFixture.matrix("event.a, event.a, event.a"))
      """)
    let event = Array(#"{"a":11}"#.utf8)
    #expect(dryRun.run(DryRunRecord(payload: event))?.rule.number == 1)
    let refund = try #require(dryRun.run(DryRunRecord(payload: event, topic: "refunds", offset: 5)))
    #expect(refund.lane == "other" && refund.rule.number == 3)
    #expect(refund.id == #""refunds/0/5""#)
    #expect(dryRun.run(DryRunRecord(payload: event, topic: "unread")) == nil)
  }

  @Test func anOutcomeIsOneLineOfJSON() throws {
    let dryRun = try DryRunFixture.dryRun(Self.text)
    let json = try #require(dryRun.run(#"{"id":"x","a":"1"}"#)).json(line: 3)
    #expect(!json.contains("\n"))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(object["line"] as? Int == 3 && object["lane"] as? String == "bulk" && object["rule"] as? Int == 2)
    #expect(object["when"] is NSNull)
    #expect((object["failed_rules"] as? [[String: Any]])?.first?["rule"] as? Int == 1)
    #expect((object["fault"] as? [String: Any])?["stage"] as? String == "decode")
    #expect(object["prediction"] == nil)

    // The second feature is missing here, and NaN has no JSON of its own.
    let scored = try #require(dryRun.run(#"{"id":"x","a":1}"#)?.json(line: 4))
    #expect(scored.contains(#""features":{"event.a":1,"second":"NaN","event.a * 2":2}"#))
  }
}
