import Foundation
import KafkaClient

@testable import Millrace

/// One run of a configuration on a cluster or topics of its own, disturbed as the seed says.
final class FaultScenario {
  let plan: FaultPlan
  let log = FaultLog(isWritten: true)
  /// Whether the run showed that each input has one output.
  private(set) var showedEachOnce = false
  private var random: SeededGenerator
  private let cluster: FaultCluster
  private let lanes: [Lane]
  private let configuration: Configuration
  private let file: URL
  private let feeder: KafkaProducer
  private let events: ProducerTopic
  private var members: [any FaultMember] = []
  private var leaving: [any FaultMember] = []
  private let samples = FaultSamples()
  private var fed = 0

  /// Seconds that a whole run may take: less than its process has, so that a run that does not come to its end can say where it was.
  private static let patience = 50
  private let deadline = ContinuousClock.now.advanced(by: .seconds(FaultScenario.patience))

  /// - Parameter servers: of a real cluster; nil for a mock one.
  init(seed: UInt64, isCalm: Bool = false, servers: String? = nil) throws {
    random = SeededGenerator(seed: seed)
    plan = FaultPlan(isCalm: isCalm, isReal: servers != nil, &random)
    cluster = try FaultCluster(servers: servers, seed: seed, brokerCount: plan.brokerCount)
    let text = Self.configurationText(plan, cluster)
    file = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-faults-\(UUID().uuidString).yaml")
    try Data(text.utf8).write(to: file)
    configuration = try Configuration.parse(text, file: file.path)
    lanes = try LaneCompiler(configuration).lanes()
    feeder = try KafkaProducer([
      "bootstrap.servers": cluster.servers, "linger.ms": "0", "enable.idempotence": "true", "retry.backoff.ms": "20",
      "reconnect.backoff.ms": "10", "reconnect.backoff.max.ms": "100",
    ])
    events = try feeder.topic(cluster.inputs)
  }

  /// One request in flight: librdkafka takes a later batch's success for that of an earlier one whose answer was lost, which is right
  /// where brokers check sequences. The mock ones don't.
  private static func configurationText(_ plan: FaultPlan, _ cluster: FaultCluster) -> String {
    let delivery = plan.isExactlyOnce ? "exactly_once" : "at_least_once"
    let settings =
      "max_batch_size: \(plan.maxBatchSize), max_delay: \(plan.maxDelay), delivery: \(delivery), commit_interval: 50ms, drain_timeout: 15s"
    let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("ModelRuntimeTests/Models/matrix.onnx").path
    return """
      group: \(cluster.group)
      topics: [\(cluster.inputs)]
      kafka:
        bootstrap.servers: "\(cluster.servers)"
        fetch.wait.max.ms: 20
        session.timeout.ms: \(cluster.mock == nil ? 6000 : 3000)
        heartbeat.interval.ms: 200
        reconnect.backoff.ms: 10
        reconnect.backoff.max.ms: 200
        retry.backoff.ms: 20
        fetch.error.backoff.ms: 50
        topic.metadata.refresh.fast.interval.ms: 50
        coordinator.query.interval.ms: 1000
        max.in.flight.requests.per.connection: 1
      event: {format: json}
      routes:
        - {lane: quick, when: 'key == "quick"'}
        - {lane: rest}
      lanes:
        quick: {model: sums, \(settings)}
        rest: {model: sums, workers: \(plan.restWorkers), \(settings)}
      models:
        sums:
          path: \(model)
          inputs: [{name: input, features: [event.a, event.b, event.c]}]
          outputs: {total: "sum[0]"}
      publish: {topic: \(cluster.predictions)}
      dead_letter: {topic: \(cluster.deadLetters)}
      """
  }

  /// Returns what is wrong after the run; nothing is the wish.
  func run() throws -> [String] {
    let reader = try FaultReader(
      cluster.servers, inputs: cluster.inputs, outputs: cluster.outputs, partitions: FaultCluster.partitions)
    defer {
      reader.close()
      feeder.close()
      cluster.close()
      try? FileManager.default.removeItem(at: file)
    }
    log.enter(phase: "disturb")
    join()
    try disturb(reader)
    log.enter(phase: "wait for outputs")
    try feeder.flush(timeoutMs: Int32(secondsLeft) * 1000)
    let expected = try cluster.inputPlaces()
    var wrong: [String] = []
    do {
      try read(reader, "every input's output") { reader.inputs.count == expected.count && reader.sources.isSuperset(of: expected) }
    } catch {
      let missing = expected.subtracting(reader.sources).sorted()
      wrong.append("\(error): \(missing.count) of \(expected.count) inputs have none: \(missing.prefix(5))")
      // Said now, too: nobody would hear it if a member did not end.
      log.note(wrong[0])
    }
    let foreign = reader.sources.subtracting(expected)
    if !foreign.isEmpty { wrong.append("outputs of nothing: \(foreign.sorted().prefix(5))") }
    log.enter(phase: "stop")
    sample()
    for member in members { member.stop() }
    for member in members + leaving where !member.join(max(secondsLeft, 1)) {
      log.note("a member does not end when it is stopped")
      if !wrong.isEmpty { return wrong }
      // The process that started this one kills it, and says where its threads stood.
      Thread.sleep(forTimeInterval: 600)
    }
    log.enter(phase: "check")
    sample()
    reader.read()
    wrong += samples.taken.compactMap { $0.commitBeyondOutputs(reader) }
    if eachMustStandOnce {
      showedEachOnce = true
      let repeats = reader.outputs.count - reader.sources.count
      if repeats > 0 { wrong.append("\(repeats) outputs stand twice") }
    }
    return wrong
  }

  private func disturb(_ reader: FaultReader) throws {
    var injector = cluster.mock.map { mock in
      FaultInjector(
        mock, isTransactional: plan.isExactlyOnce, hasGroupFaults: plan.hasGroupFaults, breaksBrokers: plan.breaksBrokers,
        topics: cluster.places(of: [cluster.inputs] + cluster.outputs))
    }
    // Some runs are disturbed while the first member joins, which takes three seconds; most are afterwards.
    if Int.random(in: 0..<4, using: &random) > 0 {
      feed(1)
      try read(reader, "the first record") { reader.sources.count > 0 }
    }
    for _ in 0..<plan.rounds {
      feed(Int.random(in: 1...60, using: &random))
      if let injector, plan.brokerCount > 1, Int.random(in: 0..<6, using: &random) == 0 {
        log.note(try injector.holdOutputs(cluster.places(of: [cluster.inputs]), cluster.places(of: cluster.outputs)))
        feed(20)
        // A commit interval, and a little.
        Thread.sleep(forTimeInterval: 0.15)
        sample()
      } else if plan.changesMembers && (injector == nil || Int.random(in: 0..<5, using: &random) == 0) {
        changeMembers()
      } else if let note = try injector?.inject(&random) {
        log.note(note)
      }
      if Int.random(in: 0..<3, using: &random) == 0 { sample() }
      // The pace of the faults: nothing is waited for.
      Thread.sleep(forTimeInterval: Double.random(in: 0.02...0.4, using: &random))
    }
    try injector?.mend()
    log.note("mended")
  }

  private func join() {
    if plan.kills && (members.isEmpty || Bool.random(using: &random)) {
      members.append(FaultProcess(file, log: log))
    } else {
      members.append(FaultPipeline(lanes, log: log))
    }
  }

  private func changeMembers() {
    if let process = members.compactMap({ $0 as? FaultProcess }).randomElement(using: &random), Bool.random(using: &random) {
      log.note("a member is killed")
      process.kill()
    } else if members.count < 4 && (members.count == 1 || Bool.random(using: &random)) {
      log.note("a member joins")
      join()
    } else {
      log.note("a member leaves")
      let member = members.remove(at: Int.random(in: 0..<members.count, using: &random))
      member.stop()
      leaving.append(member)
    }
  }

  private func feed(_ count: Int) {
    for _ in 0..<count {
      let isBroken = Int.random(in: 0..<20, using: &random) == 0
      let value = Array((isBroken ? "{\"a\": \(fed)" : "{\"a\": \(fed), \"b\": 1, \"c\": 2}").utf8)
      let key = Array((Int.random(in: 0..<4, using: &random) == 0 ? "quick" : "rest").utf8)
      let partition = Int32.random(in: 0..<Int32(FaultCluster.partitions), using: &random)
      fed += 1
      key.withUnsafeBytes { key in
        value.withUnsafeBytes { value in _ = feeder.produce(to: events, partition: partition, key: key, value: value, headers: nil) }
      }
    }
    feeder.poll()
  }

  private var secondsLeft: Int { max(0, Int((deadline - .now) / .seconds(1))) }

  /// Reads until it holds.
  private func read(_ reader: FaultReader, _ what: String, _ holds: () -> Bool) throws {
    while !holds() {
      if ContinuousClock.now > deadline { throw Impatience(what: what) }
      reader.read()
    }
  }

  struct Impatience: Error, CustomStringConvertible {
    let what: String
    var description: String { "\(what) had not come when \(FaultScenario.patience) s were over" }
  }

  /// A transaction's offsets may be seen before its outputs are.
  private func sample() {
    if plan.isExactlyOnce { return }
    for lane in lanes { samples.take(lane, cluster) }
  }

  private var eachMustStandOnce: Bool {
    guard cluster.mock != nil else { return plan.isExactlyOnce }
    let workers = lanes.reduce(0) { $0 + $1.workers }
    // Partitions that change hands or are taken again are read from the start, for want of offsets.
    let wasQuiet = [" aborted", "lane failed", "partitions taken again"].allSatisfy { log.count($0) == 0 }
    return !plan.mayRepeatOnMock && wasQuiet && log.count("partitions assigned") == workers
  }
}
