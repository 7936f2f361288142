import KafkaClient

/// What is known of one partition; only its ledger writes it. Offsets are -1 where nothing is known.
struct PartitionAccount {
  var isOwned = false
  /// Tells an assignment from an earlier one of the same partition, whose late acknowledgements must not count.
  var generation: UInt32 = 0
  /// Records from this offset on are not to be handled. While the partition isn't owned that is every one.
  var limit = Int64.min
  /// The first offset handled.
  var first: Int64 = -1
  var handled: Int64 = -1
  var sealed: Int64 = -1
  /// Past everything whose output is acknowledged.
  var acknowledged: Int64 = -1
  /// As a commit was last asked for.
  var committed: Int64 = -1
  /// The end of its log, met while polling, up to which nothing is left but what a consumer never sees.
  var end: Int64 = -1
  /// When the record that was taken last was made, in milliseconds since 1970; 0 where none was taken.
  var newestMs: Int64 = 0
  /// Where it began to be read; nil where librdkafka was left to decide.
  var begin: Int64?
  /// From where on the lane's routes have been in force; nil where nothing was committed yet.
  var routesSince: Int64?
  /// What the coordinator has confirmed as committed.
  var confirmed: Int64?
  /// What a replay reads of it; nil for a lane that follows its topics.
  var range: ReplayRange?
  /// The ends that a worker that fetches nothing was told of.
  var askedEnds: Watermarks?

  /// The next record: behind those handled, or where it began; nil where nobody knows yet.
  var reached: Int64? { handled >= 0 ? handled : begin }
}
