import KafkaClient

/// One partition of the dead letter topic, from where a redrive begins to where it ends. One thread.
struct RedriveRange {
  let partition: TopicPartition
  /// The first offset that is not read: what comes later, this redrive's own dead letters included, is the next one's.
  let end: Int64
  /// The next offset to read.
  private(set) var position: Int64
  /// The offsets that are dealt with or on their way.
  private(set) var planned: RedriveProgress
  /// The offsets that are dealt with.
  private(set) var acknowledged: RedriveProgress
  private var committed: RedriveProgress
  /// Whether the log can't be read any further.
  private(set) var isAtEnd = false

  /// Fixes the range, behind what earlier runs have committed.
  /// - Parameter committed: nil where the group has none.
  init(_ partition: TopicPartition, _ watermarks: Watermarks, committed place: PartitionOffset?) {
    self.partition = partition
    end = watermarks.high
    var progress = RedriveProgress(base: watermarks.low)
    // An offset beyond the end is one of a topic that was made anew since.
    if let place, (0...watermarks.high).contains(place.offset) {
      progress = RedriveProgress(base: place.offset, metadata: place.metadata)
      committed = progress
      progress.mark(min(place.offset, watermarks.low)..<watermarks.low)
    } else {
      committed = RedriveProgress(base: -1)
    }
    planned = progress
    acknowledged = progress
    position = progress.base
  }

  var isDone: Bool { isAtEnd || position >= end }

  /// Notes that the record at this offset is looked at; there is none between it and the one before.
  mutating func read(_ offset: Int64) {
    pass(to: offset)
    position = offset + 1
  }

  /// Notes that there is no record up to this offset.
  mutating func pass(to offset: Int64) {
    guard position < offset else { return }
    planned.mark(position..<offset)
    acknowledged.mark(position..<offset)
    position = offset
  }

  /// Notes that nothing behind the position can be read: a transaction that is still open holds it back, and it is the next redrive's.
  mutating func reachEnd() { isAtEnd = true }

  mutating func plan(_ offset: Int64) { planned.mark(offset) }
  mutating func acknowledge(_ offset: Int64) { acknowledged.mark(offset) }

  /// The offset to commit, with its metadata; nil if nothing is new, and while the metadata is too long.
  var commit: PartitionOffset? {
    guard acknowledged != committed, let metadata = acknowledged.metadata else { return nil }
    return PartitionOffset(partition, offset: acknowledged.base, metadata: metadata)
  }

  /// Notes that what was acknowledged last is committed.
  mutating func didCommit() { committed = acknowledged }
  var isCommitted: Bool { acknowledged == committed }
}
