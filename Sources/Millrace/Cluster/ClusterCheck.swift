import Foundation
import KafkaClient

/// Why nothing can start on a cluster: no broker answers, it refuses the client, or a topic is missing.
public struct ClusterFault: Error, Sendable, CustomStringConvertible {
  /// What was refused, where, and what to do about it.
  public let description: String

  /// - Parameter lanes: whose properties these are, where others have others.
  init(_ error: KafkaError, of properties: KafkaProperties, lanes: [String] = []) {
    // A missing topic says so itself.
    let advice = error.code == .unknownTopicOrPartition ? "" : error.advice
    let place = "kafka at \(properties.shown("bootstrap.servers") ?? "?")"
    let whose = lanes.isEmpty ? "" : ", lane \(lanes.joined(separator: ", "))"
    description = "\(place)\(whose): \(error)\(advice)"
  }

  /// Runs a question to the cluster; where it gets no answer, the fault says which cluster that is.
  static func naming<Answer>(_ properties: KafkaProperties, _ question: () throws -> Answer) throws -> Answer {
    do {
      return try question()
    } catch let error as KafkaError {
      throw ClusterFault(error, of: properties)
    }
  }
}

/// Asks the cluster what must be known before a lane starts: that it answers, that the topics exist, and where they end.
struct ClusterCheck {
  private let properties: KafkaProperties
  /// The lanes whose clients have these properties.
  private let lanes: [Lane]
  /// Whether a fault says whose properties these are, because other lanes have others.
  private let namesLanes: Bool
  private let log: ClientLog

  /// Asks with the file's properties, whatever those of its lanes.
  init(_ properties: KafkaProperties, log: ClientLog) {
    self.init(properties, lanes: [], namesLanes: false, log: log)
  }

  private init(_ properties: KafkaProperties, lanes: [Lane], namesLanes: Bool, log: ClientLog) {
    self.properties = properties
    self.lanes = lanes
    self.namesLanes = namesLanes
    self.log = log
  }

  /// A check for each set of properties that lanes have: a lane may have credentials and rights of its own.
  static func each(of lanes: [Lane], log: ClientLog) -> [ClusterCheck] {
    var groups: [[Lane]] = []
    for lane in lanes {
      let known = groups.firstIndex { $0[0].clients.kafka == lane.clients.kafka }
      if let known { groups[known].append(lane) } else { groups.append([lane]) }
    }
    return groups.map { ClusterCheck($0[0].clients.kafka, lanes: $0, namesLanes: groups.count > 1, log: log) }
  }

  /// What has to be known before the lanes start.
  struct Answers {
    /// For each lane that runs until drained, where that is.
    var goals: [String: DrainGoal] = [:]
    /// Of the topics that the lanes write.
    var limits = OutputLimits.unknown
  }

  /// Checks that the topics are there that the lanes read and write, and asks what has to be known before they start.
  /// - Parameters:
  ///   - followsTopics: false where it is known already what the lanes read.
  ///   - knowsLimits: so are the topics that they write, and how large a record these take.
  /// - Throws: `ClusterFault` where no broker answers or a topic is missing.
  func answers(followsTopics: Bool, untilDrained: Bool, knowsLimits: Bool) throws(ClusterFault) -> Answers {
    // Asking for all topics makes none; asking for one that is to be written may.
    try asking(["allow.auto.create.topics": "true"]) { (admin) throws(KafkaError) in
      Answers(
        goals: followsTopics ? try goals(untilDrained: untilDrained, admin) : [:],
        limits: knowsLimits ? .unknown : try outputLimits(admin))
    }
  }

  private func goals(untilDrained: Bool, _ admin: KafkaAdmin) throws(KafkaError) -> [String: DrainGoal] {
    let topics = try topics(admin)
    try require(lanes.flatMap(\.topics), in: topics, from: "`topics:`")
    guard untilDrained else { return [:] }
    var goals: [String: DrainGoal] = [:]
    for lane in lanes {
      var ends: [TopicPartition: Int64] = [:]
      for topic in lane.topics {
        for partition in topics[topic]?.partitions ?? [] {
          let place = TopicPartition(topic: topic, partition: partition.id)
          ends[place] = try admin.watermarks(of: place).high
        }
      }
      goals[lane.name] = DrainGoal(ends: ends)
    }
    return goals
  }

  private func topics(_ admin: KafkaAdmin) throws(KafkaError) -> [String: TopicDescription] {
    Dictionary(try admin.topics().map { ($0.name, $0) }, uniquingKeysWith: { $1 })
  }

  /// Checks that the topics are there that the lanes read and write.
  /// - Throws: `ClusterFault`.
  func requireTopics() throws(ClusterFault) {
    try asking { (admin) throws(KafkaError) in
      let topics = try topics(admin)
      try require(lanes.flatMap(\.topics), in: topics, from: "`topics:`")
      try require(outputs, in: topics, from: Self.outputSource)
    }
  }

  /// The topics that the lanes write.
  private var outputs: [String] { Set(lanes.flatMap { [$0.delivery.predictionTopic, $0.delivery.deadLetterTopic] }).sorted() }

  private static let outputSource = "the topic of publish or dead_letter"

  /// Checks that the topics are there that the lanes write, which a broker may make when they are asked for, and asks how large a record
  /// they take. The latter needs DescribeConfigs on the topic; where that is missing, the limit isn't known.
  private func outputLimits(_ admin: KafkaAdmin) throws(KafkaError) -> OutputLimits {
    try requireOutputs(admin)
    var limits: [String: Int] = [:]
    for topic in outputs where admin.hasController {
      do throws(KafkaError) {
        limits[topic] = try admin.properties(ofTopic: topic, timeoutMs: 5_000)["max.message.bytes"].flatMap { Int($0) }
      } catch {
        // Without the right to ask, the limit isn't known. Who doesn't answer is not asked again.
        if error.code == .timedOut { break }
      }
    }
    return OutputLimits(limits)
  }

  private func requireOutputs(_ admin: KafkaAdmin) throws(KafkaError) {
    let deadline = MonotonicTime.now + Self.patienceWithMaking
    while true {
      let topics = try topics(admin)
      let missing = outputs.filter { topics[$0]?.partitions.isEmpty ?? true }
      if missing.isEmpty { return }
      // Asked for as a producer does, which makes those that the brokers let be made so.
      for topic in missing { try admin.makeOnUse(topic) }
      if MonotonicTime.now >= deadline { return try require(missing, in: topics, from: Self.outputSource) }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  /// How long brokers may take to make a topic that is asked for.
  private static let patienceWithMaking = Duration.seconds(3)

  private func require(_ wanted: [String], in topics: [String: TopicDescription], from source: String) throws(KafkaError) {
    let missing = Set(wanted).filter { topics[$0]?.partitions.isEmpty ?? true }.sorted()
    if missing.isEmpty { return }
    throw KafkaError(
      .unknownTopicOrPartition, reason: "topic \(missing.joined(separator: ", ")) does not exist; create it, or correct \(source)",
      context: "cluster")
  }

  /// What a topic holds, and how many partitions each of some others has; one that is missing is left out.
  func watermarks(
    of topic: String, partitionsOf others: [String]
  ) throws(ClusterFault) -> (marks: [TopicPartition: Watermarks], counts: [String: Int]) {
    try asking { (admin) throws(KafkaError) in
      let topics = try topics(admin).mapValues(\.partitions)
      guard let partitions = topics[topic], !partitions.isEmpty else {
        throw KafkaError(.unknownTopicOrPartition, reason: "topic \(topic) does not exist; there is nothing in it", context: "cluster")
      }
      var marks: [TopicPartition: Watermarks] = [:]
      for partition in partitions {
        let place = TopicPartition(topic: topic, partition: partition.id)
        marks[place] = try admin.watermarks(of: place)
      }
      var counts: [String: Int] = [:]
      for other in others { counts[other] = topics[other]?.count }
      return (marks, counts)
    }
  }

  private func asking<Answer>(
    _ own: KafkaProperties = [:], _ question: (KafkaAdmin) throws(KafkaError) -> Answer
  ) throws(ClusterFault) -> Answer {
    do throws(KafkaError) {
      var properties = properties
      properties.merge(own)
      let admin = try KafkaAdmin(properties, log: log.write)
      defer { admin.close() }
      return try question(admin)
    } catch {
      throw ClusterFault(error, of: properties, lanes: namesLanes ? lanes.map(\.name) : [])
    }
  }
}
