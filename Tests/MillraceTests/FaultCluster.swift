import KafkaClient

/// Where a scenario's records go: a mock cluster of its own, or topics of its own on a real one.
final class FaultCluster: Sendable {
  static let partitions = 3

  let servers: String
  /// nil for a real cluster.
  let mock: MockCluster?
  let group: String
  let inputs: String
  let predictions: String
  let deadLetters: String

  /// - Parameter servers: those of a real cluster; nil makes a mock one.
  init(servers: String?, seed: UInt64, brokerCount: Int) throws {
    let prefix = servers == nil ? "" : "millrace-fault-\(seed)-\(UInt32.random(in: .min ... .max))-"
    group = prefix + "faults"
    (inputs, predictions, deadLetters) = (prefix + "events", prefix + "predictions", prefix + "events.dlq")
    let topics = [inputs, predictions, deadLetters]
    if let servers {
      (self.servers, mock) = (servers, nil)
      let failed = try asking { admin in try admin.createTopics(topics.map { NewTopic($0, partitions: Self.partitions) }) }
      if let error = failed.values.first { throw error }
    } else {
      let mock = try MockCluster(brokerCount: brokerCount)
      (self.servers, self.mock) = (mock.bootstrapServers, mock)
      for topic in topics { try mock.createTopic(topic, partitions: Self.partitions, replicationFactor: brokerCount) }
      for lane in ["quick", "rest"] { try mock.setCoordinator(of: .group("\(group).\(lane)"), to: 1) }
    }
  }

  var outputs: [String] { [predictions, deadLetters] }

  func places(of topics: [String]) -> [TopicPartition] {
    topics.flatMap { topic in (0..<Int32(Self.partitions)).map { TopicPartition(topic: topic, partition: $0) } }
  }

  /// `topic/partition/offset` of each input.
  func inputPlaces() throws -> Set<String> {
    try asking { admin in
      let places = try places(of: [inputs]).flatMap { place in
        (0..<(try admin.watermarks(of: place).high)).map { "\(place.topic)/\(place.partition)/\($0)" }
      }
      return Set(places)
    }
  }

  func close() {
    if let mock { return mock.close() }
    _ = try? asking { admin in try admin.deleteTopics([inputs] + outputs) }
  }

  private func asking<Answer>(_ question: (KafkaAdmin) throws -> Answer) throws -> Answer {
    let admin = try KafkaAdmin(["bootstrap.servers": servers])
    defer { admin.close() }
    return try question(admin)
  }
}
