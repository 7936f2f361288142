import Foundation
import Logging
import Millrace

/// Runs a workload's configuration in this process and takes its figures. Broker and senders are other processes.
struct BenchmarkRunner {
  let brokers: String
  let topic: String
  let output: String
  /// The values of the configuration's ${BENCH_…}.
  let settings: [String: String]
  /// The name of replays: their topics are made beforehand, and their groups are told apart by the live one's name.
  static let replay = "bench"
  /// A number that tells this process's groups from those of earlier ones, so that each begins at the beginning of the topic.
  private let id = String(UInt32.random(in: .min ... .max), radix: 16)

  /// A pipeline that is running.
  final class Run: Sendable {
    let pipeline: Pipeline
    let configuration: Configuration
    private let task: Task<Void, any Error>

    init(_ pipeline: Pipeline, _ configuration: Configuration) {
      self.pipeline = pipeline
      self.configuration = configuration
      task = Task.detached { try await pipeline.run() }
    }

    /// Waits until a condition holds; gives up when nothing has been consumed or finished for a minute.
    func wait(_ what: String, until condition: (PipelineProgress) -> Bool) async throws {
      var (last, since) = (-1, MonotonicTime.now)
      while true {
        let progress = pipeline.progress
        if condition(progress) { return }
        if progress.consumed + progress.handled != last { (last, since) = (progress.consumed + progress.handled, .now) }
        if pipeline.hasEnded { try await task.value }
        guard MonotonicTime.now - since < .seconds(60), !pipeline.hasEnded else {
          throw BenchmarkFault("waited for \(what), but nothing has moved: \(progress)")
        }
        try await Task.sleep(for: .milliseconds(5))
      }
    }

    func stop() async throws {
      pipeline.stop()
      try await task.value
    }
  }

  /// Starts the lanes of a workload's configuration.
  /// - Parameters:
  ///   - lanes: nil for all.
  ///   - group: runs of the same one go on where the last ended.
  ///   - replayed: what `millrace replay` does, instead of the lanes.
  func start(_ file: String, lanes: [String]? = nil, group: String, replayed: Bool = false) throws -> Run {
    let configuration = try Configuration.load(Self.path(file), environment: environment(group: group))
    var log = Logger(label: "millrace.bench")
    log.logLevel = .error
    if replayed {
      let replay = try Replay(configuration, ReplaySettings(name: Self.replay), start: .resume, log: log)
      return Run(replay.makePipeline(measuresPhases: true), configuration)
    }
    let pipeline = Pipeline(
      try LaneCompiler(configuration).lanes(named: lanes), measuresPhases: true, log: log)
    return Run(pipeline, configuration)
  }

  /// The file of a workload's configuration.
  static func path(_ file: String) -> String { "\(BenchmarkWorkload.folder)/\(file).yaml" }
  func environment(group: String) -> [String: String] {
    settings.merging(
      ["BENCH_BROKERS": brokers, "BENCH_TOPIC": topic, "BENCH_OUTPUT": output, "BENCH_GROUP": "bench-\(id)-\(group)"]) { $1 }
  }

  /// Measures how fast the lanes take records, from the first that is received until `records` are handled.
  func throughput(
    _ file: String, lanes: [String]? = nil, records: Int, round: Int, group: String, replayed: Bool = false
  ) async throws -> (result: BenchmarkResult, report: RunReport) {
    let run = try start(file, lanes: lanes, group: "\(group)-\(round)", replayed: replayed)
    try await run.wait("the first record") { $0.consumed > 0 }
    // Each lane handles each record, by scoring it or by passing over it.
    let lanes = run.pipeline.lanes.count
    let (start, usage, before) = (MonotonicTime.now, ProcessUsage.now, run.pipeline.progress.handled / lanes)
    let stagesBefore = run.pipeline.phaseSeconds
    try await run.wait("\(records) records") { $0.handled >= records * lanes }
    let (seconds, used, stages) = (seconds(since: start), ProcessUsage.now, run.pipeline.phaseSeconds)
    try await run.stop()
    var result = BenchmarkResult(file, round: round)
    let counted = Double(records - before)
    result.records = records
    result.seconds = seconds
    result.recordsPerS = counted / seconds
    result.cpuUsPerRecord = (used.cpuSeconds - usage.cpuSeconds) * 1e6 / counted
    result.maxRssMib = used.maxRssMib
    result.stages = BenchmarkResult.Stages(stages, since: stagesBefore, records: counted, process: used.cpuSeconds - usage.cpuSeconds)
    result.settings = settingsShown
    let report = run.pipeline.report
    for (name, lane) in report.lanes where lane.batchSize.max > 0 {
      result.settings["\(name) rows a batch"] = String(format: "%.0f", lane.batchSize.mean)
    }
    return (result, report)
  }

  var settingsShown: [String: String] {
    Dictionary(uniqueKeysWithValues: settings.map { ($0.key.dropFirst("BENCH_".count).lowercased(), $0.value) })
  }

  func seconds(since start: MonotonicTime) -> Double {
    let (seconds, attoseconds) = (MonotonicTime.now - start).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
