import Testing

@testable import Millrace

@Suite struct KafkaStatisticsTests {
  private static let broker =
    #""outbuf_cnt": 1, "waitresp_cnt": 2, "txerrs": 3, "rxerrs": 4, "txretries": 5, "req_timeouts": 6, "disconnects": 7"#

  private static let consumer = """
    {"replyq": 2, "rxmsgs": 100, "rx_bytes": 5000, "tx_bytes": 50, "txmsgs": 0,
     "brokers": {"a/1": {\(broker), "rtt": {"p99": 500000}}, "b/-1": {\(broker.replacing(": 1,", with: ": -1,")), "rtt": {"p99": 0}}},
     "topics": {"t": {"partitions": {"0": {"fetchq_cnt": 8, "fetchq_size": 800}, "-1": {"fetchq_cnt": 0}}}}}
    """
  private static let producer = """
    {"replyq": 1, "msg_cnt": 9, "msg_size": 900, "rxmsgs": 0, "txmsgs": 60, "rx_bytes": 1, "tx_bytes": 2,
     "brokers": {"a/1": {\(broker), "rtt": {"p99": 2000}}}}
    """

  @Test func clientsAndBrokersAddUpAndTheSlowestAnswersCount() {
    let one = KafkaStatistics(consumer: Self.consumer, producer: Self.producer)
    #expect(one.prefetchedRecords == 8 && one.prefetchedBytes == 800)
    #expect(one.queuedOutputs == 9 && one.queuedOutputBytes == 900)
    #expect(one.waitingEvents == 3)
    #expect(one.recordsReceived == 100 && one.recordsSent == 60)
    #expect(one.bytesReceived == 5001 && one.bytesSent == 52)
    #expect(one.queuedRequests == 2 && one.outstandingRequests == 6)
    #expect(one.requestErrors == 9 && one.answerErrors == 12 && one.requestRetries == 15)
    #expect(one.requestTimeouts == 18 && one.disconnects == 21)
    #expect(one.roundTripP99Seconds == 0.5)
    #expect(one.publishRoundTripP99Seconds == 0.002)
    var two = one
    two.add(one)
    #expect(two.recordsSent == 120 && two.outstandingRequests == 12 && two.publishRoundTripP99Seconds == 0.002)
  }

  @Test func aClientIsConnectedWhileOneOfItsBrokersIsUp() {
    func text(_ states: String...) -> String {
      #"{"brokers": {"# + states.enumerated().map { #""b/\#($0)": {"state": "\#($1)"}"# }.joined(separator: ", ") + "}}"
    }
    #expect(KafkaStatistics.isConnected(text("DOWN", "UP")))
    #expect(KafkaStatistics.isConnected(text("UPDATE")))
    #expect(!KafkaStatistics.isConnected(text("DOWN", "CONNECT", "INIT", "AUTH_REQ")))
    #expect(!KafkaStatistics.isConnected(""))
  }

  @Test func whatIsNotThereOrNoJSONCountsAsNothing() {
    for text in ["", "{", "[]", "{}", #"{"brokers": 3, "topics": {"t": null}}"#] {
      #expect(KafkaStatistics(consumer: text, producer: text) == KafkaStatistics())
    }
  }

  @Test func theJournalSaysWhatCameLast() {
    let journal = WorkerJournal()
    #expect(journal.kafka == KafkaStatistics())
    journal.note(consumerStatistics: Self.consumer)
    #expect(journal.kafka.recordsReceived == 100)
    journal.note(producerStatistics: Self.producer)
    journal.note(consumerStatistics: #"{"rxmsgs": 101}"#)
    #expect(journal.kafka.recordsReceived == 101 && journal.kafka.recordsSent == 60)
  }
}
