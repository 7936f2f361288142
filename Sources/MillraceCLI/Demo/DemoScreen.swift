import Foundation
import Millrace

/// The demo's table of the lanes: redrawn in place on a terminal, plain lines elsewhere.
///
/// @unchecked: the lock guards what the last drawing left.
final class DemoScreen: @unchecked Sendable {
  private let lock = NSLock()
  private let pipeline: Pipeline
  private let isTerminal = isatty(STDOUT_FILENO) == 1
  private var last: [String: LaneSnapshot] = [:]
  private var lastTime = MonotonicTime.now
  private var drawnLines = 0

  init(_ pipeline: Pipeline) { self.pipeline = pipeline }

  func redraw() {
    lock.withLock {
      let now = MonotonicTime.now
      let seconds = max(0.001, Double((now - lastTime).components.seconds) + Double((now - lastTime).components.attoseconds) / 1e18)
      lastTime = now
      let rows = pipeline.lanes.map { lane in row(lane.name, seconds) }
      isTerminal ? drawTable(rows) : printLines(rows)
    }
  }

  private struct Row {
    let lane: String
    let cells: [String]
  }

  private static let titles = ["events/s", "p50 ms", "p99 ms", "batch", "lag", "dead letters", "predicted"]

  private func row(_ lane: String, _ seconds: Double) -> Row {
    let snapshot = pipeline.snapshot(of: lane)
    let before = last[lane]
    last[lane] = snapshot
    let latency = before.map { snapshot.latency.since($0.latency) } ?? snapshot.latency
    let done = snapshot.predicted + snapshot.deadLettered - (before.map { $0.predicted + $0.deadLettered } ?? 0)
    let batches = snapshot.batches - (before?.batches ?? 0)
    let batchRows = snapshot.batchRows - (before?.batchRows ?? 0)
    return Row(
      lane: lane,
      cells: [
        String(Int((Double(done) / seconds).rounded())),
        milliseconds(latency.percentile(0.5)), milliseconds(latency.percentile(0.99)),
        batches == 0 ? "-" : String(format: "%.1f", Double(batchRows) / Double(batches)),
        String(snapshot.lag), String(snapshot.deadLettered), String(snapshot.predicted),
      ])
  }

  private func milliseconds(_ microseconds: Int64) -> String { String(format: "%.1f", Double(microseconds) / 1000) }

  private func drawTable(_ rows: [Row]) {
    if drawnLines > 0 { print("\u{1B}[\(drawnLines)A", terminator: "") }
    let width = max(6, rows.map(\.lane.count).max() ?? 0)
    print("\u{1B}[K" + pad("lane", width) + Self.titles.map { "  " + padLeft($0, 12) }.joined())
    for row in rows {
      print("\u{1B}[K" + pad(row.lane, width) + row.cells.map { "  " + padLeft($0, 12) }.joined())
    }
    drawnLines = rows.count + 1
    fflush(nil)
  }

  private func printLines(_ rows: [Row]) {
    for row in rows {
      print(row.lane + " " + zip(Self.titles, row.cells).map { "\($0): \($1)" }.joined(separator: ", "))
    }
    fflush(nil)
  }

  private func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
  private func padLeft(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
}
