import CRdKafka
import Synchronization

/// Tells whether a consumer is on its way into a new generation of its group, which librdkafka says in its debug log and nowhere else.
///
/// Commits must wait for that. The coordinator answers a member's requests one by one, so a commit that is sent behind a request to join is
/// answered when the new generation has begun: it is refused with ILLEGAL_GENERATION, and librdkafka gives up all partitions as lost. A
/// cooperative member keeps its partitions while it joins, so there is something to commit, and a lot to lose. Any thread.
final class Membership: Sendable {
  private enum State: Int {
    /// No member of the group, or about to join.
    case outside
    case joining
    /// Joined, or in a callback that takes or gives back partitions.
    case inside
  }

  private let state = Atomic(State.outside.rawValue)
  /// Whether the group has ever been joined, or tried.
  private let hasBegun = Atomic(false)

  var isJoining: Bool { hasBegun.load(ordering: .acquiring) && state.load(ordering: .acquiring) != State.inside.rawValue }
  /// Whether no request to join is under way, and no callback.
  var isOutside: Bool { state.load(ordering: .acquiring) == State.outside.rawValue }

  /// Takes a line of the debug log, such as `Group "fraud.bulk" changed join state steady -> init (state up)`.
  func note(_ message: String) {
    guard let arrow = message.ranges(of: " -> ").last else { return }
    let name = message[arrow.upperBound...].prefix { $0 != " " }
    let state: State = name == "init" ? .outside : Self.joining.contains(String(name)) ? .joining : .inside
    self.state.store(state.rawValue, ordering: .releasing)
    hasBegun.store(true, ordering: .releasing)
  }

  static let facility = "CGRPJOINSTATE"

  private static let joining: Set<String> = ["wait-join", "wait-metadata", "wait-sync"]
}
