import KafkaClient
import Testing

@Suite struct KafkaTransactionTests {
  @Test func aTransactionTakesTheConsumersOffsetsAndReportsItsMessages() throws {
    try withTransactions { mock, producer, consumer in
      var delivered = 0
      producer.onDelivery = { delivered += $0.count(where: \.isAcknowledged) }
      try producer.beginTransaction()
      try producer.send("out", [1])
      try producer.sendOffsets([PartitionOffset(topic: "out", partition: 0, offset: 5, metadata: "tx")], of: consumer, timeoutMs: 30_000)
      try producer.commitTransaction(timeoutMs: 30_000)
      #expect(delivered == 1)
    }
  }

  @Test func anAbortedTransactionCommitsNothing() throws {
    try withTransactions { mock, producer, consumer in
      var errors: [KafkaError?] = []
      producer.onDelivery = { errors += $0.map(\.error) }
      try producer.beginTransaction()
      try producer.send("out", [1])
      try producer.abortTransaction(timeoutMs: 30_000)
      #expect(errors.count == 1, "every accepted message has its report")
      let committed = try consumer.committed([TopicPartition(topic: "out", partition: 0)], timeoutMs: 30_000)
      #expect(committed.map(\.offset) == [PartitionOffset.invalid])
      // The producer goes on.
      try producer.beginTransaction()
      try producer.send("out", [2])
      try producer.commitTransaction(timeoutMs: 30_000)
    }
  }

  @Test func anErrorThatNeedsAnAbortSaysSo() throws {
    try withTransactions { mock, producer, _ in
      try producer.beginTransaction()
      mock.pushRequestErrors(.produce, [.messageSizeTooLarge])
      try producer.send("out", [1])
      let error = #expect(throws: KafkaError.self) { try producer.commitTransaction(timeoutMs: 30_000) }
      #expect(error?.requiresAbort == true)
      #expect(error?.isFatal == false)
      try producer.abortTransaction(timeoutMs: 30_000)
    }
  }

  @Test func aProducerThatWasTakenOverFailsForGood() throws {
    try withTransactions { mock, producer, _ in
      try producer.beginTransaction()
      mock.pushRequestErrors(.addPartitionsToTransaction, [.invalidProducerEpoch])
      try producer.send("out", [1])
      let error = #expect(throws: KafkaError.self) { try producer.commitTransaction(timeoutMs: 30_000) }
      #expect(error?.isFatal == true)
      #expect(producer.fatalError != nil)
    }
  }

  /// What it must not leave is looked for by `make sanitize`.
  @Test func aClosedProducerTakesNoOffsetsAndLeavesNothing() throws {
    try withTransactions { mock, producer, consumer in
      producer.close()
      // Often: what one call leaves may still stand on the stack when leaks are looked for.
      for _ in 0..<10 {
        let error = #expect(throws: KafkaError.self) {
          try producer.sendOffsets([PartitionOffset(topic: "out", partition: 0, offset: 5)], of: consumer, timeoutMs: 1000)
        }
        #expect(error?.code == .state)
      }
    }
  }

  @Test func withoutATransactionalIDTheErrorSaysWhatToSet() throws {
    try Harness.withMock { mock in
      try Harness.withProducer(mock.bootstrapServers) { producer in
        let error = #expect(throws: KafkaError.self) { try producer.initTransactions(timeoutMs: 1000) }
        #expect(error?.description.contains("transactional.id") == true)
      }
    }
  }

  private func withTransactions(_ body: (MockCluster, KafkaProducer, KafkaConsumer) throws -> Void) throws {
    try Harness.withMock { mock in
      try mock.createTopic("out")
      try Harness.withConsumer(mock.bootstrapServers) { consumer in
        try Harness.withProducer(mock.bootstrapServers, ["transactional.id": "tx", "retry.backoff.ms": "10"]) { producer in
          try producer.initTransactions(timeoutMs: 60_000)
          try body(mock, producer, consumer)
        }
      }
    }
  }
}
