import Dispatch
import Foundation
import KafkaClient
import Synchronization

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

/// Takes samples on threads of their own: librdkafka 2.0.2's question for watermarks may outlast its time when a leader moves.
final class FaultSamples: Sendable {
  private let samples = Mutex<[FaultSample]>([])

  var taken: [FaultSample] { samples.withLock { $0 } }

  /// Waits for the sample a while; one that comes later counts, too.
  func take(_ lane: Lane, _ cluster: FaultCluster) {
    let isTaken = DispatchSemaphore(value: 0)
    let thread = Thread {
      if let sample = FaultSample(lane, cluster) { self.samples.withLock { $0.append(sample) } }
      isTaken.signal()
    }
    thread.start()
    _ = isTaken.wait(timeout: .now() + .milliseconds(500))
  }
}
