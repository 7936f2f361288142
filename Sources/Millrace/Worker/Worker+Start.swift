import KafkaClient
import Logging

/// Where the worker begins to read what it is given, and what its commits say of it.
extension Worker {
  /// Takes the partitions; returns where each begins. On a fault, or when the worker stops meanwhile, it takes none.
  func take(_ partitions: [TopicPartition]) throws(LaneFault) -> [PartitionOffset] {
    let before = pulse.enter(.starting)
    defer { pulse.enter(before) }
    let reader = CommitReader(lane: lane, consumer: consumer, log: ClientLog(log), isStopping: { [control] in control.isStopping })
    guard let positions = try reader.positions(of: partitions) else { return [] }
    var starts: [PartitionOffset] = []
    var since: [TopicPartition: Int64] = [:]
    for partition in partitions {
      let known = positions[partition] ?? [:]
      switch lane.startRule(for: partition.topic).start(known) {
      case .resume(let offset, let origin):
        starts.append(PartitionOffset(partition, offset: offset))
        since[partition] = origin
      case .restart(let offset):
        guard let begin = try reader.withinLog(offset, of: partition) else { return [] }
        starts.append(PartitionOffset(partition, offset: begin))
        since[partition] = begin
        logRestart(partition, from: begin, to: (known[lane.name] ?? nil)?.offset)
      case .fresh: break
      }
    }
    for partition in partitions {
      let index = table.index(of: partition, tracker: &tracker)
      tracker.acquire(index)
      routesSince[index] = since[partition]
      begins[index] = starts.first { $0.partition == partition }?.offset
      confirmed[index] = positions[partition]?[lane.name]??.offset
    }
    noteAssigned()
    return starts
  }

  private func logRestart(_ partition: TopicPartition, from begin: Int64, to committed: Int64?) {
    var metadata: Logger.Metadata = ["topic": "\(partition.topic)", "partition": "\(partition.partition)", "from": "\(begin)"]
    guard let committed else {
      return log.notice("the lane is new here: it begins where no record can have been missed by all lanes", metadata: metadata)
    }
    metadata["to"] = "\(committed)"
    log.notice("the routes have changed: records that were read before are read again", metadata: metadata)
  }

  /// The next record of a partition: behind those handled, or where it began; nil where nobody knows yet.
  func reached(_ index: Int) -> Int64? {
    let handled = tracker.handled(index)
    return handled >= 0 ? handled : begins[index]
  }

  /// An offset to commit, with the note that a later start needs.
  func noted(_ index: Int, next: Int64) -> PartitionOffset {
    let partition = table.entries[index].partition
    if let replay { return PartitionOffset(partition, offset: next, metadata: replay.metadata(index)) }
    let routes = lane.routes(of: partition.topic)
    // A log that was made anew begins before what the last one's commits say.
    let since = min(routesSince[index] ?? .max, tracker.first(index) ?? .max, next)
    return PartitionOffset(
      partition, offset: next, metadata: CommitNote(routes: routes.fingerprint, since: since, lanes: routes.lanes).text)
  }
}
