import InMemoryTracing
import Tracing

/// Keeps spans in memory, and reads the contexts of others from `traceparent`, as tracers of OpenTelemetry do.
struct TraceContextTracer: Tracer {
  let memory = InMemoryTracer()

  var spans: [FinishedInMemorySpan] { memory.finishedSpans }

  func startSpan<Instant: TracerInstant>(
    _ name: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind, at instant: @autoclosure () -> Instant,
    function: String, file: String, line: UInt
  ) -> InMemorySpan {
    memory.startSpan(name, context: context(), ofKind: kind, at: instant(), function: function, file: file, line: line)
  }

  func extract<Carrier, Extract: Extractor>(_ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract)
  where Extract.Carrier == Carrier {
    guard let text = extractor.extract(key: "traceparent", from: carrier),
      let match = text.wholeMatch(of: /00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/)
    else { return }
    context.inMemorySpanContext = InMemorySpanContext(traceID: String(match.1), spanID: String(match.2), parentSpanID: nil)
  }

  func inject<Carrier, Inject: Injector>(_ context: ServiceContext, into carrier: inout Carrier, using injector: Inject)
  where Inject.Carrier == Carrier {}

  func forceFlush() {}
}
