import EventDecoding
import KafkaClient
import ModelRuntime

/// From rows to predictions and dead letters. On the worker's own thread.
extension Worker {
  /// Scores and publishes the rows of the open batch, and sends its flight on its way.
  func closeBatch(_ reason: CloseReason) throws(LaneFault) {
    if publisher.flights.openFlight.count == 0 || isWaiting { return }
    if !rows.isEmpty {
      if unscored.isEmpty {
        statistics.countBatch(rows: rows.count, reason: reason)
        publisher.measureWaits(of: rows.lazy.map(\.record))
        unscored.append(0..<rows.count)
      }
      stages?.close(.decode)
      let span = tracing?.begin(rows.compactMap { publisher.record($0.record) }, of: lane, closedBy: reason)
      defer { span?.end() }
      scorer.attempts.beginBatch()
      let (start, startOfThread) = (MonotonicTime.now, MonotonicTime.ofThread)
      let before = pulse.enter(.scoring, at: start)
      var (hasRejected, left) = (false, [(rows: Range<Int>, why: Unanswered)]())
      do {
        for fresh in try takeFresh() {
          try scorer.score(
            fresh,
            scored: { session, range in
              stages?.close(.infer)
              observe(session, rows: range.count)
              for row in range { try publish(row, writer, session, sessionRow: row - range.lowerBound) }
              stages?.close(.publish)
            },
            rejected: { row, error in
              hasRejected = true
              span?.rejected(lane.words(of: error))
              try reject(rows[row].record, .score, lane.words(of: error))
            },
            unanswered: { rows, why in
              span?.unanswered(rows.count, lane.words(of: why.error))
              left.append((rows, why))
            })
        }
        unscored.removeAll(keepingCapacity: true)
        if !left.isEmpty { try settle(unanswered: left) }
      } catch let fault as LaneFault {
        span?.failed(fault.shown)
        throw fault
      } catch {
        throw LaneFault(lane: lane.name, message: "\(error)")
      }
      let end = MonotonicTime.now
      pulse.enter(before, at: end)
      statistics.inference.record(microseconds: (end - start).nanoseconds / 1000)
      // Halving a batch says nothing about what batches of its size cost, and neither does waiting for the model.
      if !hasRejected, left.isEmpty {
        batcher.scored(rows: rows.count, from: start + scorer.attempts.paused, to: end, processorTime: .ofThread - startOfThread)
      }
      if holdReason != nil, !unscored.isEmpty || mustRewind { return }
    }
    if let replay {
      try scoreGuests(replay, reason)
      if holdReason != nil { return abandonTransaction() }
    }
    publisher.launch(sealing: &tracker)
    clearBatch()
  }

  func clearBatch() {
    rows.removeAll(keepingCapacity: true)
    members.removeAll()
    unscored.removeAll(keepingCapacity: true)
    replay?.benches.forEach { $0.clear() }
    batcher.clear()
  }

  /// Takes the rows that are too old to be scored out, where the lane wants that: they become dead letters, or the fallback answers.
  /// Returns the ranges of the others.
  private func takeFresh() throws -> [Range<Int>] {
    guard lane.onDeadline != .score, let deadline = lane.deadline else { return unscored }
    let oldest = MonotonicTime.wallClockMs - deadline.millisecondsRoundedUp
    var fresh: [Range<Int>] = []
    for range in unscored {
      var start = range.lowerBound
      for row in range {
        guard let timestamp = publisher.record(rows[row].record)?.timestampMs, timestamp >= 0, timestamp < oldest else {
          if limits.isOn { limits.passed(.deadline) }
          continue
        }
        if start < row { fresh.append(start..<row) }
        start = row + 1
        let why: FailureText = "the record was older than the deadline of \(deadline) when it could be scored"
        if lane.onDeadline == .fallback {
          // It counts as missed when its prediction is acknowledged.
          try fallBack(row..<row + 1, .deadline, why)
        } else {
          statistics.add(1, to: .missedDeadlines)
          try reject(rows[row].record, .deadline, why)
        }
      }
      if start < range.upperBound { fresh.append(start..<range.upperBound) }
    }
    return fresh
  }

  /// - Parameters:
  ///   - stage: of the dead letter where there is no valid prediction.
  ///   - reason: stands before why there is none.
  func publish(
    _ row: Int, _ writer: PredictionWriter, _ session: any ModelSession, sessionRow: Int, else stage: FailureStage = .score,
    because reason: @autoclosure () -> FailureText = ""
  ) throws(LaneFault) {
    let (place, end, hasHeaders) = (rows[row].record, rows[row].membersEnd, rows[row].hasHeaders)
    let start = row == 0 ? 0 : rows[row - 1].membersEnd
    let event = UnsafeRawBufferPointer(rebasing: members.bytes[start..<end])
    if let failure = writer.write(event, session, row: sessionRow, into: &json) { return try reject(place, stage, "\(reason())\(failure)") }
    if limits.isOn { limits.passed(.score) }
    try publisher.predict(place, value: json.bytes, entry: entry(of: place), hasHeaders: hasHeaders)
  }

  /// Makes a dead letter of a record of the open flight, and ends the lane if they are too many.
  func reject(_ place: Int, _ stage: FailureStage, _ message: FailureText) throws(LaneFault) {
    let entry = entry(of: place)
    try publisher.reject(place, stage, message, entry: entry)
    guard limits.isOn, let limit = limits.failed(stage) else { return }
    let offset = publisher.record(place).map { "/\($0.offset)" } ?? ""
    throw LaneFault(
      lane: lane.name,
      text: """
        \(limit) at stage \(stage.rawValue), the last of them \(entry.partition)\(offset): \(message). \
        Mend the cause and start the lane again, or raise the limit under dead_letter
        """)
  }

  func entry(of place: Int) -> PartitionTable.Entry { table.entries[publisher.flights.openFlight.partition(place)] }
}
