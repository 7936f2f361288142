import Millrace

/// Whether the process is ready, as `/health/ready` tells it: whether each lane can do its work, and what keeps it from that.
struct Readiness {
  /// Each fault in words, with its lane.
  let faults: [String]

  init(of pipeline: Pipeline) {
    var faults: [String] = []
    if !pipeline.isRunning { faults.append("the lanes are starting, draining or ended") }
    for lane in pipeline.lanes {
      guard let status = pipeline.status(of: lane.name) else { continue }
      faults += Self.faults(of: status)
    }
    self.faults = faults
  }

  static func faults(of status: LaneStatus) -> [String] {
    var faults: [String] = []
    if !status.isAssigned { faults.append("no partitions assigned yet") }
    if !status.isConnected {
      // A broker may be down, or refuse the lane's credentials: the error says which.
      faults.append("no broker answers" + (status.health?.lastError.map { "; the last error: \($0)" } ?? ""))
    }
    for topic in status.missingTopics {
      faults.append("topic \(topic) does not exist any more: make it again, or take it out of `topics:`")
    }
    if let reason = status.waits { faults.append("it waits for its model: \(reason)") }
    for stall in status.stalls {
      let what = stall.partition ?? "worker \(stall.worker)"
      faults.append("\(what) has stood still for \(stall.duration.components.seconds) s: \(stall.reason)")
    }
    return faults.map { "lane \(status.name): \($0)" }
  }

  /// Whether there is no fault. Models are loaded before there is a pipeline at all.
  var isReady: Bool { faults.isEmpty }

  var text: String { isReady ? "ready" : faults.joined(separator: "\n") }
}
