import CoreMetrics
import Foundation
import Synchronization
import Testing

@testable import Millrace
@testable import MillraceOperations

@Suite struct MetricCatalogueTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private static let promtool = "/usr/bin/promtool"

  @Test func namesAreUniqueAndFollowTheConventions() {
    let names = MetricCatalogue.all.map(\.name)
    #expect(Set(names).count == names.count)
    for metric in MetricCatalogue.all {
      #expect(metric.name.wholeMatch(of: /millrace_[a-z0-9_]+/) != nil, "\(metric.name)")
      #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
      #expect(metric.unit != "seconds" || metric.name.hasSuffix("_seconds"), "\(metric.name)")
      #expect(metric.unit != "bytes" || metric.name.hasSuffix("_bytes") || metric.name.hasSuffix("_bytes_total"), "\(metric.name)")
      #expect(metric.help.hasSuffix("."), "\(metric.name)")
    }
  }

  /// A counter that the workers keep and nobody can see is a metric that was forgotten.
  @Test(arguments: WorkerCounter.allCases) func everyCounterOfTheWorkersIsInIt(_ counter: WorkerCounter) {
    // The batches themselves are the sum of what closed them.
    let isShown = counter == .batches || MetricCatalogue.all.contains { $0.counters.contains(counter) }
    #expect(isShown, "add an entry for .\(counter) to MetricCatalogue")
  }

  @Test func theReferencePageIsUpToDate() {
    let stored = try? String(contentsOf: Self.root.appendingPathComponent("docs/reference/metrics.md"), encoding: .utf8)
    let isCurrent = stored == MetricCatalogue.markdown()
    #expect(isCurrent, "docs/reference/metrics.md differs: run `millrace schema --metrics > docs/reference/metrics.md`")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: promtool), "promtool is not installed (Debian's package prometheus)"))
  func prometheusFindsNothingWrongWithThePage() throws {
    let pipeline = try OperationsRig().pipeline
    let partition = PartitionStatus(topic: "a \"topic\"", partition: 0, position: 1, end: 3, lagSeconds: 0.5)
    try #require(pipeline.statistics["bulk"]?.first).journal.note(partitions: [partition])
    let text = PrometheusText.render(LaneReading.all(of: pipeline))
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: Self.promtool)
    process.arguments = ["check", "metrics"]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try input.fileHandleForWriting.close()
    let findings = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(findings)")
    #expect(findings.isEmpty, "\(findings)")
  }

  @Test func labelValuesAreEscaped() {
    #expect(PrometheusText.escaped("a\"b\\c\nd") == #"a\"b\\c\nd"#)
  }

  @Test func aBackendOfSwiftMetricsGetsTheSameTotals() throws {
    let backend = CountingBackend()
    let pipeline = try OperationsRig().pipeline
    var export = try #require(MetricsExport(to: backend))
    pipeline.setPaused(true, lane: "bulk")
    export.push(LaneReading.all(of: pipeline))
    export.push(LaneReading.all(of: pipeline))
    #expect(backend.value("millrace_lane_paused", lane: "bulk") == 1)
    #expect(backend.value("millrace_lane_paused", lane: "urgent") == 0)
    #expect(backend.value("millrace_model_info", lane: "urgent") == 1)
    #expect(MetricsExport(to: NOOPMetricsHandler.instance) == nil)
  }
}

/// Keeps the last value of each gauge.
private final class CountingBackend: MetricsFactory {
  private let values = Mutex<[String: Double]>([:])

  func value(_ label: String, lane: String) -> Double? { values.withLock { $0["\(label) \(lane)"] } }

  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    Recorder(key: "\(label) \(dimensions.first { $0.0 == "lane" }?.1 ?? "")", backend: self)
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { NOOPMetricsHandler.instance }
  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}

  private final class Recorder: RecorderHandler {
    let key: String
    let backend: CountingBackend

    init(key: String, backend: CountingBackend) {
      self.key = key
      self.backend = backend
    }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { backend.values.withLock { $0[key] = value } }
  }
}
