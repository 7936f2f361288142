import EventDecoding
import KafkaClient
import ModelRuntime

/// A lane ready to run: everything its workers share, immutable.
public final class Lane: Sendable {
  public let name: String
  /// Its place among the configuration's lanes, which is what routes name.
  let index: Int
  public let groupID: String
  public let topics: [String]
  public let model: any Model
  /// Whether the lane's model, and that of its fallback, keep the rows of a batch apart, as far as that is known. The lane's comes first.
  package let rowProbes: [(model: String, outcome: RowProbe.Outcome)]
  /// The model's inputs with the widths that the configuration gives them.
  let inputs: [TensorSpec]
  /// The columns of the inputs that each feature fills.
  let features: [LoadedModel.FeaturePlace]
  let outputs: [PredictionWriter.Output]
  /// How records of a topic are routed and decoded; topics with the same routes share one.
  let programs: [DecodingProgram]
  let programByTopic: [String: Int]
  /// For each program, what its routes have to agree on with those under which a commit was made.
  private let routesInForce: [RoutesInForce]
  /// The prefix of the lanes' groups.
  private let group: String
  let predictionTopic: String
  let deadLetterTopic: String
  let deadLetterPayload: Configuration.DeadLetter.Payload
  /// What writes the fields of a dead letter, one for each of `programs`; empty unless dead letters hold fields.
  let letterPrograms: [DecodingProgram]
  public let workers: Int
  let maxBatchSize: Int
  let maxDelay: Duration
  /// nil where batches are not sized by what they cost: at once, or always full.
  let batchSizing: BatchSizing?
  let maxInFlight: Int
  let commitInterval: Duration
  let drainTimeout: Duration
  /// Counts from the record's timestamp to the acknowledgement of its prediction; later ones are counted.
  let deadline: Duration?
  let nice: Int
  /// nil: it always runs.
  let active: ActiveWindow?
  /// How long a transaction may stay open; nil without transactions.
  let transactionInterval: Duration?
  let publishesInvalid: Bool
  let retry: RetryPolicy
  /// What all pauses of one batch's retries may take together.
  let retryBudget: Duration
  let breaker: CircuitBreaker
  /// What becomes of records while the circuit is open.
  let onOpen: Configuration.Breaker.Policy
  let fallback: Fallback?
  /// What becomes of records that are older than the deadline when they could be scored.
  let onDeadline: Configuration.Lane.DeadlinePolicy
  let deadLetterLimits: DeadLetterLimits
  /// Of its clients: the file's, overridden by its own.
  let kafka: KafkaProperties

  init(
    _ lane: Configuration.Lane, of configuration: Configuration, index: Int, model: LoadedModel, programs: [DecodingProgram],
    letterPrograms: [DecodingProgram], programByTopic: [String: Int], fallback: Fallback? = nil, variant: LaneVariant? = nil,
    rowProbes: [(model: String, outcome: RowProbe.Outcome)] = []
  ) {
    name = lane.name.value
    self.index = index
    groupID = variant?.group ?? configuration.groupID(of: lane)
    topics = variant?.topics ?? configuration.topics(of: lane).map(\.value)
    self.model = model.model
    self.rowProbes = rowProbes
    inputs = model.inputs
    features = model.features
    outputs = model.outputs
    self.programs = programs
    self.programByTopic = programByTopic
    routesInForce = programs.map { RoutesInForce($0.routes) }
    group = configuration.group.value
    predictionTopic = configuration.publish.topic.value
    deadLetterTopic = configuration.deadLetter.topic.value
    deadLetterPayload = configuration.deadLetter.payload.value
    self.letterPrograms = letterPrograms
    workers = lane.workers.value
    maxBatchSize = lane.maxBatchSize.value
    maxDelay = lane.maxDelay.value
    if lane.maxDelay.value > .zero, lane.batching.value == .learned {
      let others = configuration.lanes.filter { $0.name.value != lane.name.value }
      // A batch that runs is not interrupted: on a full machine it takes from the time that others have.
      let deadline = others.compactMap(\.deadline?.value).min()
      batchSizing = BatchSizing(maxRows: lane.maxBatchSize.value, maxBusy: deadline.map { $0 / 5 })
    } else {
      batchSizing = nil
    }
    maxInFlight = lane.maxInFlight.value
    commitInterval = lane.commitInterval.value
    drainTimeout = lane.drainTimeout.value
    deadline = lane.deadline?.value
    nice = lane.threadNice
    active = lane.active?.value
    transactionInterval = lane.delivery.value == .exactlyOnce ? lane.transactionInterval.value : nil
    publishesInvalid = lane.onInvalidPrediction.value == .publish
    retry = lane.retry.policy
    retryBudget = configuration.patience(of: lane)
    breaker = CircuitBreaker(failureThreshold: lane.breaker.failureThreshold.value, openFor: lane.breaker.openFor.value)
    onOpen = lane.whenOpen
    self.fallback = fallback
    onDeadline = lane.onDeadline.value
    deadLetterLimits = DeadLetterLimits(
      maxConsecutive: configuration.deadLetter.maxConsecutive?.value, maxRatio: configuration.deadLetter.maxRatio?.value)
    kafka = configuration.kafkaSettings(of: lane).values
  }

  /// Where each feature is written: its columns of these tensors, in the order of the features.
  func columns(of tensors: InputTensors) -> [FeatureColumn] {
    features.map { place in
      let block = tensors.block(place.input)
      return FeatureColumn(
        base: block.base + place.column * block.elementType.byteWidth, rowStride: block.rowStride,
        elementType: FeatureType(block.elementType), width: place.width,
        store: { row, bytes in tensors.setString(input: place.input, row: row, column: place.column, bytes) })
    }
  }

  /// A decoder for each of the programs, all of which write into the rows of these tensors.
  func decoders(writingTo tensors: InputTensors) throws -> [EventDecoder] {
    let columns = columns(of: tensors)
    return try programs.map { program in
      let decoder = try EventDecoder(program, lane: index)
      try decoder.bind(columns)
      return decoder
    }
  }

  func makeWriter() -> PredictionWriter {
    PredictionWriter(outputs: outputs, model: model.name, version: model.version, lane: name, publishesInvalid: publishesInvalid)
  }

  /// How one worker's runs of the model are tried again. A pause ends when the worker is told to stop.
  func attempts(_ statistics: WorkerStatistics, _ control: WorkerControl) -> Attempts {
    Attempts(
      retry: retry, budget: retryBudget, breaker: breaker, statistics: statistics,
      pause: { [unowned control] time in
        let end = MonotonicTime.now + time
        while !control.isStopping, end > .now { WorkerThread.sleep(min(end - .now, .milliseconds(20))) }
        return !control.isStopping
      })
  }

  func routes(of topic: String) -> RoutesInForce { routesInForce[programByTopic[topic] ?? 0] }

  func startRule(for topic: String) -> StartRule { StartRule(lane: name, routes: routes(of: topic)) }

  /// The group of any lane of the configuration, or of one that was removed from it.
  func groupID(of lane: String) -> String { "\(group).\(lane)" }

  /// For a client that asks what a lane has committed, and joins nothing.
  func askerProperties(for lane: String) -> KafkaProperties {
    var properties = consumerProperties(clientID: "millrace-\(groupID)-asker", worker: 0)
    properties["group.instance.id"] = nil
    properties["group.id"] = groupID(of: lane)
    return properties
  }

  /// The lane's defaults, the user's properties over them, and what the guarantees need over both.
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

  func producerProperties(clientID: String, worker: Int) -> KafkaProperties {
    var properties: KafkaProperties = [
      "client.id": clientID,
      "enable.idempotence": "true",
      // A lane that takes what is queued wants its predictions out at once; one that waits for batches lets them gather.
      "linger.ms": maxDelay == .zero ? "0" : "5",
      // Dead letters carry the source's value, however large the source's topic let it be; the broker has the last word.
      "message.max.bytes": "1000000000",
      "queue.buffering.max.kbytes": "65536",
      "statistics.interval.ms": Self.statisticsIntervalMs,
    ]
    if transactionInterval != nil {
      properties["transactional.id"] = transactionalID(worker: worker)
      properties["transaction.timeout.ms"] = "\(transactionTimeout.millisecondsRoundedUp)"
    }
    properties.merge(kafka.filter { !Self.consumerOnly.contains($0) })
    return properties
  }

  /// What a dead process left open holds read_committed consumers up for so long; what a living one needs for longer, the brokers abort,
  /// and fence its producer. So it covers the interval, and the pauses of the last batch's retries.
  var transactionTimeout: Duration { .seconds(10) + (transactionInterval ?? .zero) + retry.longest }

  /// A static member keeps its id, so that its successor ends what it left open at once. Any other needs one of its own; the
  /// group's generation, which goes with the offsets, keeps a member out that was replaced (KIP-447).
  private func transactionalID(worker: Int) -> String {
    if let instance = kafka["group.instance.id"] { return "\(groupID)-\(instance)-\(worker)" }
    return "\(groupID)-\(worker)-\(UInt64.random(in: .min ... .max))"
  }

  /// The first output that is a number, whose distribution is kept.
  var scoreOutput: PredictionWriter.Output? {
    outputs.first { model.signature.outputs[$0.tensor].elementType != .string }
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
