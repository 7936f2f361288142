import Foundation
import KafkaClient

/// Reads what the groups of lanes have committed, this lane's and others': a consumer of a group that never joins may ask.
///
/// Inside the callback of an assignment, on the worker's thread: so it is bounded in time, and ends early when the worker stops.
struct CommitReader {
  let lane: Lane
  /// The worker's own.
  let consumer: KafkaConsumer
  let log: ClientLog
  let isStopping: () -> Bool

  typealias Positions = [TopicPartition: [String: StartRule.Position?]]

  private static let askMs: Int32 = 5_000

  /// The positions that decide where these partitions begin; nil if the worker is told to stop meanwhile.
  /// - Throws: when a coordinator gives no answer for a minute and more. To begin without one might lose records.
  func positions(of partitions: [TopicPartition]) throws(LaneFault) -> Positions? {
    // Offsets that a dead process's transaction may still change are told when it has ended.
    let deadline = MonotonicTime.now + .seconds(60) + lane.clients.transactionTimeout
    var known = Dictionary(uniqueKeysWithValues: partitions.map { ($0, [String: StartRule.Position?]()) })
    while true {
      var questions: [String: [TopicPartition]] = [:]
      for partition in partitions {
        for name in lane.startRule(for: partition.topic).missing(known[partition] ?? [:]) { questions[name, default: []].append(partition) }
      }
      if questions.isEmpty { return known }
      for (name, offsets) in try ask(questions, deadline) ?? [:] {
        for offset in offsets {
          let position = offset.offset < 0 ? nil : StartRule.Position(offset: offset.offset, note: CommitNote.read(offset.metadata))
          known[offset.partition]?.updateValue(position, forKey: name)
        }
      }
      if isStopping() { return nil }
    }
  }

  /// Keeps a beginning within what the log holds: behind its end it must be an older log's, before its start nothing is left. An offset
  /// out of range would go where `auto.offset.reset` says, which may be the end.
  func withinLog(_ offset: Int64, of partition: TopicPartition) throws(LaneFault) -> Int64? {
    let marks = try retrying("the ends of \(partition)", MonotonicTime.now + .seconds(60)) { (timeout) throws(KafkaError) in
      try consumer.watermarks(of: partition, timeoutMs: timeout)
    }
    return marks.map { offset > $0.high ? $0.low : max(offset, $0.low) }
  }

  private func ask(_ questions: [String: [TopicPartition]], _ deadline: MonotonicTime) throws(LaneFault) -> [String: [PartitionOffset]]? {
    // All are made before the first is asked: they find their coordinators at the same time.
    var askers: [String: KafkaConsumer] = [:]
    defer { for asker in askers.values { asker.close() } }
    for name in questions.keys where name != lane.name {
      do throws(KafkaError) {
        askers[name] = try KafkaConsumer(lane.clients.askerProperties(for: name), log: log.write)
      } catch {
        throw LaneFault(lane: lane.name, message: "can't ask for the offsets of lane \(name): \(error)")
      }
    }
    var answers: [String: [PartitionOffset]] = [:]
    for (name, partitions) in questions.sorted(by: { $0.key < $1.key }) {
      let group = lane.clients.groupID(of: name)
      let asker = askers[name] ?? consumer
      answers[name] = try retrying("the offsets of group \(group)", deadline) { (timeout) throws(KafkaError) in
        let offsets = try asker.committed(partitions, timeoutMs: timeout)
        if let error = offsets.lazy.compactMap(\.error).first { throw error }
        return offsets
      }
      if answers[name] == nil { return nil }
    }
    return answers
  }

  /// nil if the worker is told to stop meanwhile.
  private func retrying<Answer>(
    _ what: String, _ deadline: MonotonicTime, _ body: (Int32) throws(KafkaError) -> Answer
  ) throws(LaneFault) -> Answer? {
    while !isStopping() {
      do throws(KafkaError) {
        return try body(Self.askMs)
      } catch {
        if error.isFatal || Self.permanent.contains(error.code) || MonotonicTime.now >= deadline {
          throw LaneFault(
            lane: lane.name, message: "can't read \(what), and to begin without them might lose records: \(error)")
        }
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
    return nil
  }

  private static let permanent: Set<KafkaError.Code> = [.groupAuthorizationFailed, .topicAuthorizationFailed, .authentication]
}
