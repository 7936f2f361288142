import KafkaClient
import Testing

@Suite struct KafkaProducerTests {
  @Test func everyAcceptedMessageHasOneReportWithItsToken() throws {
    try Harness.withMock { mock in
      try mock.createTopic("out", partitions: 3)
      try Harness.withProducer(mock.bootstrapServers, ["linger.ms": "5"]) { producer in
        var places: [UInt: DeliveryReport] = [:]
        producer.onDelivery = { reports in
          for report in reports {
            #expect(places[report.token] == nil)
            places[report.token] = report
          }
        }
        for token in UInt(0)..<300 { try producer.send("out", [1, 2, 3], partition: Int32(token % 3), token: token) }
        try producer.flush(timeoutMs: 60_000)
        #expect(places.count == 300)
        #expect(places.allSatisfy { $1.error == nil && $1.partition == Int32($0 % 3) && $1.offset == Int64($0 / 3) })
        #expect(producer.outQueueLength == 0)
      }
    }
  }

  @Test func everyReportComesOnceAlsoToACallbackThatPolls() throws {
    try Harness.withMock { mock in
      try mock.createTopic("out")
      try Harness.withProducer(mock.bootstrapServers, ["linger.ms": "5"]) { producer in
        var tokens: [UInt] = []
        producer.onDelivery = { [unowned producer] reports in
          // What it brings is handed over after this.
          let own = reports.map(\.token)
          producer.poll()
          #expect(reports.map(\.token) == own, "its memory is its own until it returns")
          tokens += own
        }
        for token in UInt(0)..<3_000 { try producer.send("out", [1], token: token) }
        try producer.flush(timeoutMs: 60_000)
        #expect(tokens.count == 3_000 && Set(tokens).count == 3_000)
      }
    }
  }

  @Test func aFullQueueSaysSoAndTakesMoreOnceThereIsRoom() throws {
    try Harness.withMock { mock in
      try mock.createTopic("out")
      try mock.setBroker(isUp: false)
      try Harness.withProducer(mock.bootstrapServers, ["queue.buffering.max.messages": "10"]) { producer in
        let topic = try producer.topic("out")
        var reports = 0
        producer.onDelivery = { reports += $0.count(where: \.isAcknowledged) }
        for _ in 0..<10 { try producer.send("out", [1]) }
        guard case .queueFull = producer.produce(to: topic, key: nil, value: nil, headers: RecordHeaders(capacity: 1)) else {
          Issue.record("an eleventh message fitted")
          return
        }
        try mock.setBroker(isUp: true)
        try producer.flush(timeoutMs: 60_000)
        #expect(reports == 10)
        try producer.send("out", [2])
        try producer.flush(timeoutMs: 60_000)
        #expect(reports == 11)
      }
    }
  }

  @Test func aMessageBeyondTheLimitIsRejectedAtOnce() throws {
    try Harness.withMock { mock in
      try Harness.withProducer(mock.bootstrapServers, ["message.max.bytes": "2000"]) { producer in
        let error = #expect(throws: KafkaError.self) { try producer.send("out", [UInt8](repeating: 7, count: 5000)) }
        #expect(error?.code == .messageSizeTooLarge)
        #expect(error?.description.contains("out") == true)
      }
    }
  }

  @Test func aMessageThatTheBrokersRefuseFailsInTheReport() throws {
    try Harness.withMock { mock in
      try mock.createTopic("secret")
      mock.pushRequestErrors(.produce, [.topicAuthorizationFailed])
      try Harness.withProducer(mock.bootstrapServers) { producer in
        let error = try reportedError(of: producer, "secret")
        #expect(error?.code == .topicAuthorizationFailed)
        #expect(error?.description.contains("secret/0") == true)
      }
    }
  }

  @Test func aTopicThatDoesNotExistFailsInTheReport() throws {
    try Harness.withMock { mock in
      mock.setTopicError("nowhere", .unknownTopicOrPartition)
      try Harness.withProducer(mock.bootstrapServers, ["topic.metadata.propagation.max.ms": "0"]) { producer in
        let error = try reportedError(of: producer, "nowhere")
        #expect(error?.code == .unknownTopic || error?.code == .unknownTopicOrPartition)
        #expect(error?.description.contains("nowhere") == true)
      }
    }
  }

  @Test func aPartitionThatDoesNotExistFailsInTheReport() throws {
    try Harness.withMock { mock in
      try mock.createTopic("out", partitions: 1)
      try Harness.withProducer(mock.bootstrapServers) { producer in
        let error = try reportedError(of: producer, "out", partition: 9)
        #expect(error?.code == .unknownPartition)
      }
    }
  }

  @Test func anErrorThatPassesIsRetriedAndOneThatDoesNotIsReported() throws {
    try Harness.withMock { mock in
      try mock.createTopic("out")
      mock.pushRequestErrors(.produce, [.notLeaderForPartition, .requestTimedOut, .noError, .messageSizeTooLarge])
      try Harness.withProducer(mock.bootstrapServers, ["retry.backoff.ms": "10"]) { producer in
        var reports: [KafkaError?] = []
        producer.onDelivery = { reports += $0.map(\.error) }
        for _ in 0..<2 {
          try producer.send("out", [1])
          try producer.flush(timeoutMs: 60_000)
        }
        #expect(reports.map { $0?.code } == [nil, .messageSizeTooLarge])
      }
    }
  }

  @Test func unreachableBrokersAreReportedAndMessagesTimeOut() throws {
    try Harness.withProducer("127.0.0.1:1", ["message.timeout.ms": "300"]) { producer in
      var errors: [KafkaError] = []
      producer.onError = { errors.append($0) }
      #expect(try reportedError(of: producer, "out")?.code == .messageTimedOut)
      try Harness.run(until: errors.contains { $0.code == .allBrokersDown }) { producer.poll(timeoutMs: 50) }
      #expect(errors.contains { $0.reason.contains("127.0.0.1:1") }, "\(errors)")
    }
  }

  @Test func closingReportsWhatWasNotSent() throws {
    let producer = try KafkaProducer(["bootstrap.servers": "127.0.0.1:1"])
    var codes: [KafkaError.Code?] = []
    producer.onDelivery = { codes += $0.map { $0.error?.code } }
    for _ in 0..<5 { try producer.send("out", [1]) }
    producer.close()
    #expect(codes == Array(repeating: .purgedFromQueue, count: 5))
    guard case .rejected(let error) = producer.produce(to: try closedTopic(), key: nil, value: nil, headers: nil) else {
      Issue.record("a closed producer accepted a message")
      return
    }
    #expect(error.code == .state)
  }

  /// A producer looks at its own state before it looks at the topic; any will do.
  private func closedTopic() throws -> ProducerTopic {
    let other = try KafkaProducer(["bootstrap.servers": "127.0.0.1:1"])
    defer { other.close() }
    return try other.topic("out")
  }

  @Test func aFatalErrorIsReportedAndEndsTheProducer() throws {
    try Harness.withMock { mock in
      try mock.createTopic("out")
      mock.pushRequestErrors(.initProducerID, [.noError])
      try Harness.withProducer(mock.bootstrapServers, ["enable.idempotence": "true", "enable.gapless.guarantee": "true"]) { producer in
        var errors: [KafkaError] = []
        producer.onError = { errors.append($0) }
        try producer.send("out", [1])
        try producer.flush(timeoutMs: 60_000)
        // A message that a broker refuses leaves a gap in the sequence.
        mock.pushRequestErrors(.produce, [.messageSizeTooLarge])
        try producer.send("out", [2])
        try Harness.run(until: errors.contains { $0.isFatal }) { producer.poll(timeoutMs: 50) }
        #expect(producer.fatalError?.isFatal == true)
        let rejection = #expect(throws: KafkaError.self) { try producer.send("out", [3]) }
        #expect(rejection?.isFatal == true)
        #expect(rejection?.reason.isEmpty == false)
      }
    }
  }

  /// Produces one message, and returns the error of its report.
  private func reportedError(of producer: KafkaProducer, _ topic: String, partition: Int32 = 0) throws -> KafkaError? {
    var reports: [KafkaError?] = []
    producer.onDelivery = { reports += $0.map(\.error) }
    do { try producer.send(topic, [1], partition: partition) } catch let error as KafkaError { return error }
    try Harness.run(until: !reports.isEmpty) { producer.poll(timeoutMs: 50) }
    return reports.first ?? nil
  }
}
