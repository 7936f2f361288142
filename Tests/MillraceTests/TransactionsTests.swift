import KafkaClient
import Testing

@testable import Millrace

/// What becomes of a transaction that the brokers refuse, don't answer, or have given to another producer. librdkafka's mock
/// answers TxnOffsetCommit and forgets the offsets, so what is committed can't be read here.
@Suite(.timeLimit(.minutes(1))) struct TransactionsTests {
  private typealias Code = KafkaError.Code

  @Test func offsetsGoWithWhatWasProduced() throws {
    let rig = try Rig()
    defer { rig.close() }
    rig.cluster.pushRequestErrors(.transactionOffsetCommit, [.illegalGeneration])
    #expect(rig.failure(offset: 7) == "aborted ILLEGAL_GENERATION", "so they were sent, and waited for")
  }

  @Test func skippedRecordsAloneMakeATransactionToo() throws {
    let rig = try Rig()
    defer { rig.close() }
    rig.cluster.pushRequestErrors(.transactionOffsetCommit, [.illegalGeneration])
    try rig.transactions.open(at: .now)
    #expect(throws: Transactions.Failure.self) {
      try rig.transactions.commit([PartitionOffset(Rig.input, offset: 3)], of: rig.consumer)
    }
    try rig.transactions.open(at: .now)
    try rig.transactions.commit([PartitionOffset(Rig.input, offset: 3)], of: rig.consumer)
  }

  @Test func aRefusalOfTheOffsetsAbortsAndTheNextTransactionSucceeds() throws {
    let rig = try Rig()
    defer { rig.close() }
    rig.cluster.pushRequestErrors(.transactionOffsetCommit, [.illegalGeneration])
    #expect(rig.failure(offset: 5) == "aborted ILLEGAL_GENERATION")
    #expect(!rig.transactions.isOpen)
    try rig.commit(offset: 6)
    #expect(!rig.transactions.isOpen)
  }

  @Test func passingErrorsOfTheCommitAreNoneAtAll() throws {
    let rig = try Rig()
    defer { rig.close() }
    rig.cluster.pushRequestErrors(.endTransaction, [.coordinatorNotAvailable, .coordinatorLoadInProgress, .notCoordinator])
    try rig.commit(offset: 5)
  }

  @Test func aCommitThatNobodyAnswersIsUnknownAndNotAborted() throws {
    let rig = try Rig(patience: .seconds(5))
    defer { rig.close() }
    try rig.cluster.pushBrokerErrors(.endTransaction, broker: 1, [(.noError, 30_000)])
    #expect(rig.failure(offset: 5) == "unknown _TIMED_OUT")
    #expect(!rig.transactions.isOpen, "nothing is left to abort: the brokers may have committed it")
  }

  @Test func aProducerThatAnotherReplacedIsFenced() throws {
    let rig = try Rig()
    defer { rig.close() }
    rig.cluster.pushRequestErrors(.endTransaction, [.invalidProducerEpoch])
    #expect(rig.failure(offset: 5).hasPrefix("fenced"))
  }

  /// A producer with a transaction of one record, and a consumer whose offsets go with it.
  private final class Rig {
    static let input = TopicPartition(topic: "events", partition: 0)

    let cluster: MockCluster
    let consumer: KafkaConsumer
    private let producer: KafkaProducer
    private let topic: ProducerTopic
    var transactions: Transactions

    init(patience: Duration = .seconds(20)) throws {
      cluster = try MockCluster()
      for topic in ["events", "predictions"] { try cluster.createTopic(topic) }
      let servers = cluster.bootstrapServers
      consumer = try KafkaConsumer(["bootstrap.servers": servers, "group.id": "transactions"])
      producer = try KafkaProducer([
        "bootstrap.servers": servers, "transactional.id": "transactions", "retry.backoff.ms": "20", "transaction.timeout.ms": "60000",
      ])
      topic = try producer.topic("predictions")
      transactions = try Transactions(producer, interval: .zero, patience: patience)
    }

    func commit(offset: Int64) throws {
      try transactions.open(at: .now)
      Array("x".utf8).withUnsafeBytes { _ = producer.produce(to: topic, key: nil, value: $0, headers: nil) }
      try transactions.commit([PartitionOffset(Self.input, offset: offset)], of: consumer)
    }

    /// How a commit fails, and with which error.
    func failure(offset: Int64) -> String {
      do {
        try commit(offset: offset)
        return "committed"
      } catch Transactions.Failure.aborted(let error) {
        return "aborted \(error.code)"
      } catch Transactions.Failure.unknown(let error) {
        return "unknown \(error.code)"
      } catch Transactions.Failure.fenced(let error) {
        return "fenced \(error.code)"
      } catch {
        return "\(error)"
      }
    }

    func close() {
      consumer.close()
      try? producer.purge()
      producer.close()
      cluster.close()
    }
  }
}
