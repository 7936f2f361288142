import KafkaClient
import Logging

/// What a pipeline asks its cluster.
extension Pipeline {
  /// Checks that the cluster answers and has the topics that the lanes read and write.
  /// - Throws: `ClusterFault`.
  public func checkCluster() throws {
    for check in ClusterCheck.each(of: lanes, log: ClientLog(log)) { try check.requireTopics() }
  }

  /// Asks the cluster what must be known before the lanes start, with one client for each set of properties that lanes have.
  func askCluster() throws(ClusterFault) -> ClusterCheck.Answers {
    var answers = ClusterCheck.Answers()
    for check in ClusterCheck.each(of: lanes, log: ClientLog(log)) {
      let more = try check.answers(followsTopics: replay == nil, untilDrained: untilDrained, knowsLimits: limits != nil)
      answers.goals.merge(more.goals) { $1 }
      answers.limits.merge(more.limits)
    }
    if let replay { answers.goals = replay.goals(of: lanes) }
    if let limits { answers.limits = limits }
    return answers
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
