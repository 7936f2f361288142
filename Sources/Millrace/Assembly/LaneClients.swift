import KafkaClient

/// The properties of a lane's Kafka clients: the lane's defaults, the user's properties over them, and what the guarantees need over both.
struct LaneClients: Sendable {
  let groupID: String
  /// The file's properties, overridden by the lane's own.
  let kafka: KafkaProperties
  /// The prefix of the lanes' groups.
  private let group: String
  private let workers: Int
  /// Outputs are sent at once, rather than gathered.
  private let isImmediate: Bool
  private let transactionInterval: Duration?
  private let longestRetry: Duration

  init(_ lane: Configuration.Lane, of configuration: Configuration, groupID: String?) {
    self.groupID = groupID ?? configuration.groupID(of: lane)
    kafka = configuration.kafkaSettings(of: lane).values
    group = configuration.group.value
    workers = lane.workers.value
    isImmediate = lane.maxDelay.value == .zero
    transactionInterval = lane.delivery.value == .exactlyOnce ? lane.transactionInterval.value : nil
    longestRetry = lane.retry.policy.longest
  }

  /// The group of any lane of the configuration, or of one that was removed from it.
  func groupID(of lane: String) -> String { "\(group).\(lane)" }

  /// For a client that asks what a lane has committed, and joins nothing.
  func askerProperties(for lane: String) -> KafkaProperties {
    var properties = consumerProperties(clientID: "millrace-\(groupID)-asker", worker: 0)
    properties["group.instance.id"] = nil
    properties["group.id"] = groupID(of: lane)
    return properties
  }

  func consumerProperties(clientID: String, worker: Int) -> KafkaProperties {
    var properties: KafkaProperties = [
      "client.id": clientID,
      "auto.offset.reset": "earliest",
      "partition.assignment.strategy": "cooperative-sticky",
      // A member that dies leaves its partitions unread for so long.
      "session.timeout.ms": "10000",
      "heartbeat.interval.ms": "3000",
      "statistics.interval.ms": Self.statisticsIntervalMs,
    ]
    properties.merge(kafka.filter { !Self.producerOnly.contains($0) })
    if let instance = kafka["group.instance.id"], workers > 1 { properties["group.instance.id"] = "\(instance)-\(worker)" }
    properties["group.id"] = groupID
    properties["enable.auto.commit"] = "false"
    properties["enable.auto.offset.store"] = "false"
    // What lies behind a partition's last record (the mark of a transaction, a compacted record) is told in no other way, and would
    // look like a record that nobody reads.
    properties["enable.partition.eof"] = "true"
    return properties
  }

  /// - Parameter batchSize: librdkafka's `batch.size`, unless the file sets it; nil: its own.
  func producerProperties(clientID: String, worker: Int, batchSize: Int? = nil) -> KafkaProperties {
    var properties: KafkaProperties = [
      "client.id": clientID,
      "enable.idempotence": "true",
      // A lane that takes what is queued wants its predictions out at once; one that waits for batches lets them gather.
      "linger.ms": isImmediate ? "0" : "5",
      // Dead letters carry the source's value, however large the source's topic let it be; the broker has the last word.
      "message.max.bytes": "1000000000",
      "queue.buffering.max.kbytes": "65536",
      "statistics.interval.ms": Self.statisticsIntervalMs,
    ]
    if transactionInterval != nil {
      properties["transactional.id"] = transactionalID(worker: worker)
      properties["transaction.timeout.ms"] = "\(transactionTimeout.millisecondsRoundedUp)"
    }
    if let batchSize { properties["batch.size"] = "\(batchSize)" }
    properties.merge(kafka.filter { !Self.consumerOnly.contains($0) })
    return properties
  }

  /// Whether the producer compresses what it sends.
  var compresses: Bool { ["compression.codec", "compression.type"].contains { kafka[$0].map { $0 != "none" } ?? false } }

  /// Whether a consumer whose offset is out of range goes to the end of the log.
  var resetsToEnd: Bool { ["latest", "largest", "end"].contains(kafka["auto.offset.reset"] ?? "") }

  /// What a dead process left open holds read_committed consumers up for so long; what a living one needs for longer, the brokers abort,
  /// and fence its producer. So it covers the interval, and the pauses of the last batch's retries.
  var transactionTimeout: Duration { .seconds(10) + (transactionInterval ?? .zero) + longestRetry }

  /// A static member keeps its id, so that its successor ends what it left open at once. Any other needs one of its own; the
  /// group's generation, which goes with the offsets, keeps a member out that was replaced (KIP-447).
  private func transactionalID(worker: Int) -> String {
    if let instance = kafka["group.instance.id"] { return "\(groupID)-\(instance)-\(worker)" }
    return "\(groupID)-\(worker)-\(UInt64.random(in: .min ... .max))"
  }

  private static let statisticsIntervalMs = "5000"

  static let consumerOnly: Set<String> = [
    "auto.offset.reset", "partition.assignment.strategy", "session.timeout.ms", "heartbeat.interval.ms", "group.instance.id",
    "group.protocol.type", "coordinator.query.interval.ms", "max.poll.interval.ms", "queued.min.messages",
    "queued.max.messages.kbytes", "fetch.wait.max.ms", "fetch.message.max.bytes", "max.partition.fetch.bytes", "fetch.max.bytes",
    "fetch.min.bytes", "fetch.error.backoff.ms", "fetch.queue.backoff.ms", "isolation.level", "check.crcs", "enable.partition.eof",
    "group.protocol", "group.remote.assignor",
  ]

  static let producerOnly: Set<String> = [
    "enable.idempotence", "linger.ms", "queue.buffering.max.ms", "queue.buffering.max.messages", "queue.buffering.max.kbytes",
    "message.send.max.retries", "retries", "retry.backoff.ms", "compression.codec", "compression.type", "compression.level",
    "batch.num.messages", "batch.size", "acks", "request.required.acks", "request.timeout.ms", "message.timeout.ms",
    "delivery.timeout.ms", "partitioner", "enable.gapless.guarantee", "sticky.partitioning.linger.ms",
    "queue.buffering.backpressure.threshold", "transaction.timeout.ms",
  ]
}
