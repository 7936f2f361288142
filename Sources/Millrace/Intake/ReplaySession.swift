import KafkaClient
import Synchronization

/// What the workers of a replay share with each other and with whoever watches them. Any thread.
package final class ReplaySession: Sendable {
  package let name: String
  let fingerprint: String
  /// The lanes whose records the replay's own lane takes along: one read of the log serves all.
  let otherLanes: [Lane]
  /// How many times as fast as the records' timestamps; nil: as fast as it goes.
  let speed: Double?
  let rate: Pacer?
  /// Reached when every range is done, by this process or by others.
  let goal: DrainGoal
  /// By worker, then by the place in `otherLanes`.
  private let statisticsOfOthers: [[WorkerStatistics]]
  private let state: Shares

  private final class Shares: Sendable {
    let byPartition: Mutex<[TopicPartition: ReplayShare]>

    init(_ shares: [TopicPartition: ReplayShare]) { byPartition = Mutex(shares) }

    func advance(_ partition: TopicPartition, to next: Int64) {
      byPartition.withLock { shares in
        guard let share = shares[partition] else { return }
        shares[partition]?.next = min(max(share.next, next), share.range.to)
      }
    }
  }

  /// - Parameters:
  ///   - fingerprint: of what was asked for; ranges that were kept under another one are not this replay's.
  ///   - recordsPerSecond: of this process; nil: as fast as it goes.
  init(
    name: String, fingerprint: String, speed: Double? = nil, recordsPerSecond: Double? = nil, shares: [TopicPartition: ReplayShare],
    otherLanes: [Lane], workers: Int
  ) {
    self.name = name
    self.fingerprint = fingerprint
    self.otherLanes = otherLanes
    self.speed = speed
    rate = recordsPerSecond.map { Pacer(perSecond: $0, from: .now, burst: Int(min($0 / 10, 1e9))) }
    let state = Shares(shares)
    self.state = state
    goal = DrainGoal(ends: shares.filter { !$0.value.isDone }.mapValues(\.range.to)) { state.advance($0, to: $1) }
    statisticsOfOthers = (0..<workers).map { _ in otherLanes.map { _ in WorkerStatistics() } }
  }

  /// Every partition of the replay and how far it is done, as far as this process knows: its own as acknowledged, others' as committed.
  package var shares: [TopicPartition: ReplayShare] { state.byPartition.withLock { $0 } }

  func goals(of lanes: [Lane]) -> [String: DrainGoal] { Dictionary(uniqueKeysWithValues: lanes.map { ($0.name, goal) }) }

  func statistics(worker: Int) -> [WorkerStatistics] { statisticsOfOthers[worker] }

  /// The figures of the other lanes, by their names.
  func snapshots() -> [String: LaneSnapshot] {
    Dictionary(
      uniqueKeysWithValues: otherLanes.enumerated().map { place, lane in
        (lane.name, LaneSnapshot(statisticsOfOthers.map { $0[place] }))
      })
  }
}
