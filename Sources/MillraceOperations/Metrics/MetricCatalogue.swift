import Millrace
import ModelRuntime

/// The catalogue of all metrics. The page at `/metrics`, the reference page and what swift-metrics gets come from here.
package enum MetricCatalogue {
  static let all: [Metric] = records + times + batches + positions + lanes + kafka

  private static let records: [Metric] = [
    .counter("millrace_records_consumed_total", "records", .consumed, "Records taken from Kafka, whichever lane's they are."),
    .counter("millrace_records_skipped_total", "records", .skipped, "Records taken from Kafka that are another lane's."),
    .counter(
      "millrace_records_expired_total", "records", .expired,
      "Offsets that retention, or someone, deleted before the lane had read them; marks of transactions among them count."
    ),
    .counter("millrace_records_predicted_total", "records", .predicted, "Records whose prediction the broker has acknowledged."),
    .counter(
      "millrace_records_dead_lettered_total", "records", by: "stage", FailureStage.allCases.map { ($0.rawValue, $0.counter) },
      "Records whose dead letter the broker has acknowledged, by the stage that failed."),
    .counter(
      "millrace_missed_deadlines_total", "records", .missedDeadlines,
      "Predictions that were acknowledged later than the lane's deadline after their record's timestamp."),
    .counter("millrace_retries_total", "attempts", .retries, "Attempts of the model after the first, for faults that may pass."),
    .counter("millrace_fallbacks_total", "records", .fallbacks, "Records that went to the lane's fallback."),
    .counter(
      "millrace_circuit_openings_total", "openings", .circuitOpenings,
      "Times that a worker's circuit breaker opened, failed probes included."),
    .counter(
      "millrace_model_changes_total", "changes", .modelChanges, "Times that a worker has taken another model between two batches."),
    .counter(
      "millrace_failed_rules_total", "rules", .failedRules,
      "Rules of routes whose expression failed on a record, so that they did not match."),
  ]

  private static let times: [Metric] = [
    .time("millrace_latency_seconds", "From the record's timestamp to the acknowledgement of its prediction.", \.latency),
    .time(
      "millrace_queue_seconds", "From the record's timestamp to the start of its batch's scoring: time in Kafka and in the batch.",
      \.waiting),
    .time("millrace_inference_seconds", "The model's time for one batch.", \.inference),
    .time("millrace_publish_seconds", "From a batch's hand-over to the producer to the acknowledgement of its last output.", \.publishing),
    Metric(
      name: "millrace_score", kind: .histogram, unit: "score", help: "The model's first numeric output.", labels: ["model"], counters: []
    ) { [Sample([$0.lane.model.name], .histogram(Buckets($0.snapshot.scores)))] },
  ]

  private static let batches: [Metric] = [
    .counter(
      "millrace_batches_total", "batches", by: "reason", [("size", .closedBySize), ("delay", .closedByDelay), ("drain", .closedByDrain)],
      """
      Batches scored, by what closed them: they were full, waiting longer was not allowed or gained nothing, or the lane gave a \
      partition back or stopped.
      """),
    .counter("millrace_batch_rows_total", "rows", .batchRows, "Rows scored; divided by the batches, the mean batch size."),
    .gauge("millrace_batch_rows_max", "rows", "Rows of the largest batch so far.") { Double($0.snapshot.batchSizeMax) },
  ]

  private static let positions: [Metric] = [
    .gauge("millrace_lag_records", "records", "Records between the lane's position and the end of its partitions.") {
      Double($0.status.partitions.reduce(0) { $0 + $1.lag })
    },
    .gauge("millrace_lag_seconds", "seconds", "Age of the last record taken, of the partition that is furthest behind; 0 without a lag.") {
      $0.status.partitions.map(\.lagSeconds).max() ?? 0
    },
    .partitions("millrace_partition_lag_records", "records", "Records between the lane's position in the partition and its end") {
      Double($0.lag)
    },
    .partitions(
      "millrace_partition_lag_seconds", "seconds", "Age of the last record taken of the partition, 0 without a lag", \.lagSeconds),
    .gauge("millrace_partitions", "partitions", "Partitions that the lane's workers have.") { Double($0.status.partitions.count) },
    .gauge(
      "millrace_stalled_partitions", "partitions",
      "Partitions, or workers without one, that have stood still for stall_timeout although there is work."
    ) {
      Double($0.status.stalls.count)
    },
    .counter("millrace_rebalances_total", "rebalances", .rebalances, "Changes of the partitions that a worker has."),
    .counter("millrace_commits_total", "commits", .commits, "Commits that were begun."),
    .counter("millrace_commit_failures_total", "commits", .commitFailures, "Commits that failed; the next covers them."),
    .gauge("millrace_in_flight_records", "records", "Records taken whose output is not acknowledged yet.") { Double($0.snapshot.inFlight) },
  ]

  private static let lanes: [Metric] = [
    .gauge("millrace_lane_ready", "0 or 1", "Whether the lane has its partitions, its brokers and its model answer, and it moves.") {
      $0.status.isReady ? 1 : 0
    },
    .gauge("millrace_lane_paused", "0 or 1", "Whether the lane was paused.") { $0.status.isPaused ? 1 : 0 },
    .gauge("millrace_circuit_state", "0, 1 or 2", "The circuit breaker: 0 closed, 1 half open, 2 open; of the worker that is worst off.") {
      Double($0.snapshot.circuit.rawValue)
    },
    .gauge("millrace_lane_workers", "threads", "The lane's workers in this process.") { Double($0.lane.workers) },
    Metric(
      name: "millrace_model_info", kind: .gauge, unit: "always 1", help: "The model that scores the lane's records.",
      labels: ["model", "version"], counters: []
    ) { [Sample([$0.lane.model.name, $0.lane.model.version], .number(1))] },
  ]

  private static let kafka: [Metric] = [
    .gauge("millrace_kafka_prefetched_records", "records", "Records fetched that wait for their worker.") {
      Double($0.status.kafka.prefetchedRecords)
    },
    .gauge("millrace_kafka_prefetched_bytes", "bytes", "Bytes of the records that wait for their worker.") {
      Double($0.status.kafka.prefetchedBytes)
    },
    .gauge("millrace_kafka_queued_outputs", "records", "Predictions and dead letters that wait to be sent or acknowledged.") {
      Double($0.status.kafka.queuedOutputs)
    },
    .gauge("millrace_kafka_queued_output_bytes", "bytes", "Bytes of the outputs that wait.") { Double($0.status.kafka.queuedOutputBytes) },
    .gauge("millrace_kafka_waiting_events", "events", "Delivery reports and other events that wait for their worker's next turn.") {
      Double($0.status.kafka.waitingEvents)
    },
    .total("millrace_kafka_received_records_total", "records", "Records received from brokers.") { $0.status.kafka.recordsReceived },
    .total("millrace_kafka_sent_records_total", "records", "Predictions and dead letters sent to brokers.") {
      $0.status.kafka.recordsSent
    },
    .total("millrace_kafka_received_bytes_total", "bytes", "Bytes received from brokers.") { $0.status.kafka.bytesReceived },
    .total("millrace_kafka_sent_bytes_total", "bytes", "Bytes sent to brokers.") { $0.status.kafka.bytesSent },
    .gauge("millrace_kafka_queued_requests", "requests", "Requests that wait to be sent to a broker.") {
      Double($0.status.kafka.queuedRequests)
    },
    .gauge("millrace_kafka_outstanding_requests", "requests", "Requests that wait for a broker's answer; fetches wait for records.") {
      Double($0.status.kafka.outstandingRequests)
    },
    .total("millrace_kafka_request_errors_total", "requests", "Requests that could not be sent.") { $0.status.kafka.requestErrors },
    .total("millrace_kafka_answer_errors_total", "answers", "Answers that could not be received.") { $0.status.kafka.answerErrors },
    .total("millrace_kafka_request_retries_total", "requests", "Requests that were sent again.") { $0.status.kafka.requestRetries },
    .total("millrace_kafka_request_timeouts_total", "requests", "Requests that a broker did not answer in time.") {
      $0.status.kafka.requestTimeouts
    },
    .total("millrace_kafka_disconnects_total", "connections", "Connections to brokers that ended.") { $0.status.kafka.disconnects },
    .gauge(
      "millrace_kafka_round_trip_p99_seconds", "seconds", "99th percentile of the slowest broker's answers; a fetch may wait for records."
    ) { $0.status.kafka.roundTripP99Seconds },
    .gauge(
      "millrace_kafka_publish_round_trip_p99_seconds", "seconds",
      "99th percentile of the slowest broker's answers to the producers: acknowledgements of predictions and dead letters, mostly."
    ) { $0.status.kafka.publishRoundTripP99Seconds },
  ]

  /// The reference page of the metrics, in Markdown.
  package static func markdown() -> String {
    var lines = [
      "# Metrics", "",
      "<!-- Generated by `millrace schema --metrics`: change the catalogue in Sources/MillraceOperations/Metrics, not this page. -->", "",
      "`GET /metrics` at the address of `operations.address` answers with these in Prometheus' text format. A process that embeds the",
      "library and has set a backend for swift-metrics gets the same there, every five seconds: a histogram as its count, its sum and its",
      "quantiles 0.5 and 0.99.", "",
      "Every metric has the label `lane`. For each lane, consumed = skipped + predicted + dead-lettered once it is drained. The figures of",
      "`millrace_kafka_…` are librdkafka's own, sums over the lane's clients, renewed every five seconds.", "",
      "| metric | type | unit | labels | meaning |", "| --- | --- | --- | --- | --- |",
    ]
    for metric in all {
      let labels = (["lane"] + metric.labels).map { "`\($0)`" }.joined(separator: " ")
      lines.append("| `\(metric.name)` | \(metric.kind.rawValue) | \(metric.unit) | \(labels) | \(metric.help) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
