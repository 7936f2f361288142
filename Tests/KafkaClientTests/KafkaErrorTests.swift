import KafkaClient
import Testing

@Suite struct KafkaErrorTests {
  @Test(arguments: [KafkaError.Code.messageSizeTooLarge, .invalidMessage, .invalidRecord, .invalidTimestamp])
  func whatABrokerRefusesForWhatItIsIsRefusedLaterToo(_ code: KafkaError.Code) {
    #expect(KafkaError(code, context: "").isRefusalOfRecord)
  }

  @Test(arguments: [
    KafkaError.Code.notEnoughReplicas, .messageTimedOut, .topicAuthorizationFailed, .unknownTopicOrPartition, .storageError,
  ])
  func whatSomeoneCanChangeIsNoRefusalOfTheRecord(_ code: KafkaError.Code) {
    #expect(!KafkaError(code, context: "").isRefusalOfRecord)
  }
}
