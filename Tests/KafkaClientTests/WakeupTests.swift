import Foundation
import KafkaClient
import Testing

@Suite struct WakeupTests {
  @Test func aSignalBeforeTheWaitEndsIt() throws {
    let wakeup = try Wakeup()
    wakeup.signal()
    wakeup.signal()
    #expect(wakeup.wait(timeoutMs: -1))
    #expect(!wakeup.wait(timeoutMs: 0), "one wait takes all signals")
  }

  @Test func withoutASignalTheWaitEndsByTime() throws {
    let wakeup = try Wakeup()
    #expect(!wakeup.wait(timeoutMs: 0))
    #expect(!wakeup.wait(timeoutMs: 5))
  }

  @Test func aSignalFromAnotherThreadEndsAWaitForEver() throws {
    let wakeup = try Wakeup()
    let thread = Thread { wakeup.signal() }
    thread.start()
    #expect(wakeup.wait(timeoutMs: -1))
  }

  @Test func aRecordRaisesTheConsumersAndAReportTheProducersWakeup() throws {
    try Harness.withMock { mock in
      try mock.createTopic("wake")
      let (arrived, reported) = (try Wakeup(), try Wakeup())
      try Harness.withConsumer(mock.bootstrapServers) { consumer in
        consumer.notify(arrived)
        try consumer.assign([PartitionOffset(topic: "wake", partition: 0, offset: PartitionOffset.beginning)])
        try Harness.withProducer(mock.bootstrapServers) { producer in
          var reports = 0
          producer.onDelivery = { reports += $0.count(where: \.isAcknowledged) }
          producer.notify(reported)
          try producer.send("wake", [1])
          // Nothing but the descriptors says when to look.
          try Harness.run(until: reports == 1) {
            #expect(reported.wait(timeoutMs: 30_000))
            producer.poll()
          }
        }
        var copies: [Copy] = []
        try Harness.run(until: copies.count == 1) {
          copies += consumer.take(timeoutMs: 0)
          if copies.isEmpty { #expect(arrived.wait(timeoutMs: 30_000)) }
        }
      }
    }
  }
}
