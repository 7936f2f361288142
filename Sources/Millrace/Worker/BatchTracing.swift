import KafkaClient
import ModelRuntime
import Tracing

/// A span for each batch that is scored, linked to the spans of its records, for whatever tracer the process has bootstrapped.
///
/// A batch serves many traces, so its span is the child of none of them: it begins a trace of its own. Predictions keep their records'
/// own `traceparent`; the links are what joins the two. Made once a worker, and not at all without a tracer.
struct BatchTracing {
  /// Links of one span at most, which is also what OpenTelemetry's libraries keep by default. Those of the first records stay.
  static let maxLinks = 128
  private let tracer: any Tracer

  init(_ tracer: any Tracer) { self.tracer = tracer }

  /// The tracer of the task that asks, or of the process. nil: there is none, and nothing is traced.
  static var tracer: (any Tracer)? {
    let tracer = InstrumentationSystem.tracer
    return tracer is NoOpTracer ? nil : tracer
  }

  /// Begins the span of a batch whose rows these records are.
  func begin(_ records: [KafkaRecord], of lane: Lane, _ model: ModelBinding, closedBy reason: CloseReason) -> BatchSpan {
    let topic = records.first.flatMap { first in records.allSatisfy { $0.topicHandle == first.topicHandle } ? first.topic : nil }
    let span = tracer.startSpan(topic.map { "process \($0)" } ?? "process", context: .topLevel, ofKind: .consumer)
    guard span.isRecording else { return BatchSpan(span) }
    span.attributes = Self.attributes(of: records.count, topic, lane, model, reason)
    var links = 0
    for record in records where record.hasHeaders {
      var context = ServiceContext.topLevel
      tracer.extract(record, into: &context, using: HeaderExtractor())
      // What the tracer can't read it leaves out.
      if context.isEmpty { continue }
      span.addLink(SpanLink(context: context, attributes: Self.attributes(of: record, topic)))
      links += 1
      if links == Self.maxLinks { break }
    }
    return BatchSpan(span)
  }

  /// OpenTelemetry's names for messaging, and our own for what it has none for.
  private static func attributes(
    of rows: Int, _ topic: String?, _ lane: Lane, _ model: ModelBinding, _ reason: CloseReason
  ) -> SpanAttributes {
    var attributes: SpanAttributes = [
      "messaging.system": "kafka",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.consumer.group.name": .string(lane.groupID),
      "messaging.batch.message_count": .int64(Int64(rows)),
      "millrace.lane": .string(lane.name),
      "millrace.model.name": .string(model.model.name),
      "millrace.model.version": .string(model.model.version),
      "millrace.batch.close_reason": .string("\(reason)"),
    ]
    if let topic { attributes["messaging.destination.name"] = topic }
    return attributes
  }

  /// Where the record of a link stands; its topic only if the span doesn't say it.
  private static func attributes(of record: KafkaRecord, _ topic: String?) -> SpanAttributes {
    var attributes: SpanAttributes = [
      "messaging.destination.partition.id": .string("\(record.partition)"), "messaging.kafka.offset": .int64(record.offset),
    ]
    if topic == nil { attributes["messaging.destination.name"] = record.topic }
    return attributes
  }
}

/// The span of a batch that is being scored. One thread; `end` exactly once.
final class BatchSpan {
  private let span: any Span
  private var rejected = 0
  private var unanswered = 0
  private var hasFailed = false

  fileprivate init(_ span: any Span) { self.span = span }

  /// The model can't score one of the rows.
  func rejected(_ reason: FailureText) {
    rejected += 1
    failed(reason.shown)
  }

  /// The model failed for so many rows, for a reason that may pass.
  func unanswered(_ rows: Int, _ reason: FailureText) {
    unanswered += rows
    failed(reason.shown)
  }

  /// The first reason stays.
  /// - Parameter reason: without values of events: traces go where dead letters may not.
  func failed(_ reason: String) {
    if hasFailed { return }
    hasFailed = true
    let failure = BatchFailure(description: reason)
    span.recordError(failure)
    span.setStatus(SpanStatus(code: .error, message: failure.description))
  }

  func end() {
    if rejected > 0 { span.attributes["millrace.batch.rejected_count"] = rejected }
    if unanswered > 0 { span.attributes["millrace.batch.unanswered_count"] = unanswered }
    span.end()
  }
}

/// Why rows of a batch have no prediction, as its span says it.
struct BatchFailure: Error, CustomStringConvertible {
  let description: String
}

/// Reads a trace's context out of a record's headers, by whichever names the tracer asks for.
private struct HeaderExtractor: Extractor {
  func extract(key: String, from record: KafkaRecord) -> String? {
    guard let bytes = record.header(key) ?? nil else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
