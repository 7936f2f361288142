import KafkaClient

/// All that a worker knows of its partitions: where each began, how far its records are handled, acknowledged and committed, and where it
/// ends. Bookkeeping only: it asks nobody and changes nothing outside. One thread.
///
/// Offsets follow Kafka's rule: the number kept is the *next* offset to read. A worker handles records in the order of the log and seals
/// what it has handled whenever it publishes a batch; batches are acknowledged in the order in which they were sealed. So a partition's
/// acknowledged offset never passes a record whose output, or whose predecessor's output, is still on its way.
///
/// What the loop writes for every record is not checked for overlapping accesses: each of these checks costs as much as its write.
final class PartitionLedger {
  /// Where a partition stood when a batch was sealed.
  struct Mark {
    let partition: Int
    let next: Int64
    let generation: UInt32
  }

  @exclusivity(unchecked) private(set) var table: PartitionTable
  @exclusivity(unchecked) private var accounts: [PartitionAccount] = []
  /// Offsets without a record, since `takeGaps`.
  @exclusivity(unchecked) private var gaps: [OffsetGap] = []
  /// Some partition has met its end since `passEnds`.
  private var hasEnds = false

  init(programByTopic: [String: Int] = [:]) { table = PartitionTable(programByTopic: programByTopic) }

  // MARK: Which partition

  /// The number of a record's partition.
  @inline(__always)
  func index(of record: KafkaRecord) -> Int {
    let index = table.index(of: record)
    if index >= accounts.count { open(through: index) }
    return index
  }

  /// The number by which a partition is known from now on.
  func index(of partition: TopicPartition) -> Int {
    let index = table.index(of: partition)
    if index >= accounts.count { open(through: index) }
    return index
  }

  private func open(through index: Int) { while accounts.count <= index { accounts.append(PartitionAccount()) } }

  /// A topic that was deleted may leave its handle's address to another one. Whoever changes what is read says so here.
  func forgetHandles() { table.forgetHandles() }

  @inline(__always)
  func entry(_ index: Int) -> PartitionTable.Entry { table.entries[index] }
  func name(_ index: Int) -> TopicPartition { table.entries[index].partition }

  var hasGaps: Bool { !gaps.isEmpty }
  var indices: Range<Int> { accounts.indices }
  /// The partitions that are this worker's now.
  var owned: [Int] { accounts.indices.filter { accounts[$0].isOwned } }

  subscript(_ index: Int) -> PartitionAccount { accounts[index] }
  func owns(_ index: Int) -> Bool { accounts[index].isOwned }

  // MARK: What is assigned

  /// The partition is this worker's: nothing of an earlier assignment counts.
  /// - Parameter begin: where it is read from; nil where librdkafka decides.
  func acquire(_ index: Int, begin: Int64? = nil, routesSince: Int64? = nil, confirmed: Int64? = nil) {
    let generation = accounts[index].generation &+ 1
    accounts[index] = PartitionAccount(
      isOwned: true, generation: generation, limit: .max, begin: begin, routesSince: routesSince, confirmed: confirmed)
  }

  /// The partition is this worker's within a range; without one it is no part of the replay, and nothing of it is handled.
  func acquire(_ index: Int, within range: ReplayRange?) {
    acquire(index)
    accounts[index].range = range
    accounts[index].limit = range?.to ?? -1
  }

  /// The partition goes, and all that was known of it.
  func release(_ index: Int) {
    accounts[index] = PartitionAccount(generation: accounts[index].generation &+ 1)
  }

  // MARK: How far it is

  /// Records of this partition from this offset on are not to be handled.
  @inline(__always)
  func limit(_ index: Int) -> Int64 { accounts[index].limit }

  /// Every record that is to be handled passes here before anything is decided about it, whosever it is.
  @inline(__always)
  func took(_ index: Int, timestampMs: Int64) { accounts[index].newestMs = timestampMs }

  /// The record at `offset` was skipped, or is in the open batch.
  @inline(__always)
  func handle(_ index: Int, offset: Int64) {
    if offset != accounts[index].handled { jump(index, to: offset) }
    accounts[index].handled = offset &+ 1
  }

  /// The record is the first, or not the one behind the last.
  @inline(never)
  private func jump(_ index: Int, to offset: Int64) {
    noteGap(index, to: offset)
    if offset < accounts[index].handled { restart(index, at: offset) }
    if accounts[index].first < 0 { accounts[index].first = offset }
  }

  private func noteGap(_ index: Int, to next: Int64) {
    if let reached = accounts[index].reached, reached < next { gaps.append(OffsetGap(partition: index, from: reached, to: next)) }
  }

  /// Hands over the gaps that were met since the last call.
  func takeGaps() -> [OffsetGap] {
    defer { gaps.removeAll(keepingCapacity: true) }
    return gaps
  }

  /// The log goes on before what was handled: the topic was made anew, or its offsets were out of range and were reset.
  /// What was sealed before says nothing about the records to come, and what was committed is no longer a place of this log.
  private func restart(_ index: Int, at offset: Int64) {
    accounts[index].generation &+= 1
    accounts[index].sealed = min(accounts[index].sealed, offset)
    accounts[index].acknowledged = min(accounts[index].acknowledged, offset)
    if accounts[index].committed > offset { accounts[index].committed = -1 }
    accounts[index].first = min(accounts[index].first, offset)
  }

  /// The partition's log was read up to `next`. Records before it may still wait to be handled: `passEnds` says when they are.
  func meetEnd(_ index: Int, _ next: Int64) {
    accounts[index].end = max(accounts[index].end, next)
    hasEnds = true
  }

  /// The records before the ends that were met have been handled by now: what is left before them is nothing a consumer ever sees
  /// (compacted records, marks of transactions).
  func passEnds() {
    guard hasEnds else { return }
    hasEnds = false
    for index in accounts.indices where accounts[index].end >= 0 {
      if accounts[index].isOwned { passGap(index, to: accounts[index].end) }
      accounts[index].end = -1
    }
  }

  /// The partition's log was read up to `next`, with nothing but gaps before it.
  func passGap(_ index: Int, to next: Int64) {
    if accounts[index].handled >= next { return }
    noteGap(index, to: next)
    if accounts[index].first < 0 { accounts[index].first = next }
    accounts[index].handled = next
  }

  /// The ends that a worker that fetches nothing was told of; nil when it fetches again.
  func setAskedEnds(_ index: Int, _ ends: Watermarks?) { accounts[index].askedEnds = ends }

  // MARK: What is acknowledged

  /// Appends where each partition stands that moved since the last seal.
  func seal(into marks: inout [Mark]) {
    for index in accounts.indices where accounts[index].isOwned && accounts[index].handled > accounts[index].sealed {
      accounts[index].sealed = accounts[index].handled
      marks.append(Mark(partition: index, next: accounts[index].handled, generation: accounts[index].generation))
    }
  }

  /// Everything up to these marks is acknowledged. Marks must come in the order in which they were sealed.
  func acknowledge(_ marks: [Mark]) {
    for mark in marks where accounts[mark.partition].generation == mark.generation {
      accounts[mark.partition].acknowledged = max(accounts[mark.partition].acknowledged, mark.next)
    }
  }

  /// With no batch open or in flight, what was handled needs no acknowledgement: it was skipped.
  func acknowledgeHandled() {
    for index in accounts.indices where accounts[index].isOwned && accounts[index].handled > accounts[index].acknowledged {
      accounts[index].sealed = accounts[index].handled
      accounts[index].acknowledged = accounts[index].handled
    }
  }

  // MARK: What is committed

  /// The owned partitions whose acknowledged offset is not committed yet.
  func committable() -> [(partition: Int, next: Int64)] {
    accounts.indices.compactMap { index in
      let account = accounts[index]
      return account.isOwned && account.acknowledged > account.committed ? (index, account.acknowledged) : nil
    }
  }

  /// The owned partitions that are handled beyond what is committed: with no batch open, all of that may go with a transaction,
  /// which holds every output that is not committed yet.
  func handledBeyondCommit() -> [(partition: Int, next: Int64)] {
    accounts.indices.compactMap { index in
      let account = accounts[index]
      return account.isOwned && account.handled > account.committed ? (index, account.handled) : nil
    }
  }

  /// A commit was asked for.
  func committed(_ index: Int, next: Int64) { accounts[index].committed = max(accounts[index].committed, next) }

  /// A commit failed: what is acknowledged is committable again.
  func uncommitted(_ index: Int) { accounts[index].committed = -1 }

  /// The coordinator has confirmed a commit.
  func confirmed(_ index: Int, next: Int64) {
    if accounts[index].isOwned { accounts[index].confirmed = next }
  }

  /// Forgets what was handled since the last commit, and says where each owned partition must be read again from. Only for
  /// commits whose outcome is known: after `uncommitted` it would go back further.
  func rewind() -> [(partition: Int, next: Int64)] {
    accounts.indices.compactMap { index in
      let account = accounts[index]
      let target = account.committed >= 0 ? account.committed : account.first
      guard account.isOwned, account.handled > target, target >= 0 else { return nil }
      accounts[index].generation &+= 1
      accounts[index].handled = target
      accounts[index].sealed = target
      accounts[index].acknowledged = target
      // It was met behind records that come again.
      accounts[index].end = -1
      return (index, target)
    }
  }
}
