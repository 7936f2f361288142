import Millrace
import Testing

/// No text crashes the reader, and none is refused without a reason.
@Suite struct ConfigurationFuzzTests {
  private static let text = ConfigurationFixture.text(
    """
    x-d: &d {max_batch_size: 8, workers: 3, model: fraud}
    event: {format: json, id: "event.id"}
    routes:
      - {lane: urgent, when: 'event.amount >= 500.0 || headers["a"] == "b"'}
      - lane: bulk
    lanes:
      urgent: {<<: *d, max_delay: 20ms, deadline: "${D:-50ms}"}
      bulk:
        model: fraud
        kafka: {linger.ms: 5}
    models:
      fraud:
        path: models/fraud
        inputs:
          - name: input
            features: [event.amount, {feature: event.b, missing: nan}, {vector: event.c, length: 4}]
        outputs: {score: "probabilities[1]"}
    publish: {topic: predictions, include: [event.card, {x: event.amount / 100}]}
    """)

  private static let pieces: [[Unicode.Scalar]] = [
    "", " ", "\n", "\n  ", "\t", ":", ": ", "- ", "{", "}", "[", "]", "'", "\"", "|", ">", "#", "&a ", "*a", "*d", "<<: ", "!x ", "?", "${",
    "}", "$${",
    "${D}", "${D:-", "\\", "\\u00", "\0", "\u{85}", "\u{FEFF}", "\u{2028}", "é", "😀", "~", "true", "9999999999999999999", "0.000001us",
    "---\n", "...\n",
    "%YAML 9.9\n", "group: x\n", "lane", "[[[[[[[[[[", "]]]]",
  ].map { Array($0.unicodeScalars) }

  @Test(arguments: 1...6)
  func mutatedTextsAreReadOrRefusedWithPlaces(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let original = Array(Self.text.unicodeScalars)
    for round in 0..<150 {
      var scalars = original
      for _ in 0...Int.random(in: 0..<4, using: &generator) {
        let start = Int.random(in: 0...scalars.count, using: &generator)
        let end = min(scalars.count, start + Int.random(in: 0...6, using: &generator))
        scalars.replaceSubrange(start..<end, with: Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &generator)])
      }
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars)
      do {
        let configuration = try Configuration.parse(String(view), file: "f.yaml", environment: ["D": "5ms"])
        let isComplete =
          !configuration.lanes.isEmpty && configuration.allTopics.allSatisfy { configuration.routes(forTopic: $0).last?.when == nil }
        #expect(isComplete, "seed \(seed), round \(round)")
      } catch {
        #expect(
          !error.diagnostics.isEmpty && error.diagnostics.allSatisfy { $0.location.line > 0 && $0.help != nil },
          "seed \(seed), round \(round)")
      }
    }
  }
}
