import KafkaClient
import Texts

/// What `millrace replay` is asked to do.
package struct ReplaySettings: Sendable {
  /// How fast records are read, beside what the model and the brokers allow.
  package enum Pace: Sendable {
    case unlimited
    /// Records a second, of this process.
    case rate(Double)
    /// The spacing that the records' timestamps have, this many times as fast.
    case original(speed: Double)
  }

  /// Part of the group's name, and the value of the header `millrace-replay`.
  package var name: String
  /// Only these; empty: every topic that a lane reads.
  package var topics: [String] = []
  package var from: (text: String, bound: ReplayBound) = ("earliest", .earliest)
  package var to: (text: String, bound: ReplayBound) = ("latest", .latest)
  /// nil: all.
  package var partitions: PartitionSelection?
  /// Only these lanes' records; empty: all.
  package var lanes: [String] = []
  /// A condition; records for which it doesn't hold are read and passed over.
  package var filter: String?
  /// Scores in place of every lane's own.
  package var model: String?
  /// nil: `<publish topic>.replay.<name>`.
  package var output: String?
  /// Allows the live topics as outputs.
  package var intoLive = false
  package var pace = Pace.unlimited

  package init(name: String) { self.name = name }

  /// Identifies what a name was begun with: whoever goes on with it must ask for the same. The pace is free to change.
  var fingerprint: String {
    let parts: [String] =
      [from.text, to.text, partitions?.description ?? "*", filter ?? "", model ?? "", output ?? "", intoLive ? "live" : ""]
      + ["topics"] + topics.sorted() + ["lanes"] + lanes.sorted()
    var hash = StableHash()
    hash.add(parts.joined(separator: "\u{0}").utf8)
    return String(hash.value, radix: 16)
  }
}

extension ReplaySession {
  convenience init(_ settings: ReplaySettings, shares: [TopicPartition: ReplayShare], otherLanes: [Lane], workers: Int) {
    let (speed, rate): (Double?, Double?) =
      switch settings.pace {
      case .unlimited: (nil, nil)
      case .rate(let perSecond): (nil, perSecond)
      case .original(let speed): (speed, nil)
      }
    self.init(
      name: settings.name, fingerprint: settings.fingerprint, speed: speed, recordsPerSecond: rate, shares: shares, otherLanes: otherLanes,
      workers: workers)
  }
}

/// Partition numbers: `0,2-5`.
package struct PartitionSelection: Hashable, Sendable, CustomStringConvertible {
  private let ranges: [ClosedRange<Int32>]
  package let description: String

  package init?(_ text: String) {
    var ranges: [ClosedRange<Int32>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let match = part.wholeMatch(of: /([0-9]+)(?:-([0-9]+))?/), let first = Int32(match.1) else { return nil }
      guard let last = match.2.map({ Int32($0) }) ?? first, first <= last else { return nil }
      ranges.append(first...last)
    }
    self.ranges = ranges
    description = text
  }

  package func contains(_ partition: Int32) -> Bool { ranges.contains { $0.contains(partition) } }
}
