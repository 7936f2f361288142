import Foundation
import Testing

@testable import Millrace

/// What of an event leaves, by `dead_letter.payload` and `event.mask`: a planted value is looked for in everything that is written.
@Suite(.timeLimit(.minutes(2))) struct DeadLetterPayloadTests {
  private static let planted = "PLANTED-4111"
  private static let events = [
    // Decoding fails on a value, on JSON, on the id; routing on nothing.
    #"{"id":"e0","a":"\#(planted)","b":1,"c":2,"card":"c0","pan":"\#(planted)"}"#,
    #"{"id":"e1","a":1,"b":\#(planted),"pan":"\#(planted)"}"#,
    #"{"a":1,"b":1,"c":1,"card":"c2","pan":"\#(planted)"}"#,
    #"{"id":"e3","a":1,"b":1,"c":1,"card":"c3","pan":"\#(planted)"}"#,
  ]

  private func fixture(_ payload: String, more: String = "") throws -> RedriveFixture {
    try RedriveFixture(
      """
      event: {id: event.id, mask: [event.pan]}
      publish: {topic: predictions, include: [event.card, event.pan, {whole: event}, {sized: 'size(event.pan)'}]}
      dead_letter: {topic: transactions.dlq, payload: \(payload)}
      """)
  }

  private func everything(_ fixture: RedriveFixture, _ topics: [String] = ["predictions", "transactions.dlq"]) throws -> String {
    try topics.flatMap { try fixture.read($0) }.map { "\($0)" }.joined(separator: "\n")
  }

  @Test(arguments: ["fields", "none"])
  func nothingButWhatIsNamedLeaves(_ payload: String) async throws {
    let fixture = try fixture(payload)
    defer { fixture.close() }
    for event in Self.events { try fixture.send(event, to: "transactions", partition: 1, key: "k") }
    try fixture.send(nil, to: "transactions", partition: 1, key: "k")
    try await fixture.drain()
    #expect(!(try everything(fixture)).contains(Self.planted))
    let prediction = try #require(try fixture.read("predictions").first?.value)
    #expect(prediction.contains(#""card":"c3","pan":"***","whole":"***","sized":"***""#))
    let letters = try fixture.read("transactions.dlq").sorted {
      $0.header("__dlq.errors.offset") ?? "" < $1.header("__dlq.errors.offset") ?? ""
    }
    #expect(letters.count == 4)
    let fields = [
      #"{"id":"e0","card":"c0","pan":"***","whole":"***","sized":"***"}"#, nil,
      #"{"id":null,"card":"c2","pan":"***","whole":"***","sized":"***"}"#, nil,
    ]
    #expect(letters.map(\.value) == (payload == "fields" ? fields : [nil, nil, nil, nil]))
    #expect(
      letters.map { $0.header("__dlq.errors.value.omitted.bytes") }
        == [Self.events[0], Self.events[1], Self.events[2]].map { "\($0.utf8.count)" } + [nil])
    #expect(
      letters.map { $0.header("__dlq.errors.message") } == [
        "feature event.a is missing or does not fit", "the payload is not valid JSON: byte 21", "the id event.id has no value",
        "the record has no payload: it is a tombstone",
      ])
    // What was left out is fetched when the letter goes back.
    #expect(try fixture.redrive().redriven == 4)
    let records = try fixture.read("transactions").map(\.value)
    #expect(records.suffix(4).sorted { $0 ?? "" < $1 ?? "" } == [nil, Self.events[2], Self.events[0], Self.events[1]])
  }

  @Test func aFullPayloadIsTheRecordsOwn() async throws {
    let fixture = try fixture("full")
    defer { fixture.close() }
    try fixture.send(Self.events[0], to: "transactions", partition: 1)
    try await fixture.drain()
    let letter = try #require(try fixture.read("transactions.dlq").first)
    #expect(letter.value == Self.events[0])
    #expect(letter.header("__dlq.errors.value.omitted.bytes") == nil)
    #expect(letter.header("__dlq.errors.message")?.contains(Self.planted) == true, "the letter holds it anyway")
  }

  @Test(arguments: [
    ("event: {mask: [event]}", "1:16: 'mask' in event holds no path of the event: 'event'"),
    ("event: {mask: ['event.a + 1']}", "1:16: 'mask' in event holds no path of the event: 'event.a + 1'"),
    ("event: {id: event.card.id, mask: [event.card]}", "1:13: 'id' in event reads what 'mask' hides"),
    ("event: {id: 'string(event.card)', mask: [event.card.id]}", "1:13: 'id' in event reads what 'mask' hides"),
  ])
  func aMaskThatCannotHoldIsAFault(_ text: String, _ fault: String) throws {
    let faults = try DryRunFixture.faults(text + "\n" + DryRunFixture.matrix("event.a, event.b, event.c"))
    #expect(faults == [fault])
  }

  @Test func aDryRunShowsWhatWouldBePublished() throws {
    let dryRun = try DryRunFixture.dryRun(
      """
      event: {mask: [event.pan]}
      publish: {topic: p, include: [event.pan, event.card]}
      \(DryRunFixture.matrix("event.a, event.b, event.c"))
      """)
    let outcome = try #require(dryRun.run(#"{"a":1,"b":2,"c":3,"pan":"\#(Self.planted)","card":"c"}"#))
    #expect(outcome.memberTexts["pan"] == #""***""# && outcome.memberTexts["card"] == #""c""#)
    #expect(!outcome.json(line: 1).contains(Self.planted))
  }
}
