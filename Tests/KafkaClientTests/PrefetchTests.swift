import Testing

@testable import KafkaClient

@Suite struct PrefetchTests {
  @Test func aQueueThatWasFullAndIsDownToHalfHasEmptied() {
    let polls = stride(from: 1000, through: 0, by: -100).map { (queued: $0, taken: 100, bytes: 100) }
    // Half of what it held, then half of that while it still was a quarter full.
    #expect(emptied(PrefetchGauge(fullRecords: 1000, fullBytes: 1 << 30), polls) == [500, 200])
  }

  @Test func fewLargeRecordsFillItToo() {
    let polls = [(queued: 7, taken: 1, bytes: 1 << 20), (queued: 4, taken: 3, bytes: 3 << 20)]
    #expect(emptied(PrefetchGauge(fullRecords: 50_000, fullBytes: 8 << 20), polls) == [4])
  }

  @Test func aQueueThatIsNeverNearItsLimitsIsLeftAlone() {
    let polls = [(queued: 0, taken: 20, bytes: 20_000), (queued: 0, taken: 0, bytes: 0), (queued: 19, taken: 1, bytes: 50_000)]
    #expect(emptied(PrefetchGauge(fullRecords: 50_000, fullBytes: 8 << 20), polls + polls).isEmpty)
  }

  @Test func aPollThatTakesAllAtOnceSeesThatItWasFull() {
    #expect(emptied(PrefetchGauge(fullRecords: 100, fullBytes: 1 << 30), [(queued: 0, taken: 100, bytes: 100)]) == [0])
  }

  /// A consumer that raises the limit of a message asks for no less than that at once, or librdkafka would make none.
  @Test func littleIsAskedForAtOnceUnlessMessagesMayBeLarge() {
    #expect(Prefetch.defaults(for: [:])["fetch.max.bytes"] == "2097152")
    for name in ["message.max.bytes", "receive.message.max.bytes"] {
      let large: KafkaProperties = ["group.id": "g", name: "80000000"]
      #expect(Prefetch.defaults(for: large)["fetch.max.bytes"] == nil)
      #expect(ClientProbe.refusal(ofConsumer: large) == nil)
    }
  }

  /// What was left in the queue each time that the gauge spoke.
  private func emptied(_ gauge: PrefetchGauge, _ polls: [(queued: Int, taken: Int, bytes: Int)]) -> [Int] {
    var gauge = gauge
    return polls.filter { gauge.emptied(queued: $0.queued, taken: $0.taken, bytes: $0.bytes) }.map(\.queued)
  }

  @Test func aSmallQueueDoesNotStallAConsumer() throws {
    let count = 5000
    try Harness.withMock { mock in
      try mock.createTopic("in")
      try Harness.withProducer(mock.bootstrapServers, ["batch.num.messages": "50", "linger.ms": "1000"]) { producer in
        for _ in 0..<count { try producer.send("in", [7]) }
        try producer.flush(timeoutMs: 60_000)
      }
      // One batch a fetch. A client that looked only once a second whether there is room would need 100 seconds.
      try Harness.withConsumer(mock.bootstrapServers, ["queued.min.messages": "10"]) { consumer in
        try consumer.assign([PartitionOffset(topic: "in", partition: 0, offset: PartitionOffset.beginning)])
        var taken = 0
        try Harness.run(until: taken == count) { taken += consumer.take(20).count }
      }
    }
  }
}
