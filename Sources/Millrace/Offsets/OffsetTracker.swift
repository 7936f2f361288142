/// Knows, for each partition that a worker owns, how far its records are handled, acknowledged and committed.
///
/// Pure bookkeeping, one thread. Offsets follow Kafka's rule: the number kept is the *next* offset to read.
/// A worker handles records in the order of the log and seals what it has handled whenever it publishes a batch; batches are
/// acknowledged in the order in which they were sealed. So a partition's acknowledged offset never passes a record whose
/// output, or whose predecessor's output, is still on its way.
struct OffsetTracker {
  /// Where a partition stood when a batch was sealed.
  struct Mark {
    let partition: Int
    let next: Int64
    let generation: UInt32
  }

  private struct Partition {
    var owned = false
    /// Tells an assignment from an earlier one of the same partition, whose late acknowledgements must not count.
    var generation: UInt32 = 0
    /// The first offset handled.
    var first: Int64 = -1
    var handled: Int64 = -1
    var sealed: Int64 = -1
    var acknowledged: Int64 = -1
    var committed: Int64 = -1
  }

  private var partitions: [Partition] = []

  /// Makes room for a partition and returns the index by which it is known from now on.
  mutating func addPartition() -> Int {
    partitions.append(Partition())
    return partitions.count - 1
  }

  mutating func acquire(_ index: Int) {
    let generation = partitions[index].generation &+ 1
    partitions[index] = Partition(owned: true, generation: generation)
  }

  mutating func release(_ index: Int) {
    partitions[index].owned = false
    partitions[index].generation &+= 1
  }

  func owns(_ index: Int) -> Bool { partitions[index].owned }

  /// The record at `offset` was skipped, or is in the open batch.
  @inline(__always)
  mutating func handle(_ index: Int, offset: Int64) {
    if offset < partitions[index].handled { restart(index, at: offset) }
    if partitions[index].first < 0 { partitions[index].first = offset }
    partitions[index].handled = offset &+ 1
  }

  /// The log goes on before what was handled: the topic was made anew, or its offsets were out of range and were reset.
  /// What was sealed before says nothing about the records to come, and what was committed is no longer a place of this log.
  private mutating func restart(_ index: Int, at offset: Int64) {
    partitions[index].generation &+= 1
    partitions[index].sealed = min(partitions[index].sealed, offset)
    partitions[index].acknowledged = min(partitions[index].acknowledged, offset)
    if partitions[index].committed > offset { partitions[index].committed = -1 }
    partitions[index].first = min(partitions[index].first, offset)
  }

  /// The partition's log was read up to `next`, with nothing but gaps (compaction, control records) before it.
  mutating func passGap(_ index: Int, to next: Int64) {
    if partitions[index].handled < next { partitions[index].handled = next }
  }

  /// The next offset to read: past everything handled, or -1 where nothing has been.
  func handled(_ index: Int) -> Int64 { partitions[index].handled }

  /// The first offset handled since the partition was acquired; nil where nothing has been.
  func first(_ index: Int) -> Int64? { partitions[index].first < 0 ? nil : partitions[index].first }
  /// Past everything whose output is acknowledged, or -1.
  func acknowledged(_ index: Int) -> Int64 { partitions[index].acknowledged }
  /// As a commit was last asked for, or -1.
  func committed(_ index: Int) -> Int64 { partitions[index].committed }

  /// Appends where each partition stands that moved since the last seal.
  mutating func seal(into marks: inout [Mark]) {
    for index in partitions.indices where partitions[index].owned && partitions[index].handled > partitions[index].sealed {
      partitions[index].sealed = partitions[index].handled
      marks.append(Mark(partition: index, next: partitions[index].handled, generation: partitions[index].generation))
    }
  }

  /// The owned partitions that are handled beyond what is committed: with no batch open, all of that may go with a transaction,
  /// which holds every output that is not committed yet.
  func handledBeyondCommit() -> [(partition: Int, next: Int64)] {
    partitions.indices.compactMap { index in
      let partition = partitions[index]
      return partition.owned && partition.handled > partition.committed ? (index, partition.handled) : nil
    }
  }

  /// Forgets what was handled since the last commit, and says where each owned partition must be read again from. Only for
  /// commits whose outcome is known: after `uncommitted` it would go back further.
  mutating func rewind() -> [(partition: Int, next: Int64)] {
    partitions.indices.compactMap { index in
      let partition = partitions[index]
      let target = partition.committed >= 0 ? partition.committed : partition.first
      guard partition.owned, partition.handled > target, target >= 0 else { return nil }
      partitions[index].generation &+= 1
      partitions[index].handled = target
      partitions[index].sealed = target
      partitions[index].acknowledged = target
      return (index, target)
    }
  }

  /// Everything up to these marks is acknowledged. Marks must come in the order in which they were sealed.
  mutating func acknowledge(_ marks: [Mark]) {
    for mark in marks where partitions[mark.partition].generation == mark.generation {
      partitions[mark.partition].acknowledged = max(partitions[mark.partition].acknowledged, mark.next)
    }
  }

  /// With no batch open or in flight, what was handled needs no acknowledgement: it was skipped.
  mutating func acknowledgeHandled() {
    for index in partitions.indices where partitions[index].owned && partitions[index].handled > partitions[index].acknowledged {
      partitions[index].sealed = partitions[index].handled
      partitions[index].acknowledged = partitions[index].handled
    }
  }

  /// The owned partitions whose acknowledged offset is not committed yet.
  func committable() -> [(partition: Int, next: Int64)] {
    partitions.indices.compactMap { index in
      let partition = partitions[index]
      return partition.owned && partition.acknowledged > partition.committed ? (index, partition.acknowledged) : nil
    }
  }

  mutating func committed(_ index: Int, next: Int64) {
    partitions[index].committed = max(partitions[index].committed, next)
  }

  /// A commit failed: what is acknowledged is committable again.
  mutating func uncommitted(_ index: Int) { partitions[index].committed = -1 }
}
