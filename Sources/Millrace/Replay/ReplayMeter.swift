import Foundation
import KafkaClient

/// A replay's progress in words: done, total, records a second, time left, and the partition that is furthest behind.
/// Pure: the caller says how much there is and what time it is.
package struct ReplayMeter {
  private var last: (read: Int, at: Double)?
  /// Smoothed, in records and in offsets a second.
  private var rate = 0.0
  private var lastDone: Int64?
  private var doneRate = 0.0
  private var share = 0.0

  package init() {}

  /// - Parameters:
  ///   - shares: by partition, sorted.
  ///   - read: records that this process has read.
  ///   - seconds: since the start.
  package mutating func line(_ shares: [(key: TopicPartition, value: ReplayShare)], read: Int, at seconds: Double) -> String {
    let total = shares.reduce(0) { $0 + $1.value.range.count }
    let left = shares.reduce(0) { $0 + $1.value.left }
    let done = total - left
    share = total == 0 ? 1 : Double(done) / Double(total)
    note(read, done, seconds)
    var parts = ["\(done) of \(total)", "\(Int(share * 100))%", "\(Int(rate.rounded()))/s"]
    if left > 0 { parts.append(doneRate > 0 ? "\(Self.time(Double(left) / doneRate)) left" : "time left unknown") }
    let behind = shares.filter { !$0.value.isDone }.min { Self.part($0.value) < Self.part($1.value) }
    if let behind, shares.count > 1 { parts.append("least: \(behind.key) at \(Int(Self.part(behind.value) * 100))%") }
    return parts.joined(separator: ", ")
  }

  /// What the last line said, as a bar.
  package func bar(width: Int) -> String {
    let full = Int(share * Double(width))
    return "[" + String(repeating: "=", count: full) + String(repeating: " ", count: width - full) + "]"
  }

  private mutating func note(_ read: Int, _ done: Int64, _ seconds: Double) {
    if let last, let lastDone, seconds > last.at {
      let weight = rate == 0 ? 1 : min(1, (seconds - last.at) / 5)
      rate += (Double(read - last.read) / (seconds - last.at) - rate) * weight
      doneRate += (Double(done - lastDone) / (seconds - last.at) - doneRate) * weight
    }
    last = (read, seconds)
    lastDone = done
  }

  private static func part(_ share: ReplayShare) -> Double {
    share.range.count == 0 ? 1 : Double(share.next - share.range.from) / Double(share.range.count)
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e8).rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
