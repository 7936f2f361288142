import CEL
import EventDecoding
import KafkaClient
import Logging

/// What of a configuration is replayed, and where to: the arguments, held against the file.
struct ReplaySelection {
  let lanes: [Configuration.Lane]
  let variant: LaneVariant
  private let settings: ReplaySettings
  private let livePredictions: String
  private let liveDeadLetters: String

  /// - Throws: `ReplayFault` for arguments that don't fit the file.
  init(_ configuration: Configuration, _ settings: ReplaySettings) throws {
    func refuse(_ message: String) -> ReplayFault { ReplayFault(message, isUsage: true) }
    self.settings = settings
    livePredictions = configuration.publish.topic.value
    liveDeadLetters = configuration.deadLetter.topic.value
    guard settings.name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{0,99}/) != nil else {
      throw refuse("--name '\(settings.name)': a name is made of letters, digits, '.', '_' and '-', at most 100")
    }
    for name in settings.lanes where configuration.lane(named: name) == nil {
      throw refuse("there is no lane '\(name)'; \(configuration.suggestion(forLane: name))")
    }
    let lanes = configuration.lanes.filter { settings.lanes.isEmpty || settings.lanes.contains($0.name.value) }
    self.lanes = lanes
    let read = configuration.allTopics.filter { topic in lanes.contains { configuration.reads($0, topic) } }
    for topic in settings.topics where !read.contains(topic) {
      throw refuse("no lane of this replay reads the topic '\(topic)'; topics: \(read.joined(separator: ", "))")
    }
    if let model = settings.model, configuration.model(named: model) == nil {
      throw refuse("there is no model '\(model)'; models: \(configuration.models.map(\.name.value).joined(separator: ", "))")
    }
    try Self.check("--filter", settings.filter, expecting: .bool)
    if case .time(let from) = settings.from.bound, case .time(let to) = settings.to.bound, from > to {
      throw refuse("--from \(settings.from.text) is later than --to \(settings.to.text)")
    }
    if case .offset(let from) = settings.from.bound, case .offset(let to) = settings.to.bound, from > to {
      throw refuse("--from \(from) is behind --to \(to)")
    }
    let output = settings.output ?? (settings.intoLive ? livePredictions : "\(livePredictions).replay.\(settings.name)")
    if configuration.allTopics.contains(output) { throw refuse("--output \(output): a lane reads this topic; choose another") }
    if output == liveDeadLetters { throw refuse("--output \(output) is the topic of the dead letters; choose another") }
    if output == livePredictions && !settings.intoLive {
      throw refuse("--output \(output) is the live topic of the predictions: say --into-live if that is what you want")
    }
    variant = LaneVariant(
      group: "\(configuration.group.value).replay.\(settings.name)",
      topics: settings.topics.isEmpty ? read : read.filter(settings.topics.contains), model: settings.model, predictionTopic: output,
      deadLetterTopic: settings.intoLive ? liveDeadLetters : "\(liveDeadLetters).replay.\(settings.name)", filter: settings.filter)
  }

  /// - Throws: `ReplayFault` for an expression that can't be compiled.
  static func check(_ option: String, _ source: String?, expecting: ExpressionType? = nil) throws {
    guard let source else { return }
    var fields = FieldPlan()
    do throws(ExpressionError) {
      _ = try Expression(source, fields: &fields, expecting: expecting)
    } catch {
      throw ReplayFault("\(option) '\(source)': \(error)", isUsage: true)
    }
  }

  /// The partitions of the topics that were asked for.
  func partitions(by admin: KafkaAdmin) throws -> [TopicPartition] {
    let topics = try admin.describe(variant.topics)
    let missing = topics.filter(\.partitions.isEmpty).map(\.name)
    if !missing.isEmpty { throw ReplayFault("topic \(missing.joined(separator: ", ")) does not exist: create it, or correct `topics:`") }
    let all = topics.flatMap { topic in topic.partitions.map { TopicPartition(topic: topic.name, partition: $0.id) } }
    guard let selection = settings.partitions else { return all }
    let chosen = all.filter { selection.contains($0.partition) }
    if chosen.isEmpty {
      let counts = topics.map { "\($0.name) has \($0.partitions.count)" }.joined(separator: ", ")
      throw ReplayFault("--partitions \(selection) selects none: \(counts)", isUsage: true)
    }
    return chosen
  }

  /// Makes the topics that are missing, as wide as the live ones. They keep their records: a prediction has its source's timestamp,
  /// and a topic's usual retention could delete last month's at once.
  func createOutputs(by admin: KafkaAdmin, log: Logger) throws {
    let pairs = [(variant.predictionTopic, livePredictions), (variant.deadLetterTopic, liveDeadLetters)]
    let known = try admin.describe(pairs.flatMap { [$0.0, $0.1] })
    func width(_ name: String) -> Int { known.first { $0.name == name }?.partitions.count ?? 0 }
    let missing = pairs.filter { width($0.0) == 0 }.map { replayed, live in
      NewTopic(replayed, partitions: max(1, width(live)), properties: ["retention.ms": "-1"])
    }
    if missing.isEmpty { return }
    do {
      for (topic, error) in try admin.createTopics(missing, timeoutMs: 5_000) where error.code != .topicAlreadyExists {
        throw ReplayFault("topic \(topic) can't be created: \(error); create it, or name another with --output")
      }
    } catch let error as KafkaError where error.code == .unsupportedFeature || error.code == .timedOut {
      // A development broker makes topics when they are used, and has no controller to ask.
      log.info("the cluster made no topics on request; they may appear when they are used", metadata: ["error": "\(error)"])
    }
  }
}
