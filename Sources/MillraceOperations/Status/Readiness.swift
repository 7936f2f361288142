import Millrace

/// Whether the process does what it is there for, and what keeps it from that.
struct Readiness {
  /// One a fault, with its lane.
  let faults: [String]

  init(of pipeline: Pipeline) {
    var faults: [String] = []
    if !pipeline.isRunning { faults.append("the lanes are starting, draining or ended") }
    for lane in pipeline.lanes {
      guard let status = pipeline.status(of: lane.name) else { continue }
      if !status.isAssigned { faults.append("lane \(lane.name): no partitions assigned yet") }
      if !status.isConnected { faults.append("lane \(lane.name): no broker answers") }
      if let reason = status.waits { faults.append("lane \(lane.name): it waits for its model: \(reason)") }
      for stall in status.stalls {
        let what = stall.partition ?? "worker \(stall.worker)"
        faults.append("lane \(lane.name): \(what) has stood still for \(stall.duration.components.seconds) s: \(stall.reason)")
      }
    }
    self.faults = faults
  }

  /// Models are loaded before there is a pipeline at all.
  var isReady: Bool { faults.isEmpty }

  var text: String { isReady ? "ready" : faults.joined(separator: "\n") }
}
