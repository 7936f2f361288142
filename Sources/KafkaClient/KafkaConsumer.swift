import CRdKafka

/// A Kafka consumer: a member of a group (`subscribe`), or a reader of the partitions that it is told (`assign`).
///
/// One thread uses it: its callbacks run inside `poll` and `close`, on that thread. Offsets are committed only when `commit` says so,
/// unless the properties turn `enable.auto.commit` on. `close()` must be called before the last reference goes, and every record that
/// `poll` handed out must have been destroyed by then: librdkafka waits for them.
package final class KafkaConsumer {
  let context: ClientContext
  private var open: OpaquePointer?
  private(set) var queue: OpaquePointer?
  /// What is raised when something waits for `poll`. librdkafka writes to its descriptor, so it must not close before the queue is told to
  /// stop.
  private var wakeup: Wakeup?
  /// What the running `poll` has taken so far.
  private var filling: UnsafeMutablePointer<mr_batch>?
  private var prefetch: Prefetch
  var hasSubscribed = false
  var wasAssigned = false

  /// Called before the partitions are taken or given back; until it returns the revoked ones are still this member's, so
  /// it is the place to drain and to commit. For `.assigned` the result may name offsets to start at; nil, or a partition
  /// that isn't named: at the committed one.
  package var onRebalance: ((KafkaConsumer, Rebalance) -> [PartitionOffset]?)?
  /// Errors of the client as a whole (no partition) and of one partition; fatal ones included. librdkafka goes on trying
  /// after the others.
  package var onError: ((KafkaError, TopicPartition?) -> Void)?
  /// Called at the end of a partition, where `enable.partition.eof` is on, with the offset that its next record will have.
  package var onEndOfPartition: ((TopicPartition, Int64) -> Void)?
  /// The outcome of commits. Each partition carries its own error.
  package var onCommit: (([PartitionOffset], KafkaError?) -> Void)?
  package var onStatistics: ((String) -> Void)?

  /// Properties that are used where the caller's say nothing.
  static func defaults(for properties: KafkaProperties) -> KafkaProperties {
    var defaults = Prefetch.defaults(for: properties)
    defaults.merge(["enable.auto.commit": "false", "enable.auto.offset.store": "false"])
    return defaults
  }

  /// Makes a client, which connects in the background. `log` is called from librdkafka's threads, too.
  /// - Throws: for properties that librdkafka refuses, naming the property.
  package init(_ properties: KafkaProperties, log: @escaping @Sendable (KafkaLogLine) -> Void = { _ in }) throws(KafkaError) {
    if properties["group.id"]?.isEmpty ?? true {
      throw KafkaError(.invalidArgument, reason: "a consumer needs one, also without a group", context: "kafka property group.id")
    }
    var properties = properties
    let debug = properties["debug"]
    properties["debug"] = debug.map { $0 + ",cgrp" } ?? "cgrp"
    var configuration = try ClientConfiguration(properties, defaults: Self.defaults(for: properties))
    prefetch = Prefetch(properties, in: configuration)
    context = ClientContext(secrets: configuration.secrets, membership: Membership(), isDebugging: debug != nil, log: log)
    context.install(in: configuration)
    KafkaConsumer.installCallbacks(in: configuration)
    let handle = try configuration.makeClient(RD_KAFKA_CONSUMER)
    // One queue for records, errors and callbacks.
    rd_kafka_poll_set_consumer(handle)
    open = handle
    queue = rd_kafka_queue_get_consumer(handle)
    context.consumer = self
  }

  deinit {
    assert(open == nil, "a KafkaConsumer must be closed")
  }

  private static func installCallbacks(in configuration: borrowing ClientConfiguration) {
    rd_kafka_conf_set_rebalance_cb(configuration.handle) { handle, code, list, opaque in
      guard let handle, let list, let consumer = ClientContext.of(opaque)?.consumer else { return }
      consumer.rebalance(handle, code, list)
    }
    rd_kafka_conf_set_error_cb(configuration.handle) { handle, code, reason, opaque in
      guard let handle, let consumer = ClientContext.of(opaque)?.consumer else { return }
      let error = KafkaError(clientError: rd_kafka_resp_err_t(code), reason, of: handle, context: "consumer", consumer.context.secrets)
      consumer.onError?(error, nil)
    }
    rd_kafka_conf_set_offset_commit_cb(configuration.handle) { _, code, list, opaque in
      guard let consumer = ClientContext.of(opaque)?.consumer, let onCommit = consumer.onCommit else { return }
      // "No offset" is what a commit of nothing new answers.
      let error = code == RD_KAFKA_RESP_ERR__NO_OFFSET ? nil : KafkaError(code, context: "committing offsets")
      onCommit(list?.pointee.offsets("committing") ?? [], error)
    }
    rd_kafka_conf_set_stats_cb(configuration.handle) { _, text, length, opaque in
      if let consumer = ClientContext.of(opaque)?.consumer, let text, let onStatistics = consumer.onStatistics {
        onStatistics(String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self))
      }
      return 0
    }
  }

  /// librdkafka's client.
  /// - Throws: once the consumer is closed.
  func handle() throws(KafkaError) -> OpaquePointer {
    guard let open else { throw KafkaError(.state, reason: "the consumer is closed", context: "consumer") }
    return open
  }

  /// From now on records and events that wait for `poll` raise `wakeup`.
  package func notify(_ wakeup: Wakeup) {
    guard let queue else { return }
    self.wakeup = wakeup
    enableWakeup(queue, wakeup)
  }

  /// Takes what is queued, at most `buffer.count` records, and runs the callbacks of what else has happened. With a
  /// `timeoutMs` it waits that long for the first record, and only for the first. The buffer need not be initialised; the
  /// caller owns the records in it. Errors never reach the buffer: they go to `onError` and `onEndOfPartition`.
  package func poll(into buffer: UnsafeMutableBufferPointer<KafkaRecord>, timeoutMs: Int32 = 0) -> Int {
    guard let open, let queue, let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
    // A KafkaRecord is the pointer and nothing else.
    let slots = UnsafeMutableRawPointer(base).assumingMemoryBound(to: UnsafeMutablePointer<rd_kafka_message_t>?.self)
    var batch = mr_batch(messages: slots, capacity: buffer.count, count: 0)
    withUnsafeMutablePointer(to: &batch) { batch in
      filling = batch
      mr_consume(queue, timeoutMs, batch)
      filling = nil
    }
    let (kept, bytes) = keepRecords(batch)
    prefetch.polled(open, queue, taken: batch.count, bytes: bytes)
    return kept
  }

  /// Moves the records of a batch to its front, and consumes the errors. Returns how many records there are, and the bytes of all.
  private func keepRecords(_ batch: mr_batch) -> (kept: Int, bytes: Int) {
    var (kept, bytes) = (0, 0)
    for index in 0..<batch.count {
      guard let message = batch.messages[index] else { continue }
      bytes += message.pointee.len
      if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
        if kept != index { batch.messages[kept] = message }
        kept += 1
      } else {
        reportError(message)
        rd_kafka_message_destroy(message)
      }
    }
    return (kept, bytes)
  }

  private func reportError(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
    let partition = message.pointee.rkt.map {
      TopicPartition(topic: String(cString: rd_kafka_topic_name($0)), partition: message.pointee.partition)
    }
    if message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF {
      if let partition { onEndOfPartition?(partition, message.pointee.offset) }
      return
    }
    guard let open, let onError else { return }
    let context = partition.map { "consuming \($0)" } ?? "consuming"
    let reason = rd_kafka_message_errstr(message)
    onError(KafkaError(clientError: message.pointee.err, reason, of: open, context: context, self.context.secrets), partition)
  }

  /// Drops what the running `poll` has taken of these partitions: it would reach the caller after it gave them back.
  func dropTaken(of partitions: [TopicPartition]) {
    guard let filling else { return }
    let gone = Set(partitions)
    var kept = 0
    for index in 0..<filling.pointee.count {
      guard let message = filling.pointee.messages[index] else { continue }
      // An error of the client as a whole has no topic.
      if message.pointee.rkt != nil, gone.contains(KafkaRecord(message).topicPartition) {
        rd_kafka_message_destroy(message)
      } else {
        filling.pointee.messages[kept] = message
        kept += 1
      }
    }
    filling.pointee.count = kept
  }

  /// Leaves the group and ends the consumer. What it holds is revoked first, through `onRebalance`. Takes 25 seconds at most.
  package func close() {
    guard let handle = open else { return }
    // One that does not come to leave its group has little hope to close.
    let isClosed = end(handle, within: !hasSubscribed || leave(handle) ? .seconds(15) : .seconds(5))
    if let queue {
      rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
      rd_kafka_queue_destroy(queue)
    }
    queue = nil
    open = nil
    if !isClosed || hasSubscribed && !wasAssigned {
      // Destroying a client waits for its group, too. And before the first assignment librdkafka's sticky assignor has no state, and
      // 2.0.2 aborts the process when it destroys that of a member that had joined. The client has left its group; what remains of it
      // is left where it is.
      context.consumer = nil
      _ = Unmanaged.passRetained(context)
    } else {
      destroy(handle)
    }
    wakeup = nil
    // The callbacks often hold their owner, which holds this.
    (onRebalance, onError, onEndOfPartition, onCommit, onStatistics) = (nil, nil, nil, nil, nil)
  }

  /// Gives everything back while the client still serves its group. A rebalance that waits in the queue when the client is closed is
  /// never served: librdkafka 2.0.2 looks elsewhere from then on, and waits for it. False if it does not end.
  private func leave(_ handle: OpaquePointer) -> Bool {
    guard let queue, rd_kafka_unsubscribe(handle) == RD_KAFKA_RESP_ERR_NO_ERROR else { return true }
    return serve(queue, for: .seconds(5)) {
      assignment.isEmpty && context.membership?.isOutside ?? true && rd_kafka_queue_length(queue) == 0
    }
  }

  /// Closes the client; false if it does not end.
  private func end(_ handle: OpaquePointer, within time: Duration) -> Bool {
    let events = rd_kafka_queue_new(handle)
    defer { rd_kafka_queue_destroy(events) }
    if let error = rd_kafka_consumer_close_queue(handle, events) {
      let code = rd_kafka_error_code(error)
      rd_kafka_error_destroy(error)
      if let error = KafkaError(code, context: "closing the consumer"), !error.isFatal { onError?(error, nil) }
      // What failed for good has nothing to wait for.
      return true
    }
    return serve(events, for: time) { rd_kafka_consumer_closed(handle) != 0 }
  }

  /// A client whose topic was deleted while it read it never ends: librdkafka 2.0.2 keeps a thread for the partition's last broker, and
  /// waits for it. Such a one is left where it is, with its context.
  private func destroy(_ handle: OpaquePointer) {
    nonisolated(unsafe) let client = handle
    let kept = Unmanaged.passRetained(context)
    if waiting(atMost: .seconds(5), for: { rd_kafka_destroy(client) }) == nil { context.consumer = nil } else { kept.release() }
  }

  /// Runs the callbacks that wait in a queue until something is so; false if it is not in time.
  private func serve(_ queue: OpaquePointer?, for time: Duration, until isEnough: () -> Bool) -> Bool {
    let end = ContinuousClock.now.advanced(by: time)
    while !isEnough() {
      if ContinuousClock.now >= end { return false }
      if let message = rd_kafka_consume_queue(queue, 20) { rd_kafka_message_destroy(message) }
    }
    return true
  }
}
