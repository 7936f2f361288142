/// One configuration file, read and checked: what `millrace run` does. Immutable once loaded; free to share between threads.
///
/// Each section's keys are declared beside its struct (`definition`); the reader, the JSON Schema and the reference page come from those
/// declarations. A new key is a stored property with its default and one line there.
public struct Configuration: Sendable {
  /// The file's text, which shows the line that a later stage finds fault with.
  package internal(set) var source = SourceText(file: "", text: "")
  /// The prefix of the lanes' consumer groups: lane `bulk` of group `fraud` is the group `fraud.bulk`.
  package internal(set) var group = Located("")
  /// The `topics` of the file; nil: it has none.
  var writtenTopics: [Located<String>]?
  /// The librdkafka properties of every client; `kafkaSettings(of:)` merges a lane's own.
  package internal(set) var kafka = KafkaSettings()
  package internal(set) var event = Event()
  /// The routes, in the order of the file. For each topic, the last of the routes whose lanes read it is a catch-all.
  package internal(set) var routes: [Route] = []
  /// The `routes` of the file. nil: it has none. Empty: they are faulty.
  var writtenRoutes: [Route]?
  /// The lanes, in the order of the file; never empty.
  package internal(set) var lanes: [Lane] = []
  /// The models, in the order of the file; each lane's `model` names one.
  package internal(set) var models: [Model] = []
  package internal(set) var publish = Publish()
  package internal(set) var deadLetter = DeadLetter()
  /// The `tests` of the file; nil: it has none.
  var writtenTests: [TestCase]?
  /// How long the process may take to drain all lanes before it ends anyway.
  public internal(set) var shutdownTimeout = Located(Duration.seconds(60))
  /// How long a partition with work may stand still before its lane is unhealthy.
  public internal(set) var stallTimeout = Located(Duration.seconds(60))
  /// What is served over HTTP, and where.
  public internal(set) var operations = Operations()
  /// What is logged, and how.
  public internal(set) var logging = Logging()

  /// The topics of each lane that names none of its own.
  package var topics: [Located<String>] { writtenTopics ?? [] }

  /// The cases that the file keeps for `millrace test`.
  package var tests: [TestCase] { writtenTests ?? [] }

  /// The file's path as the user gave it.
  public var file: String { source.file }

  init() {}
}

extension Configuration {
  /// The consumer group of a lane.
  package func groupID(of lane: Lane) -> String { "\(group.value).\(lane.name.value)" }

  /// The topics that a lane reads: its own, or the file's.
  package func topics(of lane: Lane) -> [Located<String>] { lane.topics ?? topics }

  /// Every topic that some lane reads, in the order of the file.
  package var allTopics: [String] {
    var seen: Set<String> = []
    return lanes.flatMap { topics(of: $0) }.map(\.value).filter { seen.insert($0).inserted }
  }

  /// The routes that a record of this topic may take, in order: those whose lanes read the topic. The last is a catch-all, so each
  /// record of each topic has exactly one lane, and that lane reads it.
  package func routes(forTopic topic: String) -> [Route] {
    routes.filter { route in lane(named: route.lane.value).map { reads($0, topic) } ?? false }
  }

  package func lane(named name: String) -> Lane? { lanes.first { $0.name.value == name } }

  /// A hint for a lane that there is not: a name that is near, or the lanes that there are.
  package func suggestion(forLane name: String) -> String {
    ConfigurationReader.suggestion(for: name, among: lanes.map(\.name.value), words: "lanes")
  }

  package func model(named name: String) -> Model? { models.first { $0.name.value == name } }

  /// The librdkafka properties of a lane's clients: the file's, overridden by the lane's own.
  package func kafkaSettings(of lane: Lane) -> KafkaSettings { kafka.overridden(by: lane.kafka) }

  /// The same configuration with a librdkafka property set for every lane: the address of a broker that was started for it.
  public func setting(kafka name: String, to value: String) -> Configuration {
    var result = self
    result.kafka = kafka.overridden(by: KafkaSettings(name: name, value: value))
    return result
  }

  /// Whether the file asks for the development broker: `bootstrap.servers: embedded`.
  public var usesEmbeddedBroker: Bool { kafka["bootstrap.servers"] == "embedded" }

  func reads(_ lane: Lane, _ topic: String) -> Bool { topics(of: lane).contains { $0.value == topic } }
}
