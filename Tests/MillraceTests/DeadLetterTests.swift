import KafkaClient
import Testing

@testable import Millrace

/// What a dead letter says about its record, read back from a cluster.
@Suite struct DeadLetterTests {
  @Test func itSaysWhereTheRecordStoodAndWhyItFailed() throws {
    let letter = try deadLetter(of: [("trace", "abc")], stage: .decode, message: "event.amount is a string, not a number")
    #expect(
      letter == [
        Header("trace", "abc"), Header("__dlq.errors.topic", "payments"), Header("__dlq.errors.partition", "3"),
        Header("__dlq.errors.offset", "7"), Header("__dlq.errors.timestamp", "1700000000000"), Header("__dlq.errors.group", "fraud"),
        Header("__dlq.errors.stage", "decode"),
        Header("__dlq.errors.message", "event.amount is a string, not a number"), Header("__dlq.errors.delivery.count", "1"),
      ])
  }

  @Test func repeatedAndNullHeadersOfTheSourceAreKeptInOrder() throws {
    let letter = try deadLetter(of: [("a", "1"), ("b", nil), ("a", ""), ("a", "2")])
    #expect(letter.prefix(4) == [Header("a", "1"), Header("b", nil), Header("a", ""), Header("a", "2")])
  }

  @Test func whatAnEarlierDeadLetterSaidIsReplacedAndItsCountGoesOn() throws {
    let letter = try deadLetter(
      of: [("__dlq.errors.topic", "old"), ("__dlq.errors.delivery.count", "4"), ("__dlq.errors.exception", "x"), ("__dlq", "mine")])
    #expect(letter.filter { $0.name == "__dlq.errors.topic" } == [Header("__dlq.errors.topic", "payments")])
    #expect(letter.filter { $0.name == "__dlq.errors.delivery.count" } == [Header("__dlq.errors.delivery.count", "5")])
    #expect(!letter.contains { $0.name == "__dlq.errors.exception" })
    #expect(letter.contains(Header("__dlq", "mine")), "only the prefix is the dead letter's own")
  }

  @Test(arguments: ["", "x", "-7", "1.5", "99999999999999999999", nil])
  func aCountThatIsNoneBeginsAgain(_ count: String?) throws {
    let letter = try deadLetter(of: [("__dlq.errors.delivery.count", count)])
    #expect(letter.last == Header("__dlq.errors.delivery.count", "1"))
  }

  @Test func theHighestCountDoesNotOverflow() throws {
    let letter = try deadLetter(of: [("__dlq.errors.delivery.count", String(Int.max))])
    #expect(letter.last == Header("__dlq.errors.delivery.count", String(Int.max)))
  }

  @Test func anOmittedValueLeavesItsSize() throws {
    let letter = try deadLetter(of: [], omitted: DeadLetter.Omitted(value: 12345))
    #expect(letter.last == Header("__dlq.errors.value.omitted.bytes", "12345"))
  }

  @Test func theSmallestFormHasNothingOfTheRecordButSizes() throws {
    let omitted = DeadLetter.Omitted(value: 7, key: 900, headers: 12)
    let long = String(repeating: "ü", count: 2_000)
    let letter = try deadLetter(of: [("large", String(repeating: "x", count: 900))], message: long, omitted: omitted)
    #expect(!letter.contains { $0.name == "large" })
    #expect(letter.contains(Header("__dlq.errors.message", String(repeating: "ü", count: 250) + "…")))
    #expect(
      letter.suffix(3) == [
        Header("__dlq.errors.value.omitted.bytes", "7"), Header("__dlq.errors.key.omitted.bytes", "900"),
        Header("__dlq.errors.headers.omitted.bytes", "12"),
      ])
  }

  @Test func aRecordWithoutATimestampHasNone() throws {
    #expect(!(try deadLetter(of: [], timestampMs: -1).contains { $0.name == "__dlq.errors.timestamp" }))
  }

  private struct Header: Equatable {
    let name: String
    let value: String?

    init(_ name: String, _ value: String?) {
      self.name = name
      self.value = value
    }
  }

  private func deadLetter(
    of headers: [(String, String?)], stage: FailureStage = .score, message: String = "m", timestampMs: Int64 = 1_700_000_000_000,
    omitted: DeadLetter.Omitted = .nothing
  ) throws -> [Header] {
    var letter: [Header] = []
    try RecordSource.with { source in
      var sourceHeaders = RecordHeaders(capacity: headers.count)
      for (name, value) in headers {
        if let value { sourceHeaders.add(name, value) } else { sourceHeaders.add(name, UnsafeRawBufferPointer?.none) }
      }
      try source.send("{}", headers: sourceHeaders)
      let record = try source.take(1)[0]
      defer { record.destroy() }
      let origin = DeadLetter.Origin(
        partition: TopicPartition(topic: "payments", partition: 3), offset: 7, timestampMs: timestampMs)
      try source.send(
        nil,
        headers: DeadLetter.headers(
          of: record, from: origin, group: "fraud", stage: stage, message: message, omitted: omitted))
      let read = try source.take(1)[0]
      defer { read.destroy() }
      read.forEachHeader { name, value in
        letter.append(Header(String(cString: name), value.map { String(decoding: $0, as: UTF8.self) }))
      }
    }
    return letter
  }
}
