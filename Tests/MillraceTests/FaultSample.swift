import KafkaClient

@testable import Millrace

/// What a lane had committed, and how long the output topics were just after.
struct FaultSample {
  private let lane: String
  private let committed: [PartitionOffset]
  private let ends: [TopicPartition: Int64]

  /// nil if the cluster doesn't answer.
  ///
  /// Not with `KafkaAdmin.committedOffsets`: librdkafka 2.0.2 fails an assertion when that times out.
  init?(_ lane: Lane, _ cluster: FaultCluster) {
    guard let asker = try? KafkaConsumer(["bootstrap.servers": cluster.servers, "group.id": lane.groupID]) else { return nil }
    defer { asker.close() }
    guard let committed = try? asker.committed(cluster.places(of: [cluster.inputs]), timeoutMs: 1000) else { return nil }
    var ends: [TopicPartition: Int64] = [:]
    for place in cluster.places(of: cluster.outputs) {
      guard let end = try? asker.watermarks(of: place, timeoutMs: 1000).high else { return nil }
      ends[place] = end
    }
    (self.lane, self.committed, self.ends) = (lane.name, committed, ends)
  }

  /// Says so if an input before a committed offset had no output then.
  func commitBeyondOutputs(_ reader: FaultReader) -> String? {
    let published = Set(reader.outputs.lazy.filter { $0.offset < ends[$0.topic] ?? 0 }.map(\.source))
    for place in committed where place.offset > 0 {
      for offset in 0..<place.offset {
        let source = "\(place.partition.topic)/\(place.partition.partition)/\(offset)"
        guard let key = reader.inputs[source] else { return "lane \(lane) committed \(place), beyond the end" }
        if (key == "quick") == (lane == "quick") && !published.contains(source) {
          return "lane \(lane) committed \(place) before \(source) was published"
        }
      }
    }
    return nil
  }
}
