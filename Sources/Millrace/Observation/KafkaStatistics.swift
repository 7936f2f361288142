import Foundation

/// The figures worth having of those that librdkafka keeps of its clients, summed over a lane's workers.
package struct KafkaStatistics: Sendable, Equatable {
  /// Records and bytes that were fetched and wait for their worker.
  package private(set) var prefetchedRecords = 0
  package private(set) var prefetchedBytes = 0
  /// Outputs, and their bytes, that wait to be sent or to be acknowledged.
  package private(set) var queuedOutputs = 0
  package private(set) var queuedOutputBytes = 0
  /// Delivery reports and other events that wait for their worker's next turn.
  package private(set) var waitingEvents = 0
  package private(set) var recordsReceived = 0
  package private(set) var recordsSent = 0
  package private(set) var bytesReceived = 0
  package private(set) var bytesSent = 0
  /// Requests that wait to be sent to a broker, and those that wait for its answer.
  package private(set) var queuedRequests = 0
  package private(set) var outstandingRequests = 0
  package private(set) var requestErrors = 0
  package private(set) var answerErrors = 0
  package private(set) var requestRetries = 0
  /// Requests that brokers didn't answer in time, and connections that ended.
  package private(set) var requestTimeouts = 0
  package private(set) var disconnects = 0
  /// The slowest broker's 99th percentile, of the last interval.
  package private(set) var roundTripP99Seconds = 0.0
  /// The same of the producers alone, whose brokers don't wait for records before they answer.
  package private(set) var publishRoundTripP99Seconds = 0.0

  init() {}

  /// Of one worker's clients, as librdkafka sent them last; empty before the first time.
  init(consumer: String, producer: String) {
    if let client = Self.object(consumer) { add(consumer: client) }
    if let client = Self.object(producer) { add(producer: client) }
  }

  mutating func add(_ other: KafkaStatistics) {
    prefetchedRecords += other.prefetchedRecords
    prefetchedBytes += other.prefetchedBytes
    queuedOutputs += other.queuedOutputs
    queuedOutputBytes += other.queuedOutputBytes
    waitingEvents += other.waitingEvents
    recordsReceived += other.recordsReceived
    recordsSent += other.recordsSent
    bytesReceived += other.bytesReceived
    bytesSent += other.bytesSent
    queuedRequests += other.queuedRequests
    outstandingRequests += other.outstandingRequests
    requestErrors += other.requestErrors
    answerErrors += other.answerErrors
    requestRetries += other.requestRetries
    requestTimeouts += other.requestTimeouts
    disconnects += other.disconnects
    roundTripP99Seconds = max(roundTripP99Seconds, other.roundTripP99Seconds)
    publishRoundTripP99Seconds = max(publishRoundTripP99Seconds, other.publishRoundTripP99Seconds)
  }

  /// Whether a client's statistics tell of a broker that it can ask now.
  static func isConnected(_ text: String) -> Bool {
    members(object(text)?["brokers"]).contains { ["UP", "UPDATE"].contains($0["state"] as? String) }
  }

  private mutating func add(consumer client: [String: Any]) {
    for topic in Self.members(client["topics"]) {
      for partition in Self.members(topic["partitions"]) {
        prefetchedRecords += Self.integer(partition["fetchq_cnt"])
        prefetchedBytes += Self.integer(partition["fetchq_size"])
      }
    }
    recordsReceived += Self.integer(client["rxmsgs"])
    _ = addClient(client)
  }

  private mutating func add(producer client: [String: Any]) {
    queuedOutputs += Self.integer(client["msg_cnt"])
    queuedOutputBytes += Self.integer(client["msg_size"])
    recordsSent += Self.integer(client["txmsgs"])
    publishRoundTripP99Seconds = addClient(client)
  }

  /// Returns the slowest broker's round trip.
  private mutating func addClient(_ client: [String: Any]) -> Double {
    waitingEvents += Self.integer(client["replyq"])
    bytesReceived += Self.integer(client["rx_bytes"])
    bytesSent += Self.integer(client["tx_bytes"])
    var slowest = 0.0
    for broker in Self.members(client["brokers"]) {
      queuedRequests += Self.integer(broker["outbuf_cnt"])
      outstandingRequests += Self.integer(broker["waitresp_cnt"])
      requestErrors += Self.integer(broker["txerrs"])
      answerErrors += Self.integer(broker["rxerrs"])
      requestRetries += Self.integer(broker["txretries"])
      requestTimeouts += Self.integer(broker["req_timeouts"])
      disconnects += Self.integer(broker["disconnects"])
      slowest = max(slowest, Double(Self.integer((broker["rtt"] as? [String: Any])?["p99"])) / 1e6)
    }
    roundTripP99Seconds = max(roundTripP99Seconds, slowest)
    return slowest
  }

  private static func object(_ text: String) -> [String: Any]? {
    text.isEmpty ? nil : (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
  }

  private static func members(_ value: Any?) -> [[String: Any]] {
    (value as? [String: Any])?.values.compactMap { $0 as? [String: Any] } ?? []
  }

  /// A client that has just begun reports -1 for what it doesn't know.
  private static func integer(_ value: Any?) -> Int { max(0, (value as? NSNumber)?.intValue ?? 0) }
}
