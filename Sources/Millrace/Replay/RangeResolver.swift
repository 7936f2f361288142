import KafkaClient

/// What must be asked of a cluster to know where a range begins and ends. A protocol because an embedded broker can't look up by
/// time, so that tests answer for it.
protocol OffsetLookup {
  func watermarks(of partition: TopicPartition) throws(KafkaError) -> Watermarks
  /// For each partition the first offset whose record is of that time or later; nil where there is none.
  func offsets(at timeMs: Int64, of partitions: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Int64]
}

/// Turns what the user asked for into offsets, once, when a replay begins.
///
/// A time stands for the first offset whose record is that old or younger: a record with an earlier timestamp behind it is in the range,
/// too. A bound outside what a partition holds is moved to its nearer end.
struct RangeResolver {
  let from: ReplayBound
  let to: ReplayBound

  func ranges(of partitions: [TopicPartition], by lookup: some OffsetLookup) throws(KafkaError) -> [TopicPartition: ReplayRange] {
    let starts = try times(from, partitions, lookup)
    let ends = try times(to, partitions, lookup)
    var ranges: [TopicPartition: ReplayRange] = [:]
    for partition in partitions {
      let marks = try lookup.watermarks(of: partition)
      let from = offset(from, marks, starts[partition])
      ranges[partition] = ReplayRange(from: from, to: max(from, offset(to, marks, ends[partition])))
    }
    return ranges
  }

  private func times(
    _ bound: ReplayBound, _ partitions: [TopicPartition], _ lookup: some OffsetLookup
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    guard case .time(let milliseconds) = bound else { return [:] }
    return try lookup.offsets(at: milliseconds, of: partitions)
  }

  private func offset(_ bound: ReplayBound, _ marks: Watermarks, _ found: Int64?) -> Int64 {
    let wanted: Int64 =
      switch bound {
      case .earliest: marks.low
      case .latest: marks.high
      case .offset(let offset): offset
      case .time: found ?? marks.high
      }
    return min(max(wanted, marks.low), max(marks.low, marks.high))
  }
}
