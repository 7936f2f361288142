import Foundation
import KafkaClient
import Logging
import Millrace
import Testing

@testable import MillraceOperations

/// A run over an embedded broker, as seen from outside.
@Suite(.serialized, .timeLimit(.minutes(1))) struct DrainedRunTests {
  private static let records = 500

  private func fill(_ broker: MockCluster) throws {
    let producer = try KafkaProducer(["bootstrap.servers": broker.bootstrapServers])
    defer { producer.close() }
    let topic = try producer.topic("transactions")
    for number in 0..<Self.records {
      // Every tenth can't be decoded, every third is urgent.
      let text = number % 10 == 0 ? "{\"a\": \"planted-payload-\(number)" : #"{"a": \#(number % 3 == 0 ? 11 : 1), "b": 0.25, "c": 0}"#
      let admission = Array(text.utf8).withUnsafeBytes { producer.produce(to: topic, key: nil, value: $0, headers: nil) }
      guard case .accepted = admission else { throw CocoaError(.fileWriteUnknown) }
    }
    try producer.flush(timeoutMs: 10_000)
  }

  private func rig(_ broker: MockCluster) throws -> OperationsRig {
    for topic in ["transactions", "predictions", "transactions.dlq"] { try broker.createTopic(topic, partitions: 2) }
    let properties = [
      "bootstrap.servers: '\(broker.bootstrapServers)'", "session.timeout.ms: 6000", "fetch.wait.max.ms: 10",
      "sasl.username: planted", "sasl.password: '\(OperationsRig.password)'", "debug: 'security,cgrp'",
    ]
    return try OperationsRig(kafka: properties.joined(separator: ", "), untilDrained: true)
  }

  /// `name{labels} value` as label pairs and value, of one metric.
  private func samples(_ name: String, in page: String) -> [(labels: Substring, value: Int)] {
    page.split(separator: "\n").compactMap { line in
      guard line.hasPrefix(name + "{"), let end = line.lastIndex(of: "}") else { return nil }
      return (line[..<end], Int(line[line.index(end, offsetBy: 2)...]) ?? -1)
    }
  }

  @Test func metricsAgreeWithTheReportAndShowNoSecret() async throws {
    let broker = try MockCluster()
    defer { broker.close() }
    let rig = try rig(broker)
    try fill(broker)
    try await rig.serving { port in
      try await rig.pipeline.run()
      let page = try RawClient.ask(port, "GET", "/metrics").body
      let report = rig.pipeline.report
      #expect(report.predicted == Self.records * 9 / 10)
      #expect(report.deadLettered == Self.records / 10)
      for (name, lane) in report.lanes {
        func total(_ metric: String) -> Int {
          samples(metric, in: page).filter { $0.labels.contains("lane=\"\(name)\"") }.reduce(0) { $0 + $1.value }
        }
        #expect(total("millrace_records_consumed_total") == lane.consumed)
        #expect(total("millrace_records_skipped_total") == lane.skipped)
        #expect(total("millrace_records_predicted_total") == lane.predicted)
        #expect(total("millrace_records_dead_lettered_total") == lane.deadLettered)
        #expect(lane.consumed == Self.records)
        #expect(lane.consumed == lane.skipped + lane.predicted + lane.deadLettered)
        #expect(total("millrace_latency_seconds_count") == lane.predicted)
        #expect(total("millrace_queue_seconds_count") == lane.predicted)
        #expect(total("millrace_score_count") == lane.predicted)
        #expect(total("millrace_in_flight_records") == 0)
      }
      let events = try RawClient(port)
      events.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let seen = [
        page, try RawClient.ask(port, "GET", "/v1/status").body, try RawClient.ask(port, "GET", "/").body,
        try RawClient.ask(port, "POST", "/v1/drain").body, try RawClient.ask(port, "GET", "/health/ready").body,
        events.read(until: "\"dead_letters\":[{").text, "\(rig.configuration)", rig.lines.all.joined(separator: "\n"),
      ]
      for text in seen {
        #expect(!text.contains(OperationsRig.password))
        #expect(!text.contains(OperationsRig.token))
        #expect(!text.contains("planted-payload"))
      }
      // They do show what happened: nothing above passes for being empty.
      #expect(seen[1].contains("not valid JSON"))
      #expect(rig.lines.all.contains { $0.contains("librdkafka") })
    }
  }

  @Test func aPausedLaneTakesNothingUntilItIsResumed() async throws {
    let broker = try MockCluster()
    defer { broker.close() }
    let rig = try rig(broker)
    rig.pipeline.setPaused(true, lane: "bulk")
    try fill(broker)
    let running = Task { try await rig.pipeline.run() }
    while !rig.pipeline.isAssigned || rig.pipeline.snapshot(of: "urgent").consumed < Self.records {
      try await Task.sleep(for: .milliseconds(20))
    }
    let status = try #require(rig.pipeline.status(of: "bulk"))
    #expect(status.isPaused && status.stalls.isEmpty)
    // Between its assignment and its next turn a worker may be handed what was fetched meanwhile.
    #expect(rig.pipeline.snapshot(of: "bulk").consumed < Self.records)
    rig.pipeline.setPaused(false, lane: "bulk")
    try await running.value
    let report = rig.pipeline.report
    #expect(report.lanes["bulk"]?.consumed == Self.records)
    #expect(report.predicted + report.deadLettered == Self.records)
  }
}
