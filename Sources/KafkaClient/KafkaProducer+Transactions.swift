import CRdKafka

/// Transactions, for a producer that has a `transactional.id`. An error that `requiresAbort` leaves `abortTransaction` as
/// the only next step, a retriable one may be tried again, and after a fatal one the producer is of no use.
extension KafkaProducer {
  /// Once, before the first transaction: takes over from an earlier producer of the same id.
  public func initTransactions(timeoutMs: Int32) throws(KafkaError) {
    try check(rd_kafka_init_transactions(try handle(), timeoutMs), "initialising transactions")
  }

  public func beginTransaction() throws(KafkaError) {
    try check(rd_kafka_begin_transaction(try handle()), "beginning a transaction")
  }

  /// Makes the consumer's positions part of the transaction: each offset is that of the next record to read.
  public func sendOffsets(_ offsets: [PartitionOffset], of consumer: KafkaConsumer, timeoutMs: Int32) throws(KafkaError) {
    let list = PartitionList(offsets)
    guard let group = rd_kafka_consumer_group_metadata(try consumer.handle()) else {
      throw KafkaError(.unknownGroup, reason: "the consumer has no group", context: "sending offsets to a transaction")
    }
    defer { rd_kafka_consumer_group_metadata_destroy(group) }
    let handle = try handle()
    try check(list.use { rd_kafka_send_offsets_to_transaction(handle, $0, group, timeoutMs) }, "sending offsets to a transaction")
  }

  /// Flushes, then commits what was produced and the offsets as one. Delivery reports run in here.
  public func commitTransaction(timeoutMs: Int32) throws(KafkaError) {
    try check(rd_kafka_commit_transaction(try handle(), timeoutMs), "committing a transaction")
  }

  /// Purges what isn't sent; delivery reports run in here.
  public func abortTransaction(timeoutMs: Int32) throws(KafkaError) {
    try check(rd_kafka_abort_transaction(try handle(), timeoutMs), "aborting a transaction")
  }

  private func check(_ error: OpaquePointer?, _ context: String) throws(KafkaError) {
    if let error = KafkaError(consuming: error, context: context) { throw error }
  }
}
