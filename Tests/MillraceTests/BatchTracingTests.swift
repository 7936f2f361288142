import Foundation
import InMemoryTracing
import KafkaClient
import ModelRuntime
import Testing
import Tracing

@testable import Millrace

/// Spans of batches, by whole lanes on a mock cluster. Each test has a tracer of its own: the process's could be set only once.
@Suite struct BatchTracingTests {
  private static let trace = "0af7651916cd43dd8448eb211c80319c"

  private static func parent(_ number: Int) -> String {
    "00-\(trace)-\(String(repeating: "0", count: 14))\(String(number + 16, radix: 16))-01"
  }

  /// Runs the lane until so many records have their outputs.
  private func run(_ fixture: LaneFixture, until count: Int, with tracer: (any Tracer)?) async throws {
    let pipeline = try fixture.pipeline()
    let end =
      if let tracer { withTracer(tracer) { Task { try await pipeline.run() } } } else { Task { try await pipeline.run() } }
    try await fixture.wait("\(count) outputs") {
      let figures = pipeline.snapshot(of: "only")
      return figures.predicted + figures.deadLettered == count
    }
    pipeline.stop()
    try await end.value
  }

  @Test(.timeLimit(.minutes(1))) func aBatchLinksTheRecordsThatHaveAContextAndNoOthers() async throws {
    let fixture = try LaneFixture(lanes: "only: {model: sums, max_batch_size: 5, max_delay: 1m, batching: full}")
    defer { fixture.close() }
    try fixture.feed(1, headers: ["traceparent": Self.parent(0), "tracestate": "shop=1"])
    try fixture.feed(1)
    try fixture.feed(1, headers: ["traceparent": "not one", "other": "x"])
    try fixture.feed(1, headers: ["priority": "urgent"])
    try fixture.feed(1, headers: ["traceparent": Self.parent(4)])
    let tracer = TraceContextTracer()
    try await run(fixture, until: 5, with: tracer)
    #expect(tracer.spans.count == 1)
    let span = try #require(tracer.spans.first)
    #expect(span.operationName == "process events")
    #expect(span.kind == .consumer)
    #expect(span.parentSpanID == nil)
    #expect(span.status == nil && span.errors.isEmpty)
    let expected: SpanAttributes = [
      "messaging.system": "kafka", "messaging.operation.name": "process", "messaging.operation.type": "process",
      "messaging.destination.name": "events", "messaging.consumer.group.name": "fixture.only", "messaging.batch.message_count": 5,
      "millrace.lane": "only", "millrace.model.name": "sums", "millrace.model.version": .string(try version(of: fixture)),
      "millrace.batch.close_reason": "size",
    ]
    #expect(span.attributes == expected)
    let links = span.links.map { ($0.context.inMemorySpanContext?.spanID, $0.attributes.get("messaging.kafka.offset")) }
    #expect(links.map(\.0) == ["0000000000000010", "0000000000000014"])
    #expect(links.map(\.1) == [.int64(0), .int64(4)])
    #expect(span.links.allSatisfy { $0.context.inMemorySpanContext?.traceID == Self.trace })
    // The prediction goes on in its record's trace, not in the batch's.
    #expect(try fixture.published(5).map(\.traceparent) == [Self.parent(0), nil, "not one", nil, Self.parent(4)])
  }

  @Test(.timeLimit(.minutes(1))) func theLinksOfOneSpanAreBounded() async throws {
    let count = BatchTracing.maxLinks + 40
    let fixture = try LaneFixture(lanes: "only: {model: sums, max_batch_size: \(count), max_delay: 1m, batching: full}")
    defer { fixture.close() }
    try fixture.feed(count, headers: ["traceparent": Self.parent(0)])
    let tracer = TraceContextTracer()
    try await run(fixture, until: count, with: tracer)
    let span = try #require(tracer.spans.first)
    #expect(span.attributes.get("messaging.batch.message_count") == .int64(Int64(count)))
    #expect(span.links.map { $0.attributes.get("messaging.kafka.offset") } == (0..<BatchTracing.maxLinks).map { .int64(Int64($0)) })
  }

  @Test(.timeLimit(.minutes(1))) func aBatchWhoseModelFailedSaysSo() async throws {
    let fixture = try LaneFixture(
      lanes: "only: {model: gated, max_batch_size: 3, max_delay: 1m, batching: full, retry: {interval: 1ms, max_attempts: 1}}")
    defer { fixture.close() }
    fixture.gate.fail(1)
    try fixture.feed(6)
    let tracer = TraceContextTracer()
    try await run(fixture, until: 6, with: tracer)
    #expect(tracer.spans.map { $0.status?.code } == [.error, nil])
    let failed = try #require(tracer.spans.first)
    #expect(failed.errors.map { "\($0.error)" } == ["no memory is left"])
    #expect(failed.status?.message == "no memory is left")
    #expect(failed.attributes.get("millrace.batch.unanswered_count") == .int64(3))
    #expect(tracer.memory.activeSpans.isEmpty)
  }

  @Test(.timeLimit(.minutes(1))) func withoutATracerThereIsNothing() async throws {
    #expect(BatchTracing.tracer == nil)
    #expect(withTracer(NoOpTracer()) { BatchTracing.tracer } == nil)
    #expect(withTracer(TraceContextTracer()) { BatchTracing.tracer } is TraceContextTracer)
    let fixture = try LaneFixture(lanes: "only: {model: sums}")
    defer { fixture.close() }
    try fixture.feed(3, headers: ["traceparent": Self.parent(0)])
    try await run(fixture, until: 3, with: nil)
    #expect(try fixture.published(3).map(\.traceparent) == Array(repeating: Self.parent(0), count: 3))
  }

  private func version(of fixture: LaneFixture) throws -> String {
    try #require(try fixture.pipeline().lanes.first).model.version
  }
}

extension LaneFixture {
  /// What stands in the predictions' headers, in their order.
  fileprivate func published(_ count: Int) throws -> [(source: String, traceparent: String?)] {
    let reader = try KafkaConsumer(["bootstrap.servers": mock.bootstrapServers, "group.id": "reader", "auto.offset.reset": "earliest"])
    defer { reader.close() }
    try reader.assign([PartitionOffset(TopicPartition(topic: "predictions", partition: 0), offset: 0)])
    var found: [(String, String?)] = []
    let buffer = UnsafeMutableBufferPointer<KafkaRecord>.allocate(capacity: 64)
    defer { buffer.deallocate() }
    while found.count < count {
      for record in buffer[..<reader.poll(into: buffer)] {
        func text(_ name: String) -> String? { (record.header(name) ?? nil).map { String(decoding: $0, as: UTF8.self) } }
        found.append((text("millrace-source") ?? "", text("traceparent")))
        record.destroy()
      }
    }
    return found
  }
}
