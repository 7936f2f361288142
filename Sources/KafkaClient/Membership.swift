import CRdKafka
import Synchronization

/// Whether a consumer is on its way into a new generation of its group, which librdkafka tells in its debug log and nowhere else.
///
/// Commits must wait for that. The coordinator answers a member's requests one by one, so a commit that is sent behind a request to
/// join is answered when the new generation has begun: it is refused with ILLEGAL_GENERATION, and librdkafka gives up all partitions
/// as lost. A cooperative member keeps its partitions while it joins, so there is something to commit, and a lot to lose. Any thread.
final class Membership: Sendable {
  private let joining = Atomic(false)

  var isJoining: Bool { joining.load(ordering: .acquiring) }

  /// Reads `Group "fraud.bulk" changed join state steady -> init (state up)`.
  func note(_ message: String) {
    guard let arrow = message.ranges(of: " -> ").last else { return }
    let state = message[arrow.upperBound...].prefix { $0 != " " }
    joining.store(Self.statesOfJoining.contains(String(state)), ordering: .releasing)
  }

  static let facility = "CGRPJOINSTATE"

  private static let statesOfJoining: Set<String> = ["init", "wait-join", "wait-metadata", "wait-sync"]
}
