import Synchronization

/// Where a lane's workers wait for each other when they stop. The first to leave its group starts a rebalance, in which the
/// group takes no commit of the others: so each commits, and all leave then. Any thread.
final class LaneDeparture: Sendable {
  private let uncommitted: Atomic<Int>

  init(workers: Int) { uncommitted = Atomic(workers) }

  /// One worker more has nothing left to commit.
  func arrive() { uncommitted.subtract(1, ordering: .acquiringAndReleasing) }

  var isComplete: Bool { uncommitted.load(ordering: .acquiring) <= 0 }
}
