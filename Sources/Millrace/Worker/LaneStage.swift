import EventDecoding
import KafkaClient
import Logging
import ModelRuntime

/// Makes outputs of one lane's records: decodes each into a row, scores the rows, and publishes predictions and dead letters. One thread.
///
/// A worker has one for its own lane, and one for each further lane that a replay serves. What is counted and limited is counted and
/// limited for each of them alike.
final class LaneStage {
  /// What became of a batch's rows.
  struct Outcome {
    /// Every row was scored by the model in as many runs as were meant: what it took says something about batches of its size.
    var isClean = true
    /// Why rows wait for the model and have no output yet; nil where all have one.
    var waits: FailureText?
  }

  let lane: Lane
  /// Its place among the owners of a flight's records; 0 is the worker's own lane.
  let owner: UInt8
  let statistics: WorkerStatistics
  let attempts: Attempts
  private let outputs: StageOutputs
  private let reporter: Reporter
  @exclusivity(unchecked) private(set) var model: BoundModel
  /// The model's, without counting references.
  @exclusivity(unchecked) private var decoders: UnsafeMutableBufferPointer<Unmanaged<EventDecoder>>
  /// Of the lane's slot, when the model was taken from it.
  private var generation: Int
  @exclusivity(unchecked) private(set) var batch = BatchRows()

  init(
    _ lane: Lane, owner: UInt8, capacity: Int, publisher: Publisher, ledger: PartitionLedger, reporter: Reporter,
    statistics: WorkerStatistics, attempts: Attempts
  ) throws {
    self.lane = lane
    self.owner = owner
    self.statistics = statistics
    self.attempts = attempts
    self.reporter = reporter
    outputs = StageOutputs(lane, publisher, ledger)
    generation = lane.slot.generation
    model = try BoundModel(lane.slot.current, of: lane, capacity: capacity, attempts: attempts)
    decoders = model.hotDecoders
  }

  // MARK: Filling

  /// Takes the model that the lane has now; called with no row in the batch. One that can't run leaves the old one in its place.
  func takeModel() {
    let next = lane.slot.generation
    if next == generation { return }
    generation = next
    do {
      model = try BoundModel(lane.slot.current, of: lane, capacity: model.scorer.inputs.capacity, attempts: attempts)
      decoders = model.hotDecoders
      statistics.add(1, to: .modelChanges)
    } catch {
      statistics.journal.note(error: "the model can't be taken over, and the one before it answers on: \(error)")
    }
  }

  /// The lane of a record: the same whichever lane's stage is asked.
  @inline(__always)
  func route(_ record: RecordView, program: Int) -> Routing {
    decoders[program]._withUnsafeGuaranteedRef { $0.route(record) }
  }

  /// Decodes the record that was routed last into the next row; one that can't be becomes a dead letter.
  /// - Parameter place: the record's in the flight.
  /// - Returns: whether there is a row more.
  @inline(__always)
  func decode(_ record: KafkaRecord, at place: Int, of flight: Flight, program: Int) throws(LaneFault) -> Bool {
    if let fault = decoders[program]._withUnsafeGuaranteedRef({ $0.decode(row: batch.count, members: &batch.members) }) {
      batch.dropOpenMembers()
      try outputs.reject(place, of: flight, .decode, lane.words(of: fault))
      return false
    }
    outputs.passed(.decode)
    batch.append(record: place, hasHeaders: record.hasHeaders)
    return true
  }

  func clear() { batch.clear() }

  /// Gives back the records of a partition that have no output yet; returns how many.
  func dropUnscored(of partition: Int, in flight: Flight) -> Int {
    var count = 0
    for row in batch.unscored.joined() where flight.partition(batch.rows[row].record) == partition {
      outputs.drop(batch.rows[row].record, of: flight)
      count += 1
    }
    return count
  }

  // MARK: Scoring

  /// Scores and publishes the rows that have no output yet.
  func score(in flight: Flight, closedBy reason: CloseReason) throws(LaneFault) -> Outcome {
    if batch.begin() {
      statistics.countBatch(rows: batch.count, reason: reason)
      measureWaits(in: flight)
    }
    let span = reporter.beginSpan(batch.rows, in: flight, of: lane, model.binding, closedBy: reason)
    defer { span?.end() }
    attempts.beginBatch()
    let start = MonotonicTime.now
    var (outcome, left) = (Outcome(), [(rows: Range<Int>, why: Unanswered)]())
    let writer = model.writer
    do {
      for fresh in try takeFresh(in: flight) {
        try model.scorer.score(
          fresh,
          scored: { session, range in
            reporter.clock?.close(.infer)
            observe(session, rows: range.count)
            for row in range { try publish(row, of: flight, writer, session, row - range.lowerBound) }
            reporter.clock?.close(.publish)
          },
          rejected: { row, error in
            outcome.isClean = false
            span?.rejected(lane.words(of: error))
            try outputs.reject(batch.rows[row].record, of: flight, .score, lane.words(of: error))
          },
          unanswered: { rows, why in
            outcome.isClean = false
            span?.unanswered(rows.count, lane.words(of: why.error))
            left.append((rows, why))
          })
      }
      outcome.waits = left.isEmpty ? nil : try resolve(unanswered: left, in: flight)
      if left.isEmpty { batch.leaveUnscored([]) }
    } catch let fault as LaneFault {
      span?.failed(fault.shown)
      throw fault
    } catch {
      throw LaneFault(lane: lane.name, message: "\(error)")
    }
    statistics.inference.record(microseconds: (MonotonicTime.now - start).nanoseconds / 1000)
    return outcome
  }

  /// Finds what becomes of rows that the model did not answer, by `on_open`: the fallback's answer, a dead letter, or a wait.
  /// - Returns: why rows wait; nil where none does.
  private func resolve(unanswered left: [(rows: Range<Int>, why: Unanswered)], in flight: Flight) throws -> FailureText? {
    var held: [Range<Int>] = []
    for (range, why) in left {
      switch (why.reason, lane.scoring.onOpen) {
      case (.stopping, _), (.circuitOpen, .pause): held.append(range)
      case (_, .fallback): try fallBack(range, of: flight, .score, lane.words(of: why))
      case (.usedUp, .pause), (_, .deadLetter):
        let words = lane.words(of: why)
        for row in range { try outputs.reject(batch.rows[row].record, of: flight, .score, words) }
      }
    }
    batch.leaveUnscored(held)
    return held.isEmpty ? nil : left.last.map { lane.words(of: $0.why) }
  }

  /// Publishes the fallback's answers for these rows.
  /// - Parameters:
  ///   - stage: where a row fails that the fallback can't answer either.
  ///   - why: the lane's model did not answer.
  private func fallBack(_ range: Range<Int>, of flight: Flight, _ stage: FailureStage, _ why: FailureText) throws {
    guard let fallback = model.fallback else { throw LaneFault(lane: lane.name, text: "there is no fallback, and \(why)") }
    statistics.add(range.count, to: .fallbacks)
    guard let scorer = fallback.scorer else {
      for row in range { try publish(row, of: flight, fallback.writer, model.scorer.session, 0, else: stage) }
      return
    }
    func rejectAll(_ rows: Range<Int>, _ error: ModelError) throws(LaneFault) {
      for row in rows {
        try outputs.reject(batch.rows[row].record, of: flight, stage, "\(why); the fallback failed too: \(lane.words(of: error))")
      }
    }
    try scorer.score(
      range,
      scored: { session, range in
        for row in range {
          try publish(
            row, of: flight, fallback.writer, session, row - range.lowerBound, else: stage, because: "\(why); of the fallback: ")
        }
      },
      rejected: { row, error in try rejectAll(row..<row + 1, error) }, unanswered: { rows, why in try rejectAll(rows, why.error) })
  }

  /// Takes the rows out that are too old to be scored, where the lane wants that: they become dead letters, or the fallback answers.
  /// Returns the ranges of the others.
  private func takeFresh(in flight: Flight) throws -> [Range<Int>] {
    guard lane.scoring.onDeadline != .score, let deadline = lane.scoring.deadline else { return batch.unscored }
    let oldest = MonotonicTime.wallClockMs - deadline.millisecondsRoundedUp
    var fresh: [Range<Int>] = []
    for range in batch.unscored {
      var start = range.lowerBound
      for row in range {
        guard let timestamp = flight.record(batch.rows[row].record)?.timestampMs, timestamp >= 0, timestamp < oldest else {
          outputs.passed(.deadline)
          continue
        }
        if start < row { fresh.append(start..<row) }
        start = row + 1
        let why: FailureText = "the record was older than the deadline of \(deadline) when it could be scored"
        if lane.scoring.onDeadline == .fallback {
          // It counts as missed when its prediction is acknowledged.
          try fallBack(row..<row + 1, of: flight, .deadline, why)
        } else {
          statistics.add(1, to: .missedDeadlines)
          try outputs.reject(batch.rows[row].record, of: flight, .deadline, why)
        }
      }
      if start < range.upperBound { fresh.append(start..<range.upperBound) }
    }
    return fresh
  }

  /// - Parameters:
  ///   - sessionRow: the row in the session's last run.
  ///   - stage: of the dead letter where there is no valid prediction.
  ///   - reason: stands before why there is none.
  @inline(__always)
  private func publish(
    _ row: Int, of flight: Flight, _ writer: PredictionWriter, _ session: any ModelSession, _ sessionRow: Int,
    else stage: FailureStage = .score, because reason: @autoclosure () -> FailureText = ""
  ) throws(LaneFault) {
    if let failure = writer.write(batch.members(of: row), session, row: sessionRow, into: &outputs.json) {
      return try outputs.reject(batch.rows[row].record, of: flight, stage, "\(reason())\(failure)")
    }
    try outputs.predict(batch.rows[row].record, of: flight, hasHeaders: batch.rows[row].hasHeaders)
  }

  // MARK: Figures

  /// Counts the scores of a run.
  private func observe(_ session: any ModelSession, rows: Int) {
    guard let output = model.score else { return }
    statistics.scores.record(session.output(output.tensor), column: output.column ?? 0, rows: rows)
  }

  /// The rows go to the model now: counts how long each record has waited since its timestamp.
  private func measureWaits(in flight: Flight) {
    let now = MonotonicTime.wallClockMs
    for row in batch.rows {
      let timestamp = flight.timestampMs(row.record)
      guard timestamp >= 0 else { continue }
      statistics.waiting.record(microseconds: max(0, now - timestamp) * 1000)
    }
  }
}
