import EventDecoding

/// The rows of the batch that a stage is filling or scoring: which record each is of, and the members of its event.
struct BatchRows: ~Copyable {
  struct Row {
    /// The record's place in the batch's flight.
    let record: Int
    /// Where its event members end in `members`.
    let membersEnd: Int
    /// Whether the record has headers: asked for while the end of the payload, behind which they lie, is still in the cache.
    let hasHeaders: Bool
  }

  private(set) var rows: [Row] = []
  /// The event members of all rows, one behind the other.
  var members = ByteBuffer()
  /// Rows that have no output yet, once scoring has begun.
  private(set) var unscored: [Range<Int>] = []
  private(set) var isBegun = false

  var count: Int { rows.count }
  var unscoredCount: Int { unscored.reduce(0) { $0 + $1.count } }
  var isEmpty: Bool { rows.isEmpty }

  @inline(__always)
  mutating func append(record: Int, hasHeaders: Bool) {
    rows.append(Row(record: record, membersEnd: members.count, hasHeaders: hasHeaders))
  }

  /// Takes back what a record that can't be decoded has written.
  mutating func dropOpenMembers() { members.truncate(to: rows.last?.membersEnd ?? 0) }

  /// The event members of a row.
  @inline(__always)
  func members(of row: Int) -> UnsafeRawBufferPointer {
    let start = row == 0 ? 0 : rows[row - 1].membersEnd
    return UnsafeRawBufferPointer(rebasing: members.bytes[start..<rows[row].membersEnd])
  }

  /// Scoring begins; false if it had begun before.
  mutating func begin() -> Bool {
    if isBegun { return false }
    isBegun = true
    unscored.append(0..<rows.count)
    return true
  }

  /// All but these rows have their outputs.
  mutating func leaveUnscored(_ ranges: [Range<Int>]) {
    unscored.removeAll(keepingCapacity: true)
    unscored.append(contentsOf: ranges)
  }

  mutating func clear() {
    rows.removeAll(keepingCapacity: true)
    members.removeAll()
    unscored.removeAll(keepingCapacity: true)
    isBegun = false
  }
}
