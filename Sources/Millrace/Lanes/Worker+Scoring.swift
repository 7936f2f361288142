import EventDecoding
import KafkaClient
import ModelRuntime

/// From rows to predictions and dead letters. On the worker's own thread.
extension Worker {
  /// Scores and publishes the rows of the open batch, and sends its flight on its way.
  func closeBatch(_ reason: CloseReason) throws(LaneFault) {
    if publisher.flights.openFlight.count == 0 { return }
    if !rows.isEmpty {
      statistics.countBatch(rows: rows.count, reason: reason)
      stages?.close(.decode)
      publisher.measureWaits(of: rows.lazy.map(\.record))
      let span = tracing?.begin(rows.compactMap { publisher.record($0.record) }, of: lane, closedBy: reason)
      defer { span?.end() }
      let (start, startOfThread) = (MonotonicTime.now, MonotonicTime.ofThread)
      let before = pulse.enter(.scoring, at: start)
      var hasRejected = false
      do {
        for fresh in try refuseLate() {
          try scorer.score(
            fresh,
            scored: { session, range in
              stages?.close(.infer)
              observe(session, rows: range.count)
              for row in range { try publish(row, session, sessionRow: row - range.lowerBound) }
              stages?.close(.publish)
            },
            rejected: { row, error in
              hasRejected = true
              span?.rejected(lane.words(of: error))
              try reject(rows[row].record, .score, lane.words(of: error))
            })
        }
      } catch let fault as LaneFault {
        span?.failed(fault.message)
        throw fault
      } catch {
        throw LaneFault(lane: lane.name, message: "\(error)")
      }
      let end = MonotonicTime.now
      pulse.enter(before, at: end)
      statistics.inference.record(microseconds: (end - start).nanoseconds / 1000)
      // Halving a batch says nothing about what batches of its size cost.
      if !hasRejected { batcher.scored(rows: rows.count, from: start, to: end, processorTime: .ofThread - startOfThread) }
    }
    if let replay { try scoreGuests(replay, reason) }
    publisher.launch(sealing: &tracker)
    clearBatch()
  }

  func clearBatch() {
    rows.removeAll(keepingCapacity: true)
    members.removeAll()
    replay?.benches.forEach { $0.clear() }
    batcher.clear()
  }

  /// Makes dead letters of the rows that are too old to be scored, where the lane wants that; returns the ranges of the others.
  private func refuseLate() throws(LaneFault) -> [Range<Int>] {
    guard lane.refusesLate, let deadline = lane.deadline else { return [0..<rows.count] }
    let oldest = MonotonicTime.wallClockMs - deadline.millisecondsRoundedUp
    var fresh: [Range<Int>] = []
    var start = 0
    for row in rows.indices {
      guard let timestamp = publisher.record(rows[row].record)?.timestampMs, timestamp >= 0, timestamp < oldest else {
        if limits.isOn { limits.passed(.deadline) }
        continue
      }
      if start < row { fresh.append(start..<row) }
      start = row + 1
      statistics.add(1, to: .missedDeadlines)
      try reject(rows[row].record, .deadline, "the record was older than the deadline of \(deadline) when it could be scored")
    }
    if start < rows.count { fresh.append(start..<rows.count) }
    return fresh
  }

  private func publish(_ row: Int, _ session: any ModelSession, sessionRow: Int) throws(LaneFault) {
    let (place, end, hasHeaders) = (rows[row].record, rows[row].membersEnd, rows[row].hasHeaders)
    let start = row == 0 ? 0 : rows[row - 1].membersEnd
    let event = UnsafeRawBufferPointer(rebasing: members.bytes[start..<end])
    if let failure = writer.write(event, session, row: sessionRow, into: &json) { return try reject(place, .score, failure) }
    if limits.isOn { limits.passed(.score) }
    try publisher.predict(place, value: json.bytes, entry: entry(of: place), hasHeaders: hasHeaders)
  }

  /// Makes a dead letter of a record of the open flight, and ends the lane if they are too many.
  func reject(_ place: Int, _ stage: FailureStage, _ message: String) throws(LaneFault) {
    let entry = entry(of: place)
    try publisher.reject(place, stage, message, entry: entry)
    guard limits.isOn, let limit = limits.failed(stage) else { return }
    let offset = publisher.record(place).map { "/\($0.offset)" } ?? ""
    throw LaneFault(
      lane: lane.name,
      message:
        "\(limit) at stage \(stage.rawValue), the last of them \(entry.partition)\(offset): \(message). "
        + "Mend the cause and start the lane again, or raise the limit under dead_letter")
  }

  func entry(of place: Int) -> PartitionTable.Entry { table.entries[publisher.flights.openFlight.partition(place)] }
}
