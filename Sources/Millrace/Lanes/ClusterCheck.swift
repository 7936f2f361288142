import KafkaClient

/// The cluster is not fit to start on.
public struct ClusterFault: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// Asks the cluster what must be known before a lane starts: that it answers, that the topics exist, and where they end.
struct ClusterCheck {
  private let properties: KafkaProperties
  private let log: ClientLog

  init(_ properties: KafkaProperties, log: ClientLog) {
    self.properties = properties
    self.log = log
  }

  /// - Returns: for each lane that runs until drained, where that is.
  /// - Throws: `ClusterFault` where no broker answers or a topic to read is missing.
  func goals(of lanes: [Lane], untilDrained: Bool) throws(ClusterFault) -> [String: DrainGoal] {
    try asking { (admin) throws(KafkaError) in
      let topics = Dictionary(try admin.cluster().topics.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
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
  }

  /// Whether the topics are there that the lanes read and write. A run doesn't ask for the latter: brokers may make them on use.
  /// - Throws: `ClusterFault`.
  func requireTopics(of lanes: [Lane]) throws(ClusterFault) {
    try asking { (admin) throws(KafkaError) in
      let topics = Dictionary(try admin.cluster().topics.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
      try require(lanes.flatMap(\.topics), in: topics, from: "`topics:`")
      try require(lanes.flatMap { [$0.predictionTopic, $0.deadLetterTopic] }, in: topics, from: "the topic of publish or dead_letter")
    }
  }

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
      let topics = Dictionary(try admin.cluster().topics.map { ($0.name, $0.partitions) }, uniquingKeysWith: { $1 })
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

  /// Counts what other members of the lane's group have committed under the same routes.
  /// A replay's lane has a group of its own, whose commits carry its ranges and not the routes.
  func lookForCommits(of lane: Lane, _ goal: DrainGoal, isReplay: Bool) {
    let open = goal.open
    var properties = lane.askerProperties(for: lane.name)
    properties["group.id"] = lane.groupID
    guard !open.isEmpty, let asker = try? KafkaConsumer(properties, log: log.write) else { return }
    defer { asker.close() }
    for offset in (try? asker.committed(open, timeoutMs: 2_000)) ?? [] where offset.offset >= 0 {
      // A commit under other routes doesn't count: its partition may be read again.
      if !isReplay {
        guard case .note(let note) = CommitNote.read(offset.metadata), note.routes == lane.routes(of: offset.partition.topic).fingerprint
        else { continue }
      }
      goal.handled(offset.partition, next: offset.offset)
    }
  }

  private func asking<Answer>(_ question: (KafkaAdmin) throws(KafkaError) -> Answer) throws(ClusterFault) -> Answer {
    do throws(KafkaError) {
      let admin = try KafkaAdmin(properties, log: log.write)
      defer { admin.close() }
      return try question(admin)
    } catch {
      // A missing topic says so itself.
      let advice = error.code == .unknownTopicOrPartition ? "" : error.advice
      throw ClusterFault(description: "kafka at \(properties.shown("bootstrap.servers") ?? "?"): \(error)\(advice)")
    }
  }
}
