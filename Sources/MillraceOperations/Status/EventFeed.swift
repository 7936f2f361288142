import Foundation
import Millrace
import NIOCore
import Synchronization

/// Sends every open dashboard the same event once a second, made once. A client that doesn't keep up misses events and holds
/// nothing up.
final class EventFeed: Sendable {
  private struct State {
    var watchers: [Int: AsyncStream<ByteBuffer>.Continuation] = [:]
    var nextID = 0
    var isFinished = false
    /// The figures of the last minutes, as JSON, for charts that have just been opened.
    var history: [String] = []
    var latest = ""
    var before: [String: LaneSnapshot] = [:]
    var beforeTime: MonotonicTime?
  }

  /// How many seconds the charts show.
  static let historyLength = 180
  private let pipeline: Pipeline
  private let state = Mutex(State())

  init(_ pipeline: Pipeline) { self.pipeline = pipeline }

  /// Adds a dashboard.
  /// - Returns: its events; nil if there are as many dashboards as there may be, or the process ends.
  func subscribe(upTo limit: Int) -> AsyncStream<ByteBuffer>? {
    let (events, continuation) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .bufferingNewest(2))
    let id = state.withLock { state -> Int? in
      guard state.watchers.count < limit, !state.isFinished else { return nil }
      state.nextID += 1
      state.watchers[state.nextID] = continuation
      continuation.yield(Self.event("history", "[" + state.history.joined(separator: ",") + "]"))
      if !state.latest.isEmpty { continuation.yield(Self.event("tick", state.latest)) }
      return state.nextID
    }
    guard let id else { return nil }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { state in state.watchers[id] = nil }
    }
    return events
  }

  var watcherCount: Int { state.withLock { $0.watchers.count } }

  /// Ticks until the task is cancelled, then ends every stream.
  func run() async {
    while !Task.isCancelled {
      tick()
      try? await Task.sleep(for: .seconds(1))
    }
    finish()
  }

  func finish() {
    let watchers = state.withLock { state in
      state.isFinished = true
      defer { state.watchers = [:] }
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.finish() }
  }

  func tick(at now: MonotonicTime = .now) {
    let readings = LaneReading.all(of: pipeline)
    let isDraining = !pipeline.isRunning
    let watchers = state.withLock { state -> (event: ByteBuffer, all: [AsyncStream<ByteBuffer>.Continuation]) in
      let elapsed = state.beforeTime.map { now - $0 } ?? .seconds(1)
      let seconds = max(0.001, Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
      let ticks = readings.map { LaneTick($0, since: state.before[$0.lane.name] ?? $0.snapshot, seconds: seconds) }
      state.beforeTime = now
      for reading in readings { state.before[reading.lane.name] = reading.snapshot }
      let figures = JSONValue.array(ticks.map(\.figures)).text
      if state.history.count == Self.historyLength { state.history.removeFirst() }
      state.history.append(figures)
      let states = JSONValue.array(ticks.map(\.state)).text
      state.latest = "{\"draining\":\(isDraining),\"figures\":\(figures),\"lanes\":\(states)}"
      return (Self.event("tick", state.latest), Array(state.watchers.values))
    }
    for watcher in watchers.all { watcher.yield(watchers.event) }
  }

  /// An event of the stream. JSON holds no line feed, so its data is one line.
  private static func event(_ name: String, _ data: String) -> ByteBuffer {
    ByteBuffer(string: "event: \(name)\ndata: \(data)\n\n")
  }
}
