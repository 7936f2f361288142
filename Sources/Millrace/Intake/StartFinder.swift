import KafkaClient
import Logging

/// Finds where a worker begins to read the partitions that it is given, and takes them into the ledger. On the worker's thread, inside the
/// callback of an assignment.
struct StartFinder {
  let lane: Lane
  let consumer: KafkaConsumer
  let ledger: PartitionLedger
  let log: Logger
  let isStopping: () -> Bool

  /// Takes the partitions; returns where each begins. On a fault, or when the worker stops meanwhile, it takes none.
  func take(_ partitions: [TopicPartition]) throws(LaneFault) -> [PartitionOffset] {
    let reader = CommitReader(lane: lane, consumer: consumer, log: ClientLog(log), isStopping: isStopping)
    guard let positions = try reader.positions(of: partitions) else { return [] }
    var starts: [TopicPartition: Int64] = [:]
    var since: [TopicPartition: Int64] = [:]
    for partition in partitions {
      let known = positions[partition] ?? [:]
      switch lane.startRule(for: partition.topic).start(known) {
      case .resume(let offset, let origin): (starts[partition], since[partition]) = (offset, origin)
      case .restart(let offset):
        guard let begin = try reader.withinLog(offset, of: partition) else { return [] }
        (starts[partition], since[partition]) = (begin, begin)
        logRestart(partition, from: begin, to: (known[lane.name] ?? nil)?.offset)
      case .fresh: break
      }
    }
    for partition in partitions {
      ledger.acquire(
        ledger.index(of: partition), begin: starts[partition], routesSince: since[partition],
        confirmed: positions[partition]?[lane.name]??.offset)
    }
    return starts.map { PartitionOffset($0.key, offset: $0.value) }
  }

  private func logRestart(_ partition: TopicPartition, from begin: Int64, to committed: Int64?) {
    var metadata: Logger.Metadata = ["topic": "\(partition.topic)", "partition": "\(partition.partition)", "from": "\(begin)"]
    guard let committed else {
      return log.notice("the lane is new here: it begins where no record can have been missed by all lanes", metadata: metadata)
    }
    metadata["to"] = "\(committed)"
    log.notice("the routes have changed: records that were read before are read again", metadata: metadata)
  }

  /// Takes the partitions of a replay, each within its range; returns where each goes on. Where its ranges begin and end is in the metadata
  /// of the offsets of the replay's group, so that processes share the partitions and take over from each other.
  func take(_ partitions: [TopicPartition], in replay: RangeReader) throws(LaneFault) -> [PartitionOffset] {
    for partition in partitions { ledger.acquire(ledger.index(of: partition), within: nil) }
    var committed: [PartitionOffset] = []
    do {
      committed = try consumer.committed(partitions, timeoutMs: 30_000)
      if let error = committed.lazy.compactMap(\.error).first { throw error }
    } catch {
      throw LaneFault(lane: lane.name, message: "can't read where replay \(replay.session.name) is: \(error); start it again")
    }
    var starts = Dictionary(uniqueKeysWithValues: partitions.map { ($0, PartitionOffset.end) })
    for offset in committed {
      guard starts[offset.partition] != nil, let share = replay.share(offset) else { continue }
      ledger.acquire(ledger.index(of: offset.partition), within: share.range)
      replay.session.goal.handled(offset.partition, next: share.next)
      if !share.isDone { starts[offset.partition] = share.next }
    }
    return starts.map { PartitionOffset($0.key, offset: $0.value) }
  }
}
