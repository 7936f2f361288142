import Foundation
import KafkaClient
import Logging
import Millrace
import Synchronization

/// What joins the lanes' groups and leaves them.
protocol FaultMember: Sendable {
  func stop()
  /// Whether the member has ended within the time.
  func join(_ seconds: Int) -> Bool
}

/// A pipeline as a supervisor runs it: one that fails is started again until it is told to leave.
final class FaultPipeline: FaultMember {
  private let lanes: [Lane]
  private let log: FaultLog
  private let state = Mutex(State())
  private let ended = DispatchSemaphore(value: 0)

  private struct State {
    var pipeline: Pipeline?
    var isLeaving = false
  }

  init(_ lanes: [Lane], log: FaultLog) {
    self.lanes = lanes
    self.log = log
    Task { await self.run() }
  }

  private func run() async {
    while true {
      let pipeline = state.withLock { state -> Pipeline? in
        if state.isLeaving { return nil }
        let pipeline = Pipeline(lanes, log: log.logger)
        state.pipeline = pipeline
        return pipeline
      }
      guard let pipeline else { break }
      do {
        try await pipeline.run()
      } catch {
        log.note("member failed: \(error)")
        // A supervisor does not start a process again at once either.
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
    ended.signal()
  }

  func stop() {
    state.withLock { state in
      state.isLeaving = true
      state.pipeline?.stop()
    }
  }

  func join(_ seconds: Int) -> Bool { ended.wait(timeout: .now() + .seconds(seconds)) == .success }
}
