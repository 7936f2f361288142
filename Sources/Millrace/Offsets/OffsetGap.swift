import KafkaClient

/// Offsets of a partition that were passed without a record: marks of transactions and compacted records, which no consumer ever sees, or
/// records that are gone.
struct OffsetGap: Equatable {
  let partition: Int
  /// The first that is missing.
  let from: Int64
  /// The first behind it.
  let to: Int64

  /// How many offsets of the gap were deleted before they were read: by retention, or by someone. Where the log begins behind the gap's
  /// start, the consumer's offset was out of range, and it went on where `auto.offset.reset` says.
  /// - Parameters:
  ///   - low: where the log begins.
  ///   - resetsToEnd: `auto.offset.reset` is `latest`, which passes over what is still there, too.
  func expired(low: Int64, resetsToEnd: Bool) -> Int64 {
    if low <= from { return 0 }
    return resetsToEnd ? to - from : min(low, to) - from
  }
}
