import CEL
import EventDecoding
import KafkaClient
import Logging
import Synchronization

/// A redrive: moves dead letters back into their source topics, or through a lane, from where the last one stopped to where the topic ends
/// now.
///
/// Its place is kept by the consumer group `<group>.redrive`, and only behind acknowledgements: a redrive that is killed repeats some
/// letters when it is started again, and loses none. One at a time: two at once move the same letters.
package final class Redrive: Sendable {
  let configuration: Configuration
  let options: RedriveOptions
  let log: Logger
  let filter: RedriveFilter?
  /// The lane that scores the letters; nil: they go back to their source topics.
  let lane: Lane?
  private let stopping = Atomic(false)

  /// Compiles the filter and the lane, and checks the clients' properties. Asks no cluster.
  /// - Throws: `ConfigurationError`; `ExpressionError` for the filter.
  package init(_ configuration: Configuration, _ options: RedriveOptions, log: Logger) throws {
    self.configuration = configuration
    self.options = options
    self.log = log
    filter = try options.filter.map { try RedriveFilter($0) }
    lane = try options.lane.flatMap { try LaneCompiler(configuration).lanes(named: [$0]).first }
    var clients = ClientCheck(configuration)
    clients.add(configuration.kafka, "kafka", consumer: consumerProperties(), producer: producerProperties())
    try clients.requireNoFaults()
  }

  /// The group that remembers what was moved.
  package static func group(of configuration: Configuration) -> String { "\(configuration.group.value).redrive" }

  /// Ends the run early: what is on its way is finished and committed. Any thread; returns at once.
  package func stop() { stopping.store(true, ordering: .releasing) }

  var isStopping: Bool { stopping.load(ordering: .acquiring) }

  /// Moves the letters, and blocks until the end, on a thread that may.
  /// - Parameter atEnd: called with what was done, also when it throws.
  /// - Throws: `RedriveFault`, `KafkaError`.
  package func run(atEnd: (RedriveReport) -> Void = { _ in }) throws {
    guard !configuration.usesEmbeddedBroker else {
      throw RedriveFault(description: "bootstrap.servers is embedded: a broker that begins empty holds no dead letters; name a cluster")
    }
    let start = MonotonicTime.now
    let run = try RedriveRun(self)
    defer {
      run.close()
      run.report.durationS = (MonotonicTime.now - start).seconds
      atEnd(run.report)
    }
    try run.run()
  }

  func consumerProperties() -> KafkaProperties {
    var properties: KafkaProperties = ["client.id": "millrace-\(Self.group(of: configuration))"]
    properties.merge(configuration.kafka.values.filter { !LaneClients.producerOnly.contains($0) })
    properties["group.instance.id"] = nil
    properties["group.id"] = Self.group(of: configuration)
    properties["auto.offset.reset"] = "earliest"
    properties["enable.auto.commit"] = "false"
    properties["enable.auto.offset.store"] = "false"
    properties["enable.partition.eof"] = "true"
    return properties
  }

  func producerProperties() -> KafkaProperties {
    var properties: KafkaProperties = [
      "client.id": "millrace-\(Self.group(of: configuration))", "enable.idempotence": "true", "linger.ms": "5",
      // The broker has the last word on what is too large.
      "message.max.bytes": "1000000000", "queue.buffering.max.kbytes": "65536",
    ]
    properties.merge(configuration.kafka.values.filter { !LaneClients.consumerOnly.contains($0) })
    // A broker refuses batches. Here a refusal is to be one record's own.
    properties["batch.num.messages"] = "1"
    return properties
  }
}
