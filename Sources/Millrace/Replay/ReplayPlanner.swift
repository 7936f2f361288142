import KafkaClient
import Logging

/// Finds or makes the plan of a replay: the range of each partition, kept as the metadata of the replay group's committed offsets.
///
/// It is made by a client that is no member of the group, before anyone joins. Kafka takes such a commit only while the group is
/// empty, so nobody can change the plan of a replay that runs.
struct ReplayPlanner {
  let group: String
  let fingerprint: String
  let kafka: KafkaProperties
  let log: ClientLog

  private static let timeoutMs: Int32 = 30_000

  enum State {
    case new
    case begun([TopicPartition: ReplayShare])
  }

  /// - Throws: `ReplayFault` where the name was begun with other arguments.
  func state(of partitions: [TopicPartition]) throws -> State {
    let consumer = try makeConsumer()
    defer { consumer.close() }
    return try state(of: partitions, by: consumer)
  }

  /// Keeps a plan, or takes the one that another process kept a moment earlier.
  /// - Parameter restarting: replaces what there is.
  func keep(_ ranges: [TopicPartition: ReplayRange], restarting: Bool) throws -> [TopicPartition: ReplayShare] {
    let offsets = ranges.map { partition, range in
      PartitionOffset(partition, offset: range.from, metadata: range.metadata(fingerprint: fingerprint))
    }
    let consumer = try makeConsumer()
    defer { consumer.close() }
    // Waits until the coordinator is known; a commit doesn't.
    let before = try consumer.committed(Array(ranges.keys), timeoutMs: Self.timeoutMs)
    if let error = before.lazy.compactMap(\.error).first { throw error }
    if let refusal = try commit(offsets, by: consumer) {
      if restarting {
        try commitAsMember(offsets)
      } else if case .begun(let shares) = try state(of: Array(ranges.keys), by: consumer) {
        return shares
      } else {
        throw refusal
      }
    }
    return ranges.mapValues { ReplayShare($0, committed: $0.from) }
  }

  /// A broker that refuses strangers in a group that is empty, as librdkafka's does once someone has joined, takes a member's word.
  private func commitAsMember(_ offsets: [PartitionOffset]) throws {
    let busy = ReplayFault("other processes replay under this name: stop them first, or choose another --name")
    let consumer = try makeConsumer()
    defer { consumer.close() }
    var mine: Set<TopicPartition> = []
    consumer.onRebalance = { _, change in
      guard case .assigned(let assigned) = change else { return nil }
      mine.formUnion(assigned.map(\.partition))
      return assigned.map { PartitionOffset($0.partition, offset: PartitionOffset.end) }
    }
    let wanted = Set(offsets.map(\.partition))
    try consumer.subscribe(to: Set(wanted.map(\.topic)).sorted())
    let deadline = MonotonicTime.now + .milliseconds(Int(Self.timeoutMs))
    while mine.isEmpty && MonotonicTime.now < deadline {
      withUnsafeTemporaryAllocation(of: KafkaRecord.self, capacity: 1) { buffer in
        for record in buffer[..<consumer.poll(into: buffer, timeoutMs: 100)] { record.destroy() }
      }
    }
    guard wanted.isSubset(of: mine) else { throw busy }
    try consumer.commit(offsets)
  }

  private func state(of partitions: [TopicPartition], by consumer: KafkaConsumer) throws -> State {
    var shares: [TopicPartition: ReplayShare] = [:]
    for offset in try consumer.committed(partitions, timeoutMs: Self.timeoutMs) {
      if let error = offset.error { throw error }
      guard let metadata = offset.metadata, let (range, begunWith) = ReplayRange.parse(metadata) else { continue }
      guard begunWith == fingerprint else {
        throw ReplayFault(
          "a replay of this name was begun with another range, filter, model, output or other topics, partitions or lanes: "
            + "repeat its arguments, choose another --name, or begin again with --restart", isUsage: true)
      }
      shares[offset.partition] = ReplayShare(range, committed: offset.offset)
    }
    return shares.isEmpty ? .new : .begun(shares)
  }

  private func makeConsumer() throws(KafkaError) -> KafkaConsumer {
    var properties = kafka
    properties["group.id"] = group
    properties["enable.auto.commit"] = "false"
    properties["partition.assignment.strategy"] = "cooperative-sticky"
    properties["group.instance.id"] = nil
    return try KafkaConsumer(properties, log: log.write)
  }

  /// Returns the error with which a group that has members refuses a stranger.
  private func commit(_ offsets: [PartitionOffset], by consumer: KafkaConsumer) throws(KafkaError) -> KafkaError? {
    do throws(KafkaError) {
      try consumer.commit(offsets)
      return nil
    } catch {
      let refusals: [KafkaError.Code] = [.unknownMember, .illegalGeneration, .rebalanceInProgress]
      if refusals.contains(error.code) { return error }
      throw error
    }
  }
}

/// Why a replay can't begin.
package struct ReplayFault: Error, Sendable, CustomStringConvertible {
  package let description: String
  /// The command line asks for what can't be, rather than something having gone wrong.
  package let isUsage: Bool

  init(_ description: String, isUsage: Bool = false) {
    self.description = description
    self.isUsage = isUsage
  }
}
