import Foundation

/// The figures worth having of those that librdkafka keeps of its clients, summed over a lane's workers.
public struct KafkaStatistics: Sendable {
  /// Records and bytes that were fetched and wait for their worker.
  public private(set) var prefetchedRecords = 0
  public private(set) var prefetchedBytes = 0
  /// Outputs, and their bytes, that wait to be sent or to be acknowledged.
  public private(set) var queuedOutputs = 0
  public private(set) var queuedOutputBytes = 0
  public private(set) var bytesReceived = 0
  public private(set) var bytesSent = 0
  /// Requests that brokers didn't answer in time, and connections that ended.
  public private(set) var requestTimeouts = 0
  public private(set) var disconnects = 0
  /// The slowest broker's 99th percentile, of the last interval.
  public private(set) var roundTripP99Seconds = 0.0

  init() {}

  mutating func add(consumer text: String) {
    guard let client = Self.object(text) else { return }
    for topic in Self.members(client["topics"]) {
      for partition in Self.members(topic["partitions"]) {
        prefetchedRecords += Self.integer(partition["fetchq_cnt"])
        prefetchedBytes += Self.integer(partition["fetchq_size"])
      }
    }
    addBrokers(client)
  }

  mutating func add(producer text: String) {
    guard let client = Self.object(text) else { return }
    queuedOutputs += Self.integer(client["msg_cnt"])
    queuedOutputBytes += Self.integer(client["msg_size"])
    addBrokers(client)
  }

  private mutating func addBrokers(_ client: [String: Any]) {
    bytesReceived += Self.integer(client["rx_bytes"])
    bytesSent += Self.integer(client["tx_bytes"])
    for broker in Self.members(client["brokers"]) {
      requestTimeouts += Self.integer(broker["req_timeouts"])
      disconnects += Self.integer(broker["disconnects"])
      let p99 = Self.integer((broker["rtt"] as? [String: Any])?["p99"])
      roundTripP99Seconds = max(roundTripP99Seconds, Double(p99) / 1e6)
    }
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
