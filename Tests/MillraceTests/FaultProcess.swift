import Dispatch
import Foundation
import Synchronization

/// The built command as a supervisor runs it: killed at any moment, it is started again until it is told to leave.
final class FaultProcess: FaultMember {
  private let configuration: URL
  private let log: FaultLog
  private let state = Mutex(State())
  private let ended = DispatchSemaphore(value: 0)

  private struct State: Sendable {
    var process: pid_t?
    var isLeaving = false
  }

  /// Built with these tests, and beside them.
  static let millrace = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appendingPathComponent("millrace")

  init(_ configuration: URL, log: FaultLog) {
    self.configuration = configuration
    self.log = log
    let thread = Thread { self.run() }
    thread.start()
  }

  private func run() {
    while true {
      let process = FaultChild.process(Self.millrace, ["run", configuration.path])
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      let isRunning = state.withLock { state -> Bool in
        guard !state.isLeaving, (try? process.run()) != nil else { return false }
        state.process = process.processIdentifier
        log.note("process \(process.processIdentifier) is started")
        return true
      }
      guard isRunning else { break }
      process.waitUntilExit()
      state.withLock { $0.process = nil }
      log.note("process ended: \(process.terminationReason == .exit ? "status" : "signal") \(process.terminationStatus)")
    }
    ended.signal()
  }

  /// Ends the process without a word; another one takes its place.
  func kill() { send(SIGKILL) }

  func stop() {
    state.withLock { $0.isLeaving = true }
    send(SIGTERM)
  }

  func join(_ seconds: Int) -> Bool { ended.wait(timeout: .now() + .seconds(seconds)) == .success }

  private func send(_ signal: Int32) {
    state.withLock { state in
      if let process = state.process { _ = Foundation.kill(process, signal) }
    }
  }
}
