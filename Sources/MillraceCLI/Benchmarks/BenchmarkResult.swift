import Foundation
import Glibc
import Millrace

/// One run's figures, by the names that Tests/Benchmarks/report/results.py reads.
struct BenchmarkResult: Encodable {
  var kind = "throughput"
  var workload: String
  var peer = "Millrace"
  var variant: String?
  var round: Int
  var records: Int?
  var seconds: Double?
  var recordsPerS: Double?
  var cpuUsPerRecord: Double?
  var maxRssMib: Double?
  var latencyMs: Latency?
  var stages: Stages?
  var startS: Double?
  var firstPredictionS: Double?
  /// The setting that grows from run to run, with its value in this one.
  var by: String?
  var x: Int?
  var settings: [String: String] = [:]

  struct Latency: Encodable {
    let p50, p75, p90, p95, p99, p995, p999, max: Double

    init(_ snapshot: LatencySnapshot) {
      func milliseconds(_ share: Double) -> Double { Double(snapshot.percentile(share)) / 1_000 }
      p50 = milliseconds(0.5)
      p75 = milliseconds(0.75)
      p90 = milliseconds(0.9)
      p95 = milliseconds(0.95)
      p99 = milliseconds(0.99)
      p995 = milliseconds(0.995)
      p999 = milliseconds(0.999)
      max = Double(snapshot.maxMicroseconds) / 1_000
    }
  }

  /// Microseconds of processor time a record, in the order of the work.
  struct Stages: Encodable {
    private let costs: [(name: String, microseconds: Double)]

    /// - Parameter process: the processor seconds of all threads, those of librdkafka included.
    init(
      _ stages: [(phase: LoopPhase, seconds: Double)], since before: [(phase: LoopPhase, seconds: Double)], records: Double,
      process: Double
    ) {
      let own = zip(stages, before).map { (name: "\($0.phase)", seconds: $0.seconds - $1.seconds) }
      let rest = process - own.reduce(0) { $0 + $1.seconds }
      costs = (own + [("client threads", rest)]).map { ($0, $1 * 1e6 / records) }
    }

    private struct Name: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Name.self)
      for cost in costs { try container.encode(cost.microseconds, forKey: Name(stringValue: cost.name)) }
    }
  }

  enum CodingKeys: String, CodingKey {
    case stages = "stages_cpu_us_per_record"
    case kind, workload, peer, variant, round, records, seconds, by, x, settings
    case recordsPerS = "records_per_s"
    case cpuUsPerRecord = "cpu_us_per_record"
    case maxRssMib = "max_rss_mib"
    case latencyMs = "latency_ms"
    case startS = "start_s"
    case firstPredictionS = "first_prediction_s"
  }

  init(_ workload: String, round: Int) {
    self.workload = workload
    self.round = round
  }

  /// The result of a workload that is measured by its rate.
  init(_ workload: BenchmarkWorkload, round: Int, records: Int, seconds: Double) {
    self.init(workload.rawValue, round: round)
    self.records = records
    self.seconds = seconds
    recordsPerS = Double(records) / seconds
    maxRssMib = ProcessUsage.now.maxRssMib
  }

  /// The result as a line for people.
  var summary: String {
    var parts = ["\(workload)\(variant.map { ", \($0)" } ?? "")\(x.map { ", \($0) \(by ?? "")" } ?? ""), round \(round):"]
    if let recordsPerS { parts.append("\(Int(recordsPerS)) records/s") }
    if let cpuUsPerRecord { parts.append(String(format: "%.2f µs CPU a record", cpuUsPerRecord)) }
    if let latencyMs {
      parts.append(String(format: "p50 %.1f p99 %.1f p99.9 %.1f max %.1f ms", latencyMs.p50, latencyMs.p99, latencyMs.p999, latencyMs.max))
    }
    if let startS { parts.append(String(format: "ready after %.2f s", startS)) }
    if let firstPredictionS { parts.append(String(format: "first prediction after %.3f s", firstPredictionS)) }
    if let maxRssMib { parts.append("\(Int(maxRssMib)) MiB at most") }
    return parts.joined(separator: "  ")
  }
}

/// What `--report json` prints: the last run's report, and the figures of every run.
struct BenchmarkReport: Encodable {
  let last: RunReport?
  let runs: [BenchmarkResult]

  private enum CodingKeys: CodingKey { case runs }

  func encode(to encoder: any Encoder) throws {
    try last?.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(runs, forKey: .runs)
  }
}

/// The processor time and memory that the process has used so far, all threads.
struct ProcessUsage {
  let cpuSeconds: Double
  let maxRssMib: Double

  static var now: ProcessUsage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return ProcessUsage(cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), maxRssMib: Double(usage.ru_maxrss) / 1_024)
  }
}
