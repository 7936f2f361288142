import KafkaClient

/// How many records a transaction may take. One thread.
///
/// As many as come in its interval, until one is aborted and nothing explains it: then half as many as that one had, down to a single
/// record, and twice as many after each commit. So whatever stands beside a record that can't be written is committed, and the record is
/// found.
struct TransactionSize {
  /// So many transactions of one record may be aborted in a row before the lane ends.
  static let maxAborts = 10

  private var limit = Int.max
  /// Records of the transaction that is open, or was last.
  private(set) var taken = 0
  private var isClosed = false
  private var last: (partition: TopicPartition, offset: Int64)?
  private var abortsOfOne = 0

  /// Whether it has to end before it takes another record.
  var isFull: Bool { isClosed || taken >= limit }

  mutating func begin() {
    taken = 0
    isClosed = false
  }

  @inline(__always)
  mutating func take(_ record: KafkaRecord) {
    taken += 1
    if limit < .max { last = (record.topicPartition, record.offset) }
  }

  /// It takes no more.
  mutating func close() { isClosed = true }

  mutating func committed() {
    abortsOfOne = 0
    limit = limit > Self.unlimited ? .max : limit * 2
  }

  /// It was aborted, and nothing that is known about its records will be different the next time.
  mutating func aborted() {
    if taken <= 1 { abortsOfOne += 1 }
    limit = max(1, min(limit, taken) / 2)
  }

  /// The record that was last in a transaction of its own, where too many of those were aborted.
  var hopeless: String? {
    guard abortsOfOne >= Self.maxAborts else { return nil }
    return last.map { "\($0.partition)/\($0.offset)" } ?? "unknown"
  }

  /// From here on the interval alone ends a transaction.
  private static let unlimited = 1 << 16
}

extension TransactionSize: CustomStringConvertible {
  /// `at most 12 records`, for logs.
  var description: String {
    limit == .max ? "as many records as come in its interval" : "at most \(limit) \(limit == 1 ? "record" : "records")"
  }
}
