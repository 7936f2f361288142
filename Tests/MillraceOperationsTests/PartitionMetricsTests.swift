import CoreMetrics
import Foundation
import Synchronization
import Testing

@testable import Millrace
@testable import MillraceOperations

/// Lags of single partitions: each is shown, up to a bound.
@Suite struct PartitionMetricsTests {
  private func note(_ partitions: [PartitionStatus], _ lane: String, of pipeline: Pipeline) throws {
    try #require(pipeline.statistics[lane]?.first).journal.note(partitions: partitions)
  }

  private func partition(_ topic: String, _ number: Int, lag: Int64, seconds: Double = 0) -> PartitionStatus {
    PartitionStatus(topic: topic, partition: number, position: 10, end: 10 + lag, lagSeconds: seconds)
  }

  private func lines(_ prefix: String, of pipeline: Pipeline) -> [String] {
    PrometheusText.render(LaneReading.all(of: pipeline)).split(separator: "\n").filter { $0.hasPrefix(prefix) }.map(String.init)
  }

  @Test func eachPartitionHasItsLag() throws {
    let pipeline = try OperationsRig().pipeline
    try note([partition("b", 0, lag: 7, seconds: 1.5), partition("a", 3, lag: 0)], "urgent", of: pipeline)
    #expect(
      lines("millrace_partition_lag_records{", of: pipeline) == [
        #"millrace_partition_lag_records{lane="urgent",topic="a",partition="3"} 0"#,
        #"millrace_partition_lag_records{lane="urgent",topic="b",partition="0"} 7"#,
      ])
    #expect(
      lines("millrace_partition_lag_seconds{", of: pipeline) == [
        #"millrace_partition_lag_seconds{lane="urgent",topic="a",partition="3"} 0"#,
        #"millrace_partition_lag_seconds{lane="urgent",topic="b",partition="0"} 1.5"#,
      ])
  }

  @Test func theirNumberIsBoundedAndTheLanesOwnLagCountsThemAll() throws {
    let pipeline = try OperationsRig().pipeline
    let count = Metric.maxPartitions + 10
    // Those behind the bound are furthest behind, and stay out all the same.
    try note((0..<count).map { partition("t", $0, lag: Int64($0)) }, "bulk", of: pipeline)
    let shown = lines("millrace_partition_lag_records{", of: pipeline)
    #expect(shown.count == Metric.maxPartitions)
    #expect(shown.last?.hasSuffix(#"partition="\#(Metric.maxPartitions - 1)"} \#(Metric.maxPartitions - 1)"#) == true)
    let total = (0..<count).reduce(0, +)
    #expect(lines(#"millrace_lag_records{lane="bulk"}"#, of: pipeline) == [#"millrace_lag_records{lane="bulk"} \#(total)"#])
  }

  @Test func aBackendOfSwiftMetricsLosesThePartitionsThatAreLost() throws {
    let backend = GaugeBackend()
    let pipeline = try OperationsRig().pipeline
    var export = try #require(MetricsExport(to: backend))
    try note([partition("t", 0, lag: 5), partition("t", 1, lag: 6)], "bulk", of: pipeline)
    export.push(LaneReading.all(of: pipeline))
    #expect(backend.gauges["millrace_partition_lag_records bulk t 0"] == 5)
    #expect(backend.gauges["millrace_partition_lag_records bulk t 1"] == 6)
    try note([partition("t", 1, lag: 4)], "bulk", of: pipeline)
    export.push(LaneReading.all(of: pipeline))
    #expect(backend.gauges["millrace_partition_lag_records bulk t 0"] == nil)
    #expect(backend.gauges["millrace_partition_lag_records bulk t 1"] == 4)
  }
}

/// Keeps each gauge's last value, under its name and its labels' values, until it is destroyed.
private final class GaugeBackend: MetricsFactory {
  private let values = Mutex<[String: Double]>([:])

  var gauges: [String: Double] { values.withLock { $0 } }

  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    Recorder(key: ([label] + dimensions.map(\.1)).joined(separator: " "), backend: self)
  }

  func destroyRecorder(_ handler: any RecorderHandler) {
    if let recorder = handler as? Recorder { values.withLock { $0[recorder.key] = nil } }
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { NOOPMetricsHandler.instance }
  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}

  private final class Recorder: RecorderHandler {
    let key: String
    let backend: GaugeBackend

    init(key: String, backend: GaugeBackend) {
      self.key = key
      self.backend = backend
    }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { backend.values.withLock { $0[key] = value } }
  }
}
