import KafkaClient
import Synchronization

/// Where a lane that runs until drained may end: behind the last record that each partition had when the run began.
/// Any thread.
final class DrainGoal: Sendable {
  private let remaining: Mutex<[TopicPartition: Int64]>
  private let onProgress: (@Sendable (TopicPartition, Int64) -> Void)?

  /// - Parameter ends: for each partition, the offset that its next record would have had when the run began.
  /// - Parameter onProgress: hears of everything that is handled, on any thread.
  init(ends: [TopicPartition: Int64], onProgress: (@Sendable (TopicPartition, Int64) -> Void)? = nil) {
    remaining = Mutex(ends)
    self.onProgress = onProgress
  }

  var isReached: Bool { remaining.withLock(\.isEmpty) }

  /// The partitions that are not drained yet.
  var open: [TopicPartition] { remaining.withLock { $0.keys.sorted() } }

  /// Everything of the partition before `next` is handled, and its outputs are acknowledged.
  func handled(_ partition: TopicPartition, next: Int64) {
    onProgress?(partition, next)
    remaining.withLock { remaining in
      if let end = remaining[partition], next >= end { remaining[partition] = nil }
    }
  }
}
