import ArgumentParser
import Foundation
import KafkaClient
import Millrace

struct BenchmarkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure a workload: throughput, processor time, latency and memory.",
    discussion: """
      fraud      500-byte JSON, 30 features, 200 trees; one worker takes what a filled topic holds
      ffnn       784 numbers as JSON text, a dense network
      transport  100 bytes, a model that gives its input back
      mixed      a steady urgent stream in the partitions of a bulk backlog
      replay     a steady urgent stream in live lanes while their topic is replayed
      watched    a steady urgent stream under 1,000 scrapes at once and 100 open dashboards
      skip       the urgent lane passes over a bulk backlog, by a header and by a field
      start      until ready, and from idle to the first prediction
      decode     routes and features alone, without Kafka: nanoseconds a record
      trees      the fraud model alone, compiled and in ONNX Runtime, by the rows of a batch

      Run it at the repository's root: the configurations are in Tests/Benchmarks/workloads. The broker is a process of its own unless \
      --brokers or MILLRACE_TEST_BROKERS names a cluster, and so is whoever fills the topic. `make bench` compares with others.
      """)

  @Argument(help: "fraud, ffnn, transport, mixed, replay, watched, skip, start, decode or trees.") var workload: BenchmarkWorkload
  @Option(help: "Records in the topic.") var records: Int?
  @Option(help: "How often to measure.") var rounds = 1
  @Option(help: ArgumentHelp("Print all figures at the end, on standard output.", valueName: "json")) var report: ReportFormat?
  @Option(help: "host:port of a cluster to use.") var brokers: String?
  @Option(help: "Workers of the lane.") var workers = 1
  @Option(help: "The most records of a batch.") var batch: Int?
  @Option(help: "learned or full.") var batching = "learned"
  @Option(help: "fraud: compiled or onnxruntime.") var trees = "compiled"
  @Option(help: "Another configuration of the workload, by its file's name.") var variant: String?
  @Option(help: "Partitions of the topic.") var partitions: Int?
  @Flag(help: "fraud, ffnn, transport: a replay takes what the topic holds.") var replayed = false
  @Option(help: "mixed, replay, watched: urgent records a second.") var rate = 500.0
  @Option(help: "mixed, replay, watched: seconds of each part.") var seconds = 5.0
  @Option(help: ArgumentHelp("A topic to use or to fill.", visibility: .hidden)) var topic: String?
  @Flag(help: ArgumentHelp("The topic is filled already.", visibility: .hidden)) var filled = false
  @Flag(help: ArgumentHelp("Fill the topic and leave.", visibility: .hidden)) var fillOnly = false
  @Flag(help: ArgumentHelp("Create the topic and leave.", visibility: .hidden)) var createOnly = false
  @Flag(help: ArgumentHelp("Send urgent records and leave.", visibility: .hidden)) var sendOnly = false
  @Option(help: ArgumentHelp("Watch the operations on this port and leave.", visibility: .hidden)) var watchPort: Int?

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds must be more than 0") }
    guard records ?? 1 > 0, workers > 0, batch ?? 1 > 0, partitions ?? 1 > 0 else {
      throw ValidationError("--records, --workers, --batch and --partitions must be more than 0")
    }
    guard rate > 0, seconds > 0 else { throw ValidationError("--rate and --seconds must be more than 0") }
    if replayed, variant != nil || ![.fraud, .ffnn, .transport].contains(workload) {
      throw ValidationError("--replayed is for fraud, ffnn and transport, without a --variant")
    }
    if fillOnly || createOnly || sendOnly || filled, topic == nil { throw ValidationError("--topic is needed") }
  }

  private var recordCount: Int { records ?? workload.records }
  private var cluster: String? { brokers ?? ProcessInfo.processInfo.environment["MILLRACE_TEST_BROKERS"] }

  func run() async throws {
    try await reportingFaults {
      if workload == .decode { return try decode() }
      if workload == .trees { return try compareTrees() }
      if fillOnly || sendOnly { return try send() }
      if let watchPort { return try watch(watchPort) }
      guard FileManager.default.fileExists(atPath: BenchmarkWorkload.folder) else {
        throw BenchmarkFault("there is no \(BenchmarkWorkload.folder) here: run it at the root of Millrace's repository")
      }
      let topic = topic ?? "bench-\(workload.rawValue)-\(UInt32.random(in: .min ... .max))"
      let count = partitions ?? workload.partitions(for: recordCount)
      let outputs = ["", ".replay.\(BenchmarkRunner.replay)"].flatMap { [("\(topic)-out\($0)", 8), ("\(topic)-out.dlq\($0)", 1)] }
      let topics = [(topic, count)] + outputs
      if createOnly { return try create(topics, at: cluster ?? "") }
      let broker = cluster == nil ? try BenchmarkProcess(["broker"] + topics.flatMap { ["--topic", "\($0.0):\($0.1)"] }) : nil
      defer { broker?.stop() }
      let address = cluster ?? broker?.line() ?? ""
      if broker == nil && !filled { try create(topics, at: address) }
      if !filled && recordCount > 0 {
        progress("filling \(count) partitions with \(recordCount) records")
        let filler = try BenchmarkProcess([
          "bench", workload.rawValue, "--fill-only", "--topic", topic, "--brokers", address, "--records", "\(recordCount)",
        ])
        _ = filler.line()
        try filler.wait()
      }
      var settings = ["BENCH_WORKERS": "\(workers)", "BENCH_BATCHING": batching, "BENCH_TREES": trees]
      if let batch { settings["BENCH_BATCH"] = "\(batch)" }
      try await measure(BenchmarkRunner(brokers: address, topic: topic, output: "\(topic)-out", settings: settings))
    }
  }

  private func measure(_ runner: BenchmarkRunner) async throws {
    let urgent = UrgentStream(runner: runner, rate: rate, seconds: seconds)
    var results: [BenchmarkResult] = []
    var last: RunReport?
    for round in 1...rounds {
      let before = results.count
      switch workload {
      case .fraud, .ffnn, .transport:
        let file = variant ?? workload.rawValue
        let (result, report) = try await runner.throughput(
          file, records: recordCount, round: round, group: file, replayed: replayed)
        results.append(result)
        last = report
      case .skip:
        for file in ["skip-header", "skip-field"] {
          let (result, report) = try await runner.throughput(file, lanes: ["urgent"], records: recordCount, round: round, group: file)
          results.append(result)
          last = report
        }
      case .mixed:
        results += try await MixedBenchmark(runner: runner, backlog: recordCount, urgent: urgent).round(round)
      case .replay:
        results += try await ReplayBenchmark(runner: runner, backlog: recordCount, urgent: urgent).round(round)
      case .watched:
        results += try await WatchedBenchmark(runner: runner, urgent: urgent).round(round)
      case .decode, .trees: break
      case .start: results.append(try await StartBenchmark(runner: runner).round(round))
      }
      for result in results[before...] { progress(result.summary) }
    }
    try tell(BenchmarkReport(last: last, runs: results))
  }

  private func decode() throws {
    for _ in 0..<rounds {
      let lines = try DecodingBenchmark(records: recordCount).lines()
      for line in lines { progress("\(Int(line.nanoseconds.rounded())) ns, aim under \(Int(line.aim)): \(line.name)") }
      try tell(lines)
    }
  }

  private func compareTrees() throws {
    var results: [BenchmarkResult] = []
    for round in 1...rounds {
      let runs = try TreesBenchmark().round(round)
      for run in runs { progress(run.summary) }
      results += runs
    }
    try tell(BenchmarkReport(last: nil, runs: results))
  }

  /// Prints all figures as JSON, if they are asked for.
  private func tell(_ figures: some Encodable) throws {
    guard report == .json else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(figures), as: UTF8.self))
  }

  /// Prints what a person reads: to standard error if a program reads standard output.
  private func progress(_ line: String) {
    if report == .json { printError(line) } else { print(line) }
    fflush(nil)
  }

  private func send() throws {
    guard let cluster, let topic else { throw ValidationError("--brokers and --topic are needed") }
    var filler = try BenchmarkFiller(workload, topic: topic, brokers: cluster, lingerMs: fillOnly ? 20 : 0)
    defer { filler.close() }
    if fillOnly {
      try filler.fill(recordCount)
      print(recordCount)
    } else {
      print("ready")
      fflush(nil)
      _ = readLine()
      print(try filler.sendUrgent(rate: rate, seconds: seconds))
    }
    fflush(nil)
  }

  private func watch(_ port: Int) throws {
    let watchers = try BenchmarkWatchers(port: port)
    print("ready")
    fflush(nil)
    _ = readLine()
    print(try watchers.watch(seconds: seconds))
    fflush(nil)
  }

  private func create(_ topics: [(String, Int)], at address: String) throws {
    let admin = try KafkaAdmin(["bootstrap.servers": address])
    defer { admin.close() }
    for (name, error) in try admin.createTopics(topics.map { NewTopic($0.0, partitions: $0.1) }) where error.code != .topicAlreadyExists {
      throw BenchmarkFault("topic \(name) can't be created: \(error)")
    }
  }
}
