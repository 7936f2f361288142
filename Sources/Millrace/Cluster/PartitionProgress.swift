/// How far one partition is read, of a range that was fixed before. Pure; `PartitionReader` acts on it.
struct PartitionProgress: Equatable, Sendable {
  /// The first offset that is not wanted; where it follows, the first that was not there yet when the reading began.
  let end: Int64
  /// Records behind the end are wanted, too.
  let follows: Bool
  /// The next offset to read: what lies before it was handed out, or holds no record.
  private(set) var position: Int64
  /// Whether the log could be read up to here, and no further, when it was looked at last.
  private(set) var isAtLogEnd = false

  enum Verdict: Equatable {
    /// It is the caller's.
    case wanted
    /// It lies behind the end.
    case beyond
    /// It lies before what was read: the log is not the one that the range was fixed for.
    case replaced
  }

  init(_ range: Range<Int64>, follows: Bool = false) {
    position = range.lowerBound
    end = range.upperBound
    self.follows = follows
  }

  var hasReachedEnd: Bool { position >= end }
  /// Whether nothing more is wanted.
  var isDone: Bool { hasReachedEnd && !follows }

  /// The next record of the partition has this offset; there is none between it and the one before.
  mutating func take(_ offset: Int64) -> Verdict {
    if isDone { return .beyond }
    if offset < position { return .replaced }
    isAtLogEnd = false
    if offset >= end && !follows {
      position = end
      return .beyond
    }
    position = offset + 1
    return .wanted
  }

  /// There is nothing to read before this offset, and the record that comes next will have it.
  /// - Returns: false if the log ends before what was read: it is another one.
  mutating func reachLogEnd(_ next: Int64) -> Bool {
    if isDone { return true }
    if next < position { return false }
    position = follows ? next : min(next, end)
    isAtLogEnd = true
    return true
  }
}
