import Foundation
import Testing

@testable import MillraceCLI

@Suite("The generator of card payments")
struct TransactionGeneratorTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The events of a run, apart, as text.
  private func events(
    _ count: Int, seed: UInt64 = 1, cards: Int = 2_000, startMs: Int64 = 1_767_225_600_000
  ) -> [(text: [UInt8], info: TransactionInfo)] {
    var generator = TransactionGenerator(seed: seed, cards: cards, startMs: startMs)
    return (0..<count).map { index in
      var text: [UInt8] = []
      let info = generator.next(atMs: 1_800_000_000_000 + Int64(index), into: &text)
      return (text, info)
    }
  }

  private func object(_ text: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
  }

  @Test func `the same seed makes the same bytes, another seed makes others`() {
    let first = events(3_000, seed: 7).map(\.text)
    #expect(first == events(3_000, seed: 7).map(\.text))
    #expect(first != events(3_000, seed: 8).map(\.text))
  }

  /// The model and its golden events were made from these bytes. Whoever changes them trains again (config/models/fraud/README.md).
  @Test func `the events are those the model was trained on`() throws {
    let golden = try String(contentsOf: Self.repository.appending(path: "config/models/fraud/golden.ndjson"), encoding: .utf8)
    let first = try #require(golden.split(separator: "\n").first)
    let expected = try #require(first.range(of: ",\"expected_score\":"))
    let number = try #require(Int(first.dropFirst(#"{"id":"t"#.count).prefix(8)))
    var generator = TransactionGenerator(seed: 1)
    var text: [UInt8] = []
    for _ in 0..<number {
      text.removeAll(keepingCapacity: true)
      _ = generator.next(into: &text)
    }
    #expect(String(decoding: text, as: UTF8.self) == first[..<expected.lowerBound] + "}")
  }

  @Test func `events are appended to what the buffer holds, and the card's bytes are found in it`() throws {
    var generator = TransactionGenerator(seed: 3, cards: 100)
    var buffer = Array("before\n".utf8)
    for _ in 0..<50 {
      let start = buffer.count
      let info = generator.next(atMs: 1_800_000_000_000, into: &buffer)
      let event = try object(Array(buffer[start...]))
      #expect(event["card"] as? String == String(decoding: buffer[info.card], as: UTF8.self))
    }
    #expect(buffer.starts(with: Array("before\n".utf8)))
  }

  @Test func `an event is JSON with 30 numeric features, its label and its names`() throws {
    #expect(TransactionGenerator.featureNames.count == 30)
    for (index, (text, info)) in events(5_000).enumerated() {
      let event = try object(text)
      let names = Set(TransactionGenerator.featureNames).union([
        "id", "card", "merchant", "country", "category", "timestamp", "is_fraud",
      ])
      #expect(Set(event.keys) == names)
      for name in TransactionGenerator.featureNames { #expect(event[name] is NSNumber, "\(name) is no number") }
      #expect(event["is_fraud"] as? Bool == info.isFraud)
      #expect(event["timestamp"] as? Int == 1_800_000_000_000 + index)
    }
  }

  @Test func `features stand in the event in the order in which the configuration lists them`() throws {
    let text = try String(contentsOf: Self.repository.appending(path: "config/fraud.yaml"), encoding: .utf8)
    let list = try #require(text.firstMatch(of: #/features: \[([^\]]*)\]/#)).1
    #expect(list.matches(of: #/event\.(\w+)/#).map { String($0.1) } == TransactionGenerator.featureNames)

    let event = String(decoding: events(1)[0].text, as: UTF8.self)
    let members = event.matches(of: #/"(\w+)":-?[0-9]/#).map { String($0.1) }.filter { $0 != "timestamp" }
    #expect(members == TransactionGenerator.featureNames)
  }

  @Test func `an event has about 500 bytes`() {
    for (text, _) in events(20_000) {
      #expect((450...560).contains(text.count), "\(String(decoding: text, as: UTF8.self))")
    }
  }

  @Test func `about one payment in a hundred is fraud, and every kind of it occurs`() {
    let kinds = events(100_000, cards: 20_000).map(\.info.kind)
    let fraud = Double(kinds.count { $0 != .ordinary }) / Double(kinds.count)
    #expect((0.007...0.014).contains(fraud), "\(fraud)")
    for kind in TransactionGenerator.Kind.allCases { #expect(kinds.contains(kind), "no \(kind)") }
  }

  @Test func `fraud is under way from the first events of a run`() {
    let kinds = events(10_000, cards: 20_000).map(\.info.kind)
    #expect(kinds.count { $0 != .ordinary } >= 50)
  }

  @Test func `about one payment in twenty is 500 EUR or more, which the route calls urgent`() throws {
    let amounts = try events(20_000, cards: 20_000).map { text, _ in
      try #require(String(decoding: text, as: UTF8.self).firstMatch(of: #/"amount":([0-9.]+)/#).flatMap { Double($0.1) })
    }
    let urgent = Double(amounts.count { $0 >= 500 }) / Double(amounts.count)
    #expect((0.04...0.06).contains(urgent), "\(urgent)")
  }

  @Test func `card testing is many tiny payments of one card in quick succession`() throws {
    let tests = try events(50_000).filter { $0.info.kind == .cardTesting }.map { try object($0.text) }
    let median = try #require(tests.compactMap { $0["amount"] as? Double }.sorted().dropFirst(tests.count / 2).first)
    #expect(median < 5)
    #expect(tests.contains { ($0["n_10m"] as? Int ?? 0) >= 8 && ($0["tiny_1h"] as? Int ?? 0) >= 8 })
  }

  @Test func `impossible travel needs a speed that nobody has`() throws {
    let first = try events(50_000).filter { $0.info.kind == .impossibleTravel }.map { try object($0.text) }
    #expect(first.contains { ($0["km_h"] as? Int ?? 0) > 2_000 })
  }

  @Test(arguments: [1, 2, 50_000]) func `populations of any size make events`(cards: Int) throws {
    for (text, _) in events(500, cards: cards) { _ = try object(text) }
  }

  @Test(arguments: [Int64.min, -1, 0, 4_000_000_000_000, .max]) func `any start and any timestamp make JSON`(timeMs: Int64) throws {
    var generator = TransactionGenerator(seed: 5, cards: 10, startMs: timeMs)
    for time in [Int64.min, -1, 0, .max] {
      var text: [UInt8] = []
      _ = generator.next(atMs: time, into: &text)
      _ = try object(text)
    }
  }
}
