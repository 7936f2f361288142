import CRdKafka

/// A Kafka producer: messages go into its queue, and reports of what became of them come out of `poll`.
///
/// One thread uses it; librdkafka's own threads do the sending. `close()` must be called before the last reference goes.
package final class KafkaProducer {
  private let context: ClientContext
  private var open: OpaquePointer?
  private var queue: OpaquePointer?
  private var topics: [String: ProducerTopic] = [:]
  /// What is raised when something waits for `poll`. librdkafka writes to its descriptor, so it must not close before the queue is told to
  /// stop.
  private var wakeup: Wakeup?
  /// Whether a call is still in librdkafka that will not come back.
  private var isAbandoned = false

  /// Reports that are not handed over yet, in the context's memory.
  private let pending: UnsafeMutablePointer<PendingReports>

  /// Called with delivery reports, one for each accepted message, several at a time, in the order in which they came. It runs inside
  /// `poll`, `flush`, `close` and the ends of transactions, on the caller's thread; the memory is valid during the call.
  package var onDelivery: ((UnsafeBufferPointer<DeliveryReport>) -> Void)?
  /// Called with errors of the client as a whole, such as unreachable brokers; fatal ones included.
  package var onError: ((KafkaError) -> Void)?
  package var onStatistics: ((String) -> Void)?

  /// Makes a client, which connects in the background. `log` is called from librdkafka's threads, too.
  /// - Throws: for properties that librdkafka refuses, naming the property.
  package init(_ properties: KafkaProperties, log: @escaping @Sendable (KafkaLogLine) -> Void = { _ in }) throws(KafkaError) {
    var configuration = try ClientConfiguration(properties)
    pending = .allocate(capacity: 1)
    pending.initialize(to: PendingReports())
    context = ClientContext(secrets: configuration.secrets, pending: pending, log: log)
    context.install(in: configuration)
    KafkaProducer.installCallbacks(in: configuration)
    let handle = try configuration.makeClient(RD_KAFKA_PRODUCER)
    open = handle
    queue = rd_kafka_queue_get_main(handle)
    context.producer = self
  }

  deinit {
    assert(open == nil, "a KafkaProducer must be closed")
  }

  private static func installCallbacks(in configuration: borrowing ClientConfiguration) {
    rd_kafka_conf_set_dr_msg_cb(configuration.handle) { _, message, opaque in
      guard let message, let opaque else { return }
      // Once a message: without counting references.
      let isFull = Unmanaged<ClientContext>.fromOpaque(opaque)._withUnsafeGuaranteedRef { $0.note(message) }
      if isFull { ClientContext.of(opaque)?.producer?.handOver() }
    }
    rd_kafka_conf_set_error_cb(configuration.handle) { handle, code, reason, opaque in
      guard let handle, let producer = ClientContext.of(opaque)?.producer else { return }
      let error = KafkaError(clientError: rd_kafka_resp_err_t(code), reason, of: handle, context: "producer", producer.context.secrets)
      producer.onError?(error)
    }
    rd_kafka_conf_set_stats_cb(configuration.handle) { _, text, length, opaque in
      if let producer = ClientContext.of(opaque)?.producer, let text, let onStatistics = producer.onStatistics {
        onStatistics(String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self))
      }
      return 0
    }
  }

  /// Whether the values of messages that a broker refuses for what they are can be asked for, with `takeRefusedValue`.
  package var keepsRefusedValues: Bool {
    get { pending.pointee.keepsRefusedValues }
    set { pending.pointee.keepsRefusedValues = newValue }
  }

  /// The value of a message that a broker refused for what it is, by the token of its report; once for each.
  package func takeRefusedValue(of token: UInt) -> [UInt8]? { pending.pointee.takeRefusedValue(of: token) }

  /// Leaves the client to the call that is still in it.
  func abandon() { isAbandoned = true }

  /// Hands over the reports that a call has brought. The owner may call in again meanwhile.
  func handOver() {
    while let reports = pending.pointee.take() {
      onDelivery?(UnsafeBufferPointer(reports))
      pending.pointee.giveBack(reports)
    }
  }

  /// librdkafka's client.
  /// - Throws: once the producer is closed.
  func handle() throws(KafkaError) -> OpaquePointer {
    guard let open else { throw KafkaError(.state, reason: "the producer is closed", context: "producer") }
    return open
  }

  /// From now on delivery reports and errors that wait for `poll` raise `wakeup`.
  package func notify(_ wakeup: Wakeup) {
    guard let queue else { return }
    self.wakeup = wakeup
    enableWakeup(queue, wakeup)
  }

  /// The topic of that name. Made once; doesn't ask a broker, so a topic that doesn't exist shows in the delivery reports.
  package func topic(_ name: String) throws(KafkaError) -> ProducerTopic {
    if let topic = topics[name] { return topic }
    guard let handle = rd_kafka_topic_new(try handle(), name, nil) else {
      throw KafkaError(KafkaError.Code(rd_kafka_last_error()), context: "topic \(name)")
    }
    let topic = ProducerTopic(handle: handle)
    topics[name] = topic
    return topic
  }

  /// Queues one message. Key and value are copied; nil is NULL, empty is empty. `partition` -1 lets the partitioner
  /// choose, `timestampMs` 0 is now. `token` comes back in the delivery report. The headers are gone afterwards, whatever
  /// the answer. Never waits.
  package func produce(
    to topic: ProducerTopic, partition: Int32 = -1, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
    headers: consuming RecordHeaders?, timestampMs: Int64 = 0, token: UInt = 0
  ) -> Admission {
    guard let open else {
      return .rejected(KafkaError(.state, reason: "the producer is closed", context: "producing"))
    }
    let rawHeaders = headers.take()?.release()
    let error = mr_produce(
      open, topic.handle, partition, key.map { $0.baseAddress ?? emptyBytes }, key?.count ?? 0,
      value.map { $0.baseAddress ?? emptyBytes }, value?.count ?? 0, rawHeaders, timestampMs, UnsafeMutableRawPointer(bitPattern: token))
    if error == RD_KAFKA_RESP_ERR_NO_ERROR { return .accepted }
    if let rawHeaders { rd_kafka_headers_destroy(rawHeaders) }
    if error == RD_KAFKA_RESP_ERR__QUEUE_FULL { return .queueFull }
    let context = "producing to \(topic.name)"
    let fatal = error == RD_KAFKA_RESP_ERR__FATAL ? KafkaError.fatal(of: open, context: context) : nil
    return .rejected(fatal ?? KafkaError(KafkaError.Code(error), context: context))
  }

  /// Runs the callbacks of what has happened, and returns how many events that were. Waits up to `timeoutMs` for the first.
  @discardableResult
  package func poll(timeoutMs: Int32 = 0) -> Int {
    guard let open else { return 0 }
    let events = rd_kafka_poll(open, timeoutMs)
    handOver()
    return Int(events)
  }

  /// Sends without lingering, and waits until every accepted message has its report.
  package func flush(timeoutMs: Int32) throws(KafkaError) {
    let error = rd_kafka_flush(try handle(), timeoutMs)
    handOver()
    try error.orThrow("flushing the producer, \(outQueueLength) messages left")
  }

  /// Drops what is queued and in flight. Each message still gets its report, with an error.
  package func purge() throws(KafkaError) {
    try rd_kafka_purge(try handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT).orThrow("purging the producer")
  }

  /// How many messages have no report yet, and how many events wait for `poll`.
  package var outQueueLength: Int { open.map { Int(rd_kafka_outq_len($0)) } ?? 0 }

  /// The error that made this producer unusable, if there is one.
  package var fatalError: KafkaError? { open.flatMap { KafkaError.fatal(of: $0, context: "producer") } }

  /// Ends the producer. Messages that were not flushed are dropped, and reported so.
  package func close() {
    guard let handle = open else { return }
    if !isAbandoned, rd_kafka_outq_len(handle) > 0 {
      rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
      rd_kafka_flush(handle, 5_000)
      handOver()
    }
    if let queue {
      rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
      rd_kafka_queue_destroy(queue)
    }
    for topic in topics.values { rd_kafka_topic_destroy(topic.handle) }
    topics = [:]
    queue = nil
    open = nil
    if isAbandoned {
      context.producer = nil
      _ = Unmanaged.passRetained(context)
    } else {
      rd_kafka_destroy(handle)
    }
    wakeup = nil
    // The callbacks often hold their owner, which holds this.
    (onDelivery, onError, onStatistics) = (nil, nil, nil)
  }
}

/// Makes `queue` raise `wakeup` when something arrives in it while it is empty.
func enableWakeup(_ queue: OpaquePointer, _ wakeup: Wakeup) {
  var one: UInt64 = 1
  rd_kafka_queue_io_event_enable(queue, wakeup.descriptor, &one, MemoryLayout<UInt64>.size)
  // What had arrived before raises nothing by itself.
  if rd_kafka_queue_length(queue) > 0 { wakeup.signal() }
}
