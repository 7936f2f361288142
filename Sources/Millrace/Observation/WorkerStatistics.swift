/// What a worker counts. Each case is one counter; the names of metrics derive from the catalogue, not from here.
package enum WorkerCounter: Int, CaseIterable, Sendable {
  /// Records taken from Kafka, whoever's they are.
  case consumed
  /// Records of other lanes.
  case skipped
  /// Records that were deleted before they were read.
  case expired
  /// Predictions acknowledged by the broker.
  case predicted
  /// Predictions acknowledged later than the lane's deadline.
  case missedDeadlines
  /// Dead letters acknowledged by the broker, by the stage that failed.
  case deadLetteredDecode, deadLetteredScore, deadLetteredPublish, deadLetteredDeadline
  /// Attempts of the model after the first, for faults that may pass.
  case retries
  /// Records that the lane's fallback answered, or tried to.
  case fallbacks
  /// Times that the circuit breaker opened, failed probes included.
  case circuitOpenings
  /// Times that a worker has taken another model between two batches.
  case modelChanges
  /// Rules whose expression failed on a record, so that they did not match.
  case failedRules
  case batches, batchRows
  case closedBySize, closedByDelay, closedByDrain
  case commits, commitFailures
  case rebalances
}

/// The stage at which a record failed; it stands in its dead letter.
public enum FailureStage: String, CaseIterable, Sendable {
  case decode, score, publish, deadline

  package var counter: WorkerCounter {
    switch self {
    case .decode: .deadLetteredDecode
    case .score: .deadLetteredScore
    case .publish: .deadLetteredPublish
    case .deadline: .deadLetteredDeadline
    }
  }
}

/// One worker's counters and histograms. The worker's thread writes; any thread reads at any time, without a lock.
final class WorkerStatistics: Sendable {
  private let counters = Slots(count: WorkerCounter.allCases.count)
  private let largestBatch = Slots(count: 1)
  private let currentLag = Slots(count: 1)
  private let currentInFlight = Slots(count: 1)
  private let currentCircuit = Slots(count: 1)
  let journal = WorkerJournal()
  private let stages = Slots(count: LoopPhase.allCases.count)
  /// From the record's timestamp to the acknowledgement of its prediction.
  let latency = LatencyHistogram()
  /// What the worker is at.
  let pulse = WorkerPulse()
  /// From the record's timestamp to the start of its batch's scoring.
  let waiting = LatencyHistogram()
  /// The model's time for one batch.
  let inference = LatencyHistogram()
  /// From a batch's hand-over to the producer to the acknowledgement of its last output.
  let publishing = LatencyHistogram()
  let scores = ScoreHistogram()

  func add(_ amount: Int, to counter: WorkerCounter) {
    counters.add(Int64(amount), at: counter.rawValue)
  }

  func add(_ time: Duration, to stage: LoopPhase) { stages.add(time.nanoseconds, at: stage.rawValue) }
  func nanoseconds(of stage: LoopPhase) -> Int64 { stages.load(stage.rawValue) }

  func countBatch(rows: Int, reason: CloseReason) {
    add(1, to: .batches)
    add(rows, to: .batchRows)
    switch reason {
    case .size: add(1, to: .closedBySize)
    case .delay: add(1, to: .closedByDelay)
    case .drain: add(1, to: .closedByDrain)
    }
    let largest = largestBatch.load(0)
    if rows > largest { largestBatch.add(Int64(rows) - largest, at: 0) }
  }

  func value(_ counter: WorkerCounter) -> Int { Int(counters.load(counter.rawValue)) }
  /// Records behind the end of the log, by the worker's last look.
  var lag: Int { Int(currentLag.load(0)) }
  func setLag(_ records: Int64) { currentLag.add(records - currentLag.load(0), at: 0) }
  /// Records taken and not yet acknowledged.
  var inFlight: Int { Int(currentInFlight.load(0)) }
  func setInFlight(_ records: Int) { currentInFlight.add(Int64(records) - currentInFlight.load(0), at: 0) }

  var circuit: CircuitLevel { CircuitLevel(rawValue: Int(currentCircuit.load(0))) ?? .closed }

  func setCircuit(_ level: CircuitLevel) {
    if level != circuit { currentCircuit.add(Int64(level.rawValue) - currentCircuit.load(0), at: 0) }
  }

  var batchSizeMax: Int { Int(largestBatch.load(0)) }
}

/// How a circuit breaker stands.
public enum CircuitLevel: Int, Sendable, Comparable, CustomStringConvertible {
  case closed, halfOpen, open

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  public var description: String {
    switch self {
    case .closed: "closed"
    case .halfOpen: "half_open"
    case .open: "open"
    }
  }
}

/// A lane's figures at one moment: the sum over its workers.
public struct LaneSnapshot: Sendable {
  /// Records taken from Kafka, whichever lane's they are.
  public internal(set) var consumed = 0
  /// Records of those that are another lane's.
  public internal(set) var skipped = 0
  /// Records whose prediction the broker has acknowledged.
  public internal(set) var predicted = 0
  /// Records whose dead letter the broker has acknowledged.
  public internal(set) var deadLettered = 0
  /// Routes whose condition failed on a record, and so did not match it.
  public internal(set) var failedRules = 0
  /// Predictions that were acknowledged later than the lane's deadline after their record's timestamp.
  public internal(set) var missedDeadlines = 0
  /// Records between the lane's position and the end of its partitions, as of each worker's last commit interval.
  public internal(set) var lag = 0
  /// Batches scored.
  public internal(set) var batches = 0
  /// Rows of all batches.
  public internal(set) var batchRows = 0
  /// Rows of the largest batch.
  public internal(set) var batchSizeMax = 0
  /// From the record's timestamp to the acknowledgement of its prediction.
  public internal(set) var latency = LatencySnapshot()
  /// The model's time for a batch.
  public internal(set) var inference = LatencySnapshot()
  /// From the record's timestamp to the start of its batch's scoring.
  public internal(set) var waiting = LatencySnapshot()
  /// From a batch's hand-over to the producer to the acknowledgement of its last output.
  public internal(set) var publishing = LatencySnapshot()
  /// The first output that is a number, as a histogram.
  public internal(set) var scores = ScoreSnapshot()
  /// Records taken and not yet acknowledged.
  public internal(set) var inFlight = 0
  /// The circuit breaker of the worker whose breaker is the furthest from closed.
  public internal(set) var circuit = CircuitLevel.closed
  private var counters = [Int](repeating: 0, count: WorkerCounter.allCases.count)

  package subscript(counter: WorkerCounter) -> Int { counters[counter.rawValue] }

  /// Mean rows of a batch; 0 where none was scored.
  public var batchSizeMean: Double { batches == 0 ? 0 : Double(batchRows) / Double(batches) }

  init(_ workers: [WorkerStatistics]) {
    for worker in workers {
      consumed += worker.value(.consumed)
      skipped += worker.value(.skipped)
      predicted += worker.value(.predicted)
      deadLettered += FailureStage.allCases.reduce(0) { $0 + worker.value($1.counter) }
      failedRules += worker.value(.failedRules)
      missedDeadlines += worker.value(.missedDeadlines)
      lag += worker.lag
      batches += worker.value(.batches)
      batchRows += worker.value(.batchRows)
      batchSizeMax = max(batchSizeMax, worker.batchSizeMax)
      latency.add(worker.latency.snapshot())
      inference.add(worker.inference.snapshot())
      waiting.add(worker.waiting.snapshot())
      publishing.add(worker.publishing.snapshot())
      scores.add(worker.scores.snapshot())
      inFlight += worker.inFlight
      circuit = max(circuit, worker.circuit)
      for counter in WorkerCounter.allCases { counters[counter.rawValue] += worker.value(counter) }
    }
  }
}
