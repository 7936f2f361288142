import Testing

@testable import Millrace

@Suite struct LaneVariantTests {
  /// A lane of live records may be in a hurry; what is read again never is.
  @Test(arguments: [("", 10), (", nice: 0", 10), (", nice: 3, max_delay: 50ms", 10), (", nice: 15", 15)])
  func aReplayGivesWayToLiveLanes(keys: String, nice: Int) throws {
    let configuration = try Configuration.parse(
      """
      group: g
      topics: [t]
      kafka: {bootstrap.servers: embedded}
      event: {format: json}
      lanes: {only: {model: m\(keys)}}
      models: {m: {path: m, inputs: [{name: input, features: [event.a]}], outputs: {score: "s[0]"}}}
      publish: {topic: p}
      dead_letter: {topic: d}
      """, file: "lanes.yaml")
    let variant = LaneVariant(group: "g.replay.r", topics: ["t"], predictionTopic: "p.replay.r", deadLetterTopic: "d.replay.r", filter: nil)
    #expect(variant.configuration(configuration).lanes.map(\.threadNice) == [nice])
  }
}
