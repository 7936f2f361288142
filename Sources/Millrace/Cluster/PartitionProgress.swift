/// How far one partition is read, of a range that was fixed before. Pure; `PartitionReader` acts on it.
struct PartitionProgress: Equatable, Sendable {
  /// The first offset that is not wanted; where it follows, the first that was not there yet when the reading began.
  let end: Int64
  /// Whether records behind the end are wanted, too.
  let follows: Bool
  /// The next offset to read: what lies before it was handed out, or holds no record.
  private(set) var position: Int64
  /// Whether the log could be read up to here, and no further, when it was looked at last.
  private(set) var isAtLogEnd = false

  /// What becomes of a record that has come.
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

  /// Notes the next record of the partition; there is none between it and the one before.
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

  /// Notes that the log ends: the record that comes next will have this offset.
  /// - Returns: false if it ends before what was read: it is another log.
  mutating func reachLogEnd(_ next: Int64) -> Bool {
    if isDone { return true }
    if next < position { return false }
    position = follows ? next : min(next, end)
    isAtLogEnd = true
    return true
  }
}
