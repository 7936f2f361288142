import CRdKafka

/// Bounds what a consumer holds in memory ahead of its caller, without making a fast caller wait. See
/// docs/decisions/0007-prefetch.md.
struct Prefetch {
  /// Properties that are used where the caller's say nothing. librdkafka's own defaults hold 64 MiB, and ask for 50 MiB at once.
  static func defaults(for properties: KafkaProperties) -> KafkaProperties {
    var defaults: KafkaProperties = ["queued.max.messages.kbytes": "8192", "queued.min.messages": "50000"]
    // librdkafka wants it no smaller than the first of these, and no larger than the second allows.
    if properties["message.max.bytes"] == nil, properties["receive.message.max.bytes"] == nil { defaults["fetch.max.bytes"] = "2097152" }
    return defaults
  }

  /// The property after whose time librdkafka 2.2 and later looks again whether a full queue has room.
  private static let backoff = (name: "fetch.queue.backoff.ms", value: "10")

  private let waker: Waker?
  private var gauge: PrefetchGauge

  init(_ properties: KafkaProperties, in configuration: borrowing ClientConfiguration) {
    // librdkafka has accepted both by now, so they are numbers within its limits.
    let records = configuration.value(of: "queued.min.messages").flatMap { Int($0) } ?? 0
    let kibibytes = configuration.value(of: "queued.max.messages.kbytes").flatMap { Int($0) } ?? 0
    gauge = PrefetchGauge(fullRecords: records, fullBytes: kibibytes << 10)
    let looksAgain = properties[Prefetch.backoff.name] != nil || configuration.setIfKnown(Prefetch.backoff.name, Prefetch.backoff.value)
    waker = looksAgain ? nil : Waker(properties, in: configuration)
  }

  /// Notes a poll, and wakes the client's fetching threads when a queue that was full has emptied by half.
  mutating func polled(_ client: OpaquePointer, _ queue: OpaquePointer, taken: Int, bytes: Int) {
    guard let waker else { return }
    if gauge.emptied(queued: rd_kafka_queue_length(queue), taken: taken, bytes: bytes) { waker.wake(client) }
  }
}

/// Notices when a queue that has been near its limits is down to half of what it held.
struct PrefetchGauge {
  let fullRecords: Int
  let fullBytes: Int
  private var peak = 0

  init(fullRecords: Int, fullBytes: Int) {
    self.fullRecords = fullRecords
    self.fullBytes = fullBytes
  }

  /// Whether a queue that was near one of its limits is down to half of what it held, once `taken` records of `bytes` in all have left it
  /// and `queued` remain. librdkafka doesn't say how many bytes its queue holds, so those that were taken stand for the others; a quarter
  /// of a limit counts as near it, for they may be smaller.
  mutating func emptied(queued: Int, taken: Int, bytes: Int) -> Bool {
    guard taken > 0 else { return false }
    peak = max(peak, queued + taken)
    guard queued <= peak / 2 else { return false }
    let peakBytes = Double(peak) * Double(bytes) / Double(taken)
    let wasFull = peak >= fullRecords / 4 || peakBytes >= Double(fullBytes / 4)
    peak = queued
    return wasFull
  }
}

/// Wakes the threads of a client that fetch. The one call of librdkafka before 2.2 that does is the one that sets SASL credentials, so this
/// sets those that are set.
private struct Waker {
  private let user: String
  private let password: String

  /// - Returns: nil where credentials are in use that the properties don't hold.
  init?(_ properties: KafkaProperties, in configuration: borrowing ClientConfiguration) {
    let (user, password) = (properties["sasl.username"], properties["sasl.password"])
    let usesSASL = configuration.value(of: "security.protocol")?.lowercased().hasPrefix("sasl") ?? false
    let usesToken = configuration.value(of: "sasl.mechanisms") == "OAUTHBEARER"
    if usesSASL && !usesToken && (user == nil || password == nil) { return nil }
    self.user = user ?? ""
    self.password = password ?? ""
  }

  func wake(_ client: OpaquePointer) {
    if let error = rd_kafka_sasl_set_credentials(client, user, password) { rd_kafka_error_destroy(error) }
  }
}
