import KafkaClient
import Synchronization

/// What the workers of a replay share with each other and with whoever watches them. Any thread.
public final class ReplaySession: Sendable {
  public let name: String
  let fingerprint: String
  /// The lanes whose records the replay's own lane takes along: one read of the log serves all.
  let guests: [Lane]
  /// How many times as fast as the records' timestamps; nil: as fast as it goes.
  let speed: Double?
  let rate: Pacer?
  /// Reached when every range is done, by this process or by others.
  let goal: DrainGoal
  /// By worker, then guest.
  private let guestStatistics: [[WorkerStatistics]]
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

  init(
    _ settings: ReplaySettings, shares: [TopicPartition: ReplayShare], guests: [Lane], workers: Int
  ) {
    name = settings.name
    fingerprint = settings.fingerprint
    self.guests = guests
    switch settings.pace {
    case .unlimited: (speed, rate) = (nil, nil)
    case .rate(let perSecond): (speed, rate) = (nil, Pacer(perSecond: perSecond, from: .now, burst: Int(min(perSecond / 10, 1e9))))
    case .original(let speed): (self.speed, rate) = (speed, nil)
    }
    let state = Shares(shares)
    self.state = state
    goal = DrainGoal(ends: shares.filter { !$0.value.isDone }.mapValues(\.range.to)) { state.advance($0, to: $1) }
    guestStatistics = (0..<workers).map { _ in guests.map { _ in WorkerStatistics() } }
  }

  /// Every partition of the replay and how far it is done, as far as this process knows: its own as acknowledged, others' as committed.
  public var shares: [TopicPartition: ReplayShare] { state.byPartition.withLock { $0 } }

  func goals(of lanes: [Lane]) -> [String: DrainGoal] { Dictionary(uniqueKeysWithValues: lanes.map { ($0.name, goal) }) }

  func statistics(worker: Int) -> [WorkerStatistics] { guestStatistics[worker] }

  /// A guest's figures, by its name.
  func snapshots() -> [String: LaneSnapshot] {
    Dictionary(
      uniqueKeysWithValues: guests.enumerated().map { guest, lane in
        (lane.name, LaneSnapshot(guestStatistics.map { $0[guest] }))
      })
  }
}
