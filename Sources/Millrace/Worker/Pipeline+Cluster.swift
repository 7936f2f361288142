import KafkaClient
import Logging

/// What a pipeline asks its cluster.
extension Pipeline {
  /// Checks that the cluster answers and has the topics that the lanes read and write.
  /// - Throws: `ClusterFault`.
  public func checkCluster() throws {
    for check in ClusterCheck.each(of: lanes, log: ClientLog(log)) { try check.requireTopics() }
  }

  /// Asks the cluster what must be known before the lanes start: for each that runs until drained, where that is.
  func askForGoals() throws(ClusterFault) -> [String: DrainGoal] {
    var goals: [String: DrainGoal] = [:]
    for check in ClusterCheck.each(of: lanes, log: ClientLog(log)) {
      goals.merge(try check.goals(untilDrained: untilDrained)) { $1 }
    }
    return goals
  }

  /// Checks that the topics are there that the lanes write, and asks how large their records may be.
  func askForLimits() throws(ClusterFault) -> OutputLimits {
    if let limits { return limits }
    var limits = OutputLimits.unknown
    for check in ClusterCheck.each(of: lanes, log: ClientLog(log)) { limits.merge(try check.outputLimits()) }
    return limits
  }

  /// Counts what other members of the lane's group have committed under the same routes.
  /// A replay's lane has a group of its own, whose commits carry its ranges and not the routes.
  func lookForCommits(of lane: Lane, _ goal: DrainGoal) {
    let open = goal.open
    var properties = lane.clients.askerProperties(for: lane.name)
    properties["group.id"] = lane.groupID
    var log = log
    log[metadataKey: "lane"] = "\(lane.name)"
    guard !open.isEmpty, let asker = try? KafkaConsumer(properties, log: ClientLog(log).write) else { return }
    defer { asker.close() }
    for offset in (try? asker.committed(open, timeoutMs: 2_000)) ?? [] where offset.offset >= 0 {
      // A commit under other routes doesn't count: its partition may be read again.
      if replay == nil {
        let routes = lane.decoding.routes(of: offset.partition.topic)
        guard case .note(let note) = CommitNote.read(offset.metadata), note.routes == routes.fingerprint else { continue }
      }
      goal.handled(offset.partition, next: offset.offset)
    }
  }
}
