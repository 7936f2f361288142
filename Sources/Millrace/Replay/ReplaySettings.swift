import KafkaClient

/// What `millrace replay` is asked to do.
public struct ReplaySettings: Sendable {
  /// How fast records are read, beside what the model and the brokers allow.
  public enum Pace: Sendable {
    case unlimited
    /// Records a second, of this process.
    case rate(Double)
    /// The spacing that the records' timestamps have, this many times as fast.
    case original(speed: Double)
  }

  /// Part of the group's name, and the value of the header `millrace-replay`.
  public var name: String
  /// Only these; empty: every topic that a lane reads.
  public var topics: [String] = []
  public var from: (text: String, bound: ReplayBound) = ("earliest", .earliest)
  public var to: (text: String, bound: ReplayBound) = ("latest", .latest)
  /// nil: all.
  public var partitions: PartitionSelection?
  /// Only these lanes' records; empty: all.
  public var lanes: [String] = []
  /// A condition; records for which it doesn't hold are read and passed over.
  public var filter: String?
  /// Scores in place of every lane's own.
  public var model: String?
  /// nil: `<publish topic>.replay.<name>`.
  public var output: String?
  /// Allows the live topics as outputs.
  public var intoLive = false
  public var pace = Pace.unlimited

  public init(name: String) { self.name = name }

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
public struct PartitionSelection: Hashable, Sendable, CustomStringConvertible {
  private let ranges: [ClosedRange<Int32>]
  public let description: String

  public init?(_ text: String) {
    var ranges: [ClosedRange<Int32>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let match = part.wholeMatch(of: /([0-9]+)(?:-([0-9]+))?/), let first = Int32(match.1) else { return nil }
      guard let last = match.2.map({ Int32($0) }) ?? first, first <= last else { return nil }
      ranges.append(first...last)
    }
    self.ranges = ranges
    description = text
  }

  public func contains(_ partition: Int32) -> Bool { ranges.contains { $0.contains(partition) } }
}
