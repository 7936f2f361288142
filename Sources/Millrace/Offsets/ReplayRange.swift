/// What a replay reads of one partition: the records from `from` on and before `to`. Fixed when the replay begins, and kept as the
/// metadata of its committed offsets, so that whoever goes on with it ends at the same place.
package struct ReplayRange: Hashable, Sendable {
  package let from: Int64
  package let to: Int64

  package init(from: Int64, to: Int64) {
    self.from = from
    self.to = max(from, to)
  }

  /// Offsets in the range; at least as many as it has records.
  package var count: Int64 { to - from }

  private static let prefix = "millrace-replay/1 "

  /// - Parameter fingerprint: of what was asked for; see `ReplaySettings.fingerprint`.
  func metadata(fingerprint: String) -> String { "\(Self.prefix)from=\(from) to=\(to) of=\(fingerprint)" }

  /// nil for metadata that is no replay's.
  static func parse(_ metadata: String) -> (range: ReplayRange, fingerprint: String)? {
    guard let match = metadata.wholeMatch(of: #/millrace-replay\/1 from=([0-9]+) to=([0-9]+) of=([0-9a-f]+)/#),
      let from = Int64(match.1), let to = Int64(match.2), from <= to
    else { return nil }
    return (ReplayRange(from: from, to: to), String(match.3))
  }
}

/// A range, and how far it is done.
package struct ReplayShare: Hashable, Sendable {
  package let range: ReplayRange
  /// The next offset to read: everything of the range before it has its output.
  package internal(set) var next: Int64

  init(_ range: ReplayRange, committed: Int64) {
    self.range = range
    next = min(max(committed, range.from), range.to)
  }

  package var isDone: Bool { next >= range.to }
  package var left: Int64 { range.to - next }
}
