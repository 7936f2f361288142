import KafkaClient
import Logging

/// What a worker tells those who watch it: how far its partitions are, how far behind, its errors, its spans. One thread, the worker's.
final class Reporter {
  let log: Logger
  /// nil when no phases are measured.
  let clock: LoopClock?
  private let statistics: WorkerStatistics
  private let ledger: PartitionLedger
  private let consumer: KafkaConsumer
  /// nil: the process has no tracer.
  private let tracing: BatchTracing?
  private var missing: Set<String> = []
  private var lastReport = MonotonicTime(nanoseconds: 0)
  private var lastSurvey = MonotonicTime(nanoseconds: 0)
  private var lastAsked = MonotonicTime(nanoseconds: 0)

  /// How often the worker notes how its partitions are.
  private static let surveyInterval = Duration.seconds(1)
  /// How often a worker that fetches nothing asks for the ends of its partitions, and how long it waits for an answer.
  private static let askInterval = Duration.seconds(5)
  private static let askTimeoutMs: Int32 = 500

  init(
    _ control: WorkerControl, _ statistics: WorkerStatistics, _ ledger: PartitionLedger, _ consumer: KafkaConsumer, log: Logger
  ) {
    self.log = log
    self.statistics = statistics
    self.ledger = ledger
    self.consumer = consumer
    tracing = control.tracer.map(BatchTracing.init)
    clock = control.measuresPhases ? LoopClock(statistics) : nil
  }

  var pulse: WorkerPulse { statistics.pulse }

  // MARK: Partitions

  /// Says how far the partitions are, for the watchdog: at most once a second unless they have changed.
  func report(at now: MonotonicTime, always: Bool = false) {
    guard always || now - lastReport >= .seconds(1) else { return }
    lastReport = now
    let progress = ledger.owned.map { index in
      let (partition, account) = (ledger.name(index), ledger[index])
      let marks = consumer.cachedWatermarks(of: partition)
      return WorkerPulse.Progress(
        partition: "\(partition)", handled: account.handled < 0 ? nil : account.handled, committed: account.confirmed,
        low: max(marks?.low ?? 0, account.handled < 0 ? account.begin ?? 0 : 0), end: marks?.high)
    }
    pulse.update { $0.progress = progress }
  }

  /// Notes the lag of the partitions when it is time.
  /// - Parameter isPaused: nothing is fetched, so the ends have to be asked for.
  func survey(at now: MonotonicTime, isPaused: Bool) {
    guard now - lastSurvey >= Self.surveyInterval else { return }
    lastSurvey = now
    if isPaused { askForEnds(at: now) } else { for index in ledger.indices { ledger.setAskedEnds(index, nil) } }
    let wallClockMs = MonotonicTime.wallClockMs
    var partitions: [PartitionStatus] = []
    var lag: Int64 = 0
    for index in ledger.owned {
      let (partition, account) = (ledger.name(index), ledger[index])
      let marks = account.askedEnds ?? consumer.cachedWatermarks(of: partition)
      let position = max(account.reached ?? 0, marks?.low ?? 0)
      let waiting = marks.map { max(0, $0.high - position) } ?? 0
      lag += waiting
      partitions.append(
        PartitionStatus(
          topic: partition.topic, partition: Int(partition.partition), position: position, end: marks?.high,
          lagSeconds: waiting > 0 && account.newestMs > 0 ? Double(max(0, wallClockMs - account.newestMs)) / 1000 : 0))
    }
    statistics.setLag(lag)
    statistics.journal.note(partitions: partitions)
  }

  /// Ends come with what is fetched, and nothing is while a lane is paused; its worker has the time to ask.
  private func askForEnds(at now: MonotonicTime) {
    guard now - lastAsked >= Self.askInterval else { return }
    lastAsked = now
    for index in ledger.owned {
      guard let marks = try? consumer.watermarks(of: ledger.name(index), timeoutMs: Self.askTimeoutMs) else { return }
      ledger.setAskedEnds(index, marks)
    }
  }

  /// Tells of records that were deleted before they were read, among the offsets that were passed without one.
  /// - Parameter resetsToEnd: what `auto.offset.reset` says.
  func lookIntoGaps(resetsToEnd: Bool) {
    for gap in ledger.takeGaps() {
      let partition = ledger.name(gap.partition)
      guard let low = consumer.cachedWatermarks(of: partition)?.low else { continue }
      let count = gap.expired(low: low, resetsToEnd: resetsToEnd)
      if count <= 0 { continue }
      statistics.add(Int(count), to: .expired)
      statistics.journal.note(
        error: "\(partition): offsets \(gap.from) to \(gap.from + count - 1) were deleted before they were read: \(count) records at most")
      log.error(
        "records were deleted before they were read, by retention or by someone; the lane goes on behind them",
        metadata: [
          "topic": "\(partition.topic)", "partition": "\(partition.partition)", "from": "\(gap.from)", "to": "\(gap.from + count - 1)",
          "records": "\(count)",
        ])
    }
  }

  // MARK: Brokers

  /// librdkafka says when it has lost every broker, and nothing when one is back. Its statistics know, and so do answers.
  func note(statistics text: String) {
    statistics.journal.note(consumerStatistics: text)
    if !pulse.state.isConnected, KafkaStatistics.isConnected(text) { noteConnected() }
  }

  /// Whether a topic of the lane is missing.
  var misses: Bool { !missing.isEmpty }

  /// The brokers don't know these topics.
  func note(missing topics: [String]) {
    missing.formUnion(topics)
    pulse.update { [missing] in $0.missingTopics = missing }
  }

  /// Something has come of this topic, or the group has given a partition of it.
  func noteThere(_ topic: String) {
    if missing.isEmpty || missing.remove(topic) == nil { return }
    pulse.update { [missing] in $0.missingTopics = missing }
    log.notice("a topic is there again", metadata: ["topic": "\(topic)"])
  }

  func noteAssigned() {
    pulse.update { $0.isAssigned = true }
    noteConnected()
  }

  private func noteConnected() {
    if !pulse.state.isConnected { pulse.update { ($0.isConnected, $0.readError) = (true, nil) } }
  }

  /// What became of a commit.
  func note(commit offsets: [PartitionOffset], _ error: KafkaError?) {
    if error == nil {
      for offset in offsets { ledger.confirmed(ledger.index(of: offset.partition), next: offset.offset) }
      noteConnected()
    }
    pulse.update { $0.commitError = error.map { "\($0)" } }
  }

  // MARK: Batches

  /// Begins the span of a batch, if the process has a tracer.
  func beginSpan(
    _ rows: [BatchRows.Row], in flight: Flight, of lane: Lane, _ model: ModelBinding, closedBy reason: CloseReason
  ) -> BatchSpan? {
    tracing?.begin(rows.compactMap { flight.record($0.record) }, of: lane, model, closedBy: reason)
  }
}
