import CRdKafka

/// Transactions, for a producer that has a `transactional.id`. An error that `requiresAbort` leaves `abortTransaction` as
/// the only next step, a retriable one may be tried again, and after a fatal one the producer is of no use.
extension KafkaProducer {
  /// Prepares for transactions, and takes over from an earlier producer of the same id. Once, before the first transaction.
  package func initTransactions(timeoutMs: Int32) throws(KafkaError) {
    try check(rd_kafka_init_transactions(try handle(), timeoutMs), "initialising transactions")
  }

  package func beginTransaction() throws(KafkaError) {
    try check(rd_kafka_begin_transaction(try handle()), "beginning a transaction")
  }

  /// Makes the consumer's positions part of the transaction: each offset is that of the next record to read. A fatal error says that
  /// librdkafka has not come back long after `timeoutMs`.
  package func sendOffsets(_ offsets: [PartitionOffset], of consumer: KafkaConsumer, timeoutMs: Int32) throws(KafkaError) {
    let context = "sending offsets to a transaction"
    let handle = try handle()
    guard let group = rd_kafka_consumer_group_metadata(try consumer.handle()) else {
      throw KafkaError(.unknownGroup, reason: "the consumer has no group", context: context)
    }
    // librdkafka's are for any thread.
    nonisolated(unsafe) let call = (handle: handle, group: group)
    // librdkafka 2.0.2 waits for ever for a step that it has lost, which a coordinator that moves seems to bring about.
    let error = waiting(atMost: .milliseconds(Int(timeoutMs)) + .seconds(5)) {
      defer { rd_kafka_consumer_group_metadata_destroy(call.group) }
      return Answer(
        error: PartitionList(offsets).use { rd_kafka_send_offsets_to_transaction(call.handle, $0, call.group, timeoutMs) })
    }
    guard let error else {
      abandon()
      throw KafkaError(.timedOut, reason: "librdkafka has not come back, and this producer can't go on", context: context, isFatal: true)
    }
    try check(error.error, context)
  }

  /// The result of a call, handed from the thread that made it to the one that waits for it.
  private struct Answer: @unchecked Sendable {
    let error: OpaquePointer?
  }

  /// Commits what was produced and the offsets as one, after a flush. Delivery reports run in here.
  package func commitTransaction(timeoutMs: Int32) throws(KafkaError) {
    let error = rd_kafka_commit_transaction(try handle(), timeoutMs)
    handOver()
    try check(error, "committing a transaction")
  }

  /// Aborts the transaction, and purges what isn't sent. Delivery reports run in here.
  package func abortTransaction(timeoutMs: Int32) throws(KafkaError) {
    let error = rd_kafka_abort_transaction(try handle(), timeoutMs)
    handOver()
    try check(error, "aborting a transaction")
  }

  private func check(_ error: OpaquePointer?, _ context: String) throws(KafkaError) {
    if let error = KafkaError(consuming: error, context: context) { throw error }
  }
}
