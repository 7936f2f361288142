import Logging
import Synchronization

/// Looks at the workers' pulses from outside their threads, and knows which lanes stand still and why. Any thread.
final class Watchdog: Sendable {
  private struct State {
    var detectors: [String: [StallDetector]]
    var health: [LaneHealth] = []
    /// What was last said of each lane's stalls: partition and reason.
    var said: [String: [String: String]] = [:]
  }

  private let pulses: [(lane: String, workers: [WorkerPulse])]
  private let log: Logger
  private let state: Mutex<State>
  let interval: Duration

  init(_ lanes: [Lane], _ statistics: [String: [WorkerStatistics]], stallTimeout: Duration, log: Logger) {
    pulses = lanes.map { lane in (lane.name, (statistics[lane.name] ?? []).map(\.pulse)) }
    self.log = log
    interval = max(.milliseconds(10), min(.seconds(1), stallTimeout / 4))
    let detectors = lanes.map { lane in
      (
        lane.name,
        (0..<lane.workers).map { StallDetector(worker: $0, stallTimeout: stallTimeout, commitInterval: lane.delivery.commitInterval) }
      )
    }
    state = Mutex(State(detectors: Dictionary(detectors, uniquingKeysWith: { first, _ in first })))
    look(at: .now)
  }

  var health: [LaneHealth] { state.withLock(\.health) }

  /// Takes the pulses, and logs what has changed since the last time.
  func look(at now: MonotonicTime) {
    state.withLock { state in
      state.health = pulses.map { lane, workers in
        let pulses = workers.map(\.state)
        let stalls = pulses.enumerated().flatMap { index, pulse in state.detectors[lane]?[index].stalls(pulse, at: now) ?? [] }
        say(stalls, of: lane, before: &state.said[lane, default: [:]])
        return LaneHealth(
          lane: lane, isAssigned: pulses.allSatisfy(\.isAssigned), isConnected: pulses.allSatisfy(\.isConnected),
          partitions: pulses.reduce(0) { $0 + $1.progress.count }, stalls: stalls, waits: pulses.lazy.compactMap(\.hold).first,
          missingTopics: pulses.reduce(into: Set()) { $0.formUnion($1.missingTopics) }.sorted(),
          lastError: pulses.lazy.compactMap { $0.produceError ?? $0.commitError ?? $0.readError }.first)
      }
    }
  }

  /// What the workers have not finished, for people; empty where they have ended.
  func unfinished(at now: MonotonicTime) -> String {
    pulses.flatMap { lane, workers in
      workers.enumerated().compactMap { index, worker -> String? in
        let state = worker.state
        if state.activity == .ended { return nil }
        let open = state.progress.filter { $0.handled ?? -1 > $0.committed ?? -1 }.map(\.partition).sorted()
        let running = (now - state.since).components.seconds
        let doing =
          switch state.activity {
          case .scoring: "a call of the model has been running for \(running) s"
          case .starting: "still finding out where to begin"
          case .closing: "leaving its group for \(running) s"
          default: "\(state.unacknowledged) records are not acknowledged\(state.produceError.map { " (\($0))" } ?? "")"
          }
        return "lane \(lane), worker \(index): \(doing)"
          + (open.isEmpty ? "" : "; not committed: \(open.prefix(8).joined(separator: ", "))\(open.count > 8 ? ", …" : "")")
      }
    }.joined(separator: "; ")
  }

  private func say(_ stalls: [Stall], of lane: String, before: inout [String: String]) {
    var said: [String: String] = [:]
    for stall in stalls {
      let place = stall.partition ?? "worker \(stall.worker)"
      said[place] = stall.reason.name
      if before[place] == stall.reason.name { continue }
      log.warning(
        "nothing moves",
        metadata: [
          "lane": "\(lane)", "worker": "\(stall.worker)", "partition": "\(stall.partition ?? "-")", "lag": "\(stall.lag)",
          "seconds": "\(stall.duration.components.seconds)", "reason": "\(stall.reason)",
        ])
    }
    for place in before.keys.sorted() where said[place] == nil {
      log.notice("moves again", metadata: ["lane": "\(lane)", "partition": "\(place)"])
    }
    before = said
  }
}
