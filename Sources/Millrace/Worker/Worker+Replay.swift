import EventDecoding
import KafkaClient
import Logging
import ModelRuntime

/// A worker that reads ranges and not for ever. It is a member of the replay's own group, so that processes share the partitions and
/// take over from each other; where it begins and ends is in the metadata of the group's offsets.
extension Worker {
  /// Takes the partitions; returns where each goes on.
  func takeShares(_ partitions: [TopicPartition], in replay: ReplayReader) -> [PartitionOffset] {
    for partition in partitions { tracker.acquire(table.index(of: partition, tracker: &tracker)) }
    noteAssigned()
    return starts(of: partitions, in: replay)
  }

  private func starts(of partitions: [TopicPartition], in replay: ReplayReader) -> [PartitionOffset] {
    let indices = Dictionary(uniqueKeysWithValues: partitions.map { ($0, table.index(of: $0, tracker: &tracker)) })
    var committed: [PartitionOffset] = []
    do {
      committed = try consumer.committed(partitions, timeoutMs: 30_000)
      if let error = committed.lazy.compactMap(\.error).first { throw error }
    } catch {
      fault = fault ?? LaneFault(lane: lane.name, message: "can't read where replay \(replay.session.name) is: \(error); start it again")
    }
    var starts = Dictionary(uniqueKeysWithValues: partitions.map { ($0, PartitionOffset.end) })
    for index in indices.values { replay.setRange(index, nil) }
    for offset in committed {
      guard let index = indices[offset.partition], let plan = offset.metadata.flatMap(ReplayRange.parse),
        plan.fingerprint == replay.session.fingerprint
      else { continue }
      let share = ReplayShare(plan.range, committed: offset.offset)
      replay.setRange(index, plan.range)
      replay.session.goal.handled(offset.partition, next: share.next)
      if !share.isDone { starts[offset.partition] = share.next }
    }
    return starts.map { PartitionOffset($0.key, offset: $0.value) }
  }

  /// Fills the buffer with records that may be handled now; returns how many.
  func takeReplayed(_ replay: ReplayReader) -> Int {
    replay.wait = nil
    var capacity = buffer.count
    if let rate = replay.session.rate {
      capacity = rate.take(capacity, at: .now)
      if capacity == 0 {
        replay.wait = rate.wait
        return 0
      }
    }
    let taken = consumer.poll(into: UnsafeMutableBufferPointer(rebasing: buffer[..<capacity]))
    replay.session.rate?.giveBack(capacity - taken)
    return replay.queues == nil ? taken : holdBack(buffer[..<taken], replay)
  }

  /// Whether a record lies behind its partition's range, which then is at its end.
  @inline(__always)
  func isBeyondRange(_ record: KafkaRecord, _ partition: Int, _ replay: ReplayReader) -> Bool {
    let limit = replay.limit(partition)
    if record.offset < limit { return false }
    // What of the range is missing before this record is nothing that a consumer ever sees.
    reachedEnd(partition, limit, replay)
    return true
  }

  /// Keeps the records until they are due; the buffer gets those that are.
  private func holdBack(_ records: Slice<UnsafeMutableBufferPointer<KafkaRecord>>, _ replay: ReplayReader) -> Int {
    let now = MonotonicTime.now
    for record in records {
      let partition = table.index(of: record, tracker: &tracker)
      guard tracker.owns(partition), !isBeyondRange(record, partition, replay) else {
        record.destroy()
        continue
      }
      replay.queues?.hold(record, timestampMs: record.timestampMs, partition: partition, at: now)
      pause(partition, replay)
    }
    let expected = replay.session.goal.open.count { partition in
      let index = table.index(of: partition, tracker: &tracker)
      return tracker.owns(index) && tracker.handled(index) < replay.limit(index)
    }
    var due = 0
    while due < buffer.count, let (record, _) = replay.queues?.next(at: now, expected: expected) {
      buffer[due] = record
      due += 1
    }
    for (partition, next) in replay.queues?.takeEnds() ?? [] { ends.append((partition, next)) }
    for partition in replay.queues?.partitions ?? [] where replay.queues?.isEmpty(partition) == true {
      if tracker.owns(partition), tracker.handled(partition) < replay.limit(partition) { resume(partition, replay) }
    }
    if due == 0 { replay.wait = replay.queues?.nextDue.map { max(.milliseconds(1), $0 - now) } ?? .milliseconds(20) }
    return due
  }

  /// The partition's log was read up to `next`, or to the end of its range.
  func reachedEnd(_ partition: Int, _ next: Int64, _ replay: ReplayReader) {
    let limit = replay.limit(partition)
    if next >= limit { pause(partition, replay) }
    guard limit >= 0 else { return }
    // Records before the end may still be in the buffer, so it is noted behind them.
    if replay.queues != nil {
      replay.queues?.setEnd(partition, min(next, limit))
    } else {
      ends.append((partition, min(next, limit)))
    }
  }

  private func pause(_ partition: Int, _ replay: ReplayReader) {
    guard !replay.paused.contains(partition) else { return }
    replay.setPaused(partition, true)
    // A partition that can't be paused is read on, and what is beyond its range dropped.
    try? consumer.pause([table.entries[partition].partition])
  }

  func resume(_ partition: Int, _ replay: ReplayReader) {
    guard replay.paused.contains(partition) else { return }
    replay.setPaused(partition, false)
    try? consumer.resume([table.entries[partition].partition])
  }

  /// Gives back what waits for its time. What is read again after an aborted transaction counts as handled, so that its partition goes
  /// back, too.
  func dropHeld(_ replay: ReplayReader, of partition: Int, countingAsHandled: Bool) {
    for record in replay.queues?.removeAll(of: partition) ?? [] {
      if countingAsHandled, tracker.owns(partition) { tracker.handle(partition, offset: record.offset) }
      record.destroy()
    }
  }

  /// Takes ownership of a record of a guest's lane.
  func handle(_ record: KafkaRecord, partition: Int, of guest: Bench) throws(LaneFault) {
    guest.statistics.add(1, to: .consumed)
    if let transactions, !transactions.isOpen {
      do throws(LaneFault) {
        try openTransaction(at: now)
      } catch {
        record.destroy()
        throw error
      }
    }
    let entry = table.entries[partition]
    let decoder = guest.decoders[entry.program]
    // The record was routed by the decoder of the worker's own lane; this one has to see it before it can decode it.
    let timestampMs = record.timestampMs
    _ = decoder.route(record.view(topic: entry.topic, timestampMs: timestampMs))
    let place = publisher.take(record, partition: partition, timestampMs: timestampMs, owner: guest.owner)
    if let failure = decoder.decode(row: guest.rows.count, members: &guest.members) {
      guest.members.truncate(to: guest.rows.last?.membersEnd ?? 0)
      try publisher.reject(place, .decode, lane.words(of: failure), entry: entry)
    } else {
      guest.rows.append(Row(record: place, membersEnd: guest.members.count, hasHeaders: record.hasHeaders))
      batcher.admit(at: now)
    }
    tracker.handle(partition, offset: record.offset)
    if batcher.isFull || publisher.flights.openFlight.isFull { try closeBatch(.size) }
  }

  /// Scores and publishes the guests' rows of the open batch. With a `holdReason` behind it, some are unanswered: the worker stops.
  func scoreGuests(_ replay: ReplayReader, _ reason: CloseReason) throws(LaneFault) {
    for guest in replay.benches where !guest.rows.isEmpty {
      guest.statistics.countBatch(rows: guest.rows.count, reason: reason)
      let span = tracing?.begin(guest.rows.compactMap { publisher.record($0.record) }, of: guest.lane, closedBy: reason)
      defer { span?.end() }
      let start = MonotonicTime.now
      guest.scorer.attempts.beginBatch()
      do {
        try guest.scorer.score(
          0..<guest.rows.count,
          scored: { session, range in
            for row in range {
              let (entry, place) = (entry(of: guest.rows[row].record), guest.rows[row].record)
              let start = row == 0 ? 0 : guest.rows[row - 1].membersEnd
              let event = UnsafeRawBufferPointer(rebasing: guest.members.bytes[start..<guest.rows[row].membersEnd])
              let failure = guest.writer.write(event, session, row: row - range.lowerBound, into: &guest.json)
              if let failure {
                try publisher.reject(place, .score, FailureText(failure), entry: entry)
              } else {
                try publisher.predict(place, value: guest.json.bytes, entry: entry, hasHeaders: guest.rows[row].hasHeaders)
              }
            }
          },
          rejected: { row, error in
            span?.rejected(lane.words(of: error))
            try publisher.reject(guest.rows[row].record, .score, lane.words(of: error), entry: entry(of: guest.rows[row].record))
          },
          unanswered: { range, why in
            let words = guest.lane.words(of: why)
            if why.reason == .stopping {
              holdReason = words.shown
              return
            }
            if why.reason == .circuitOpen, guest.lane.onOpen != .deadLetter {
              throw LaneFault(lane: guest.lane.name, text: "\(words). Start the replay again: it goes on where it was")
            }
            for place in guest.rows[range].map(\.record) { try publisher.reject(place, .score, words, entry: entry(of: place)) }
          })
      } catch let fault as LaneFault {
        span?.failed(fault.shown)
        throw fault
      } catch {
        throw LaneFault(lane: guest.lane.name, message: "\(error)")
      }
      guest.statistics.inference.record(microseconds: (MonotonicTime.now - start).nanoseconds / 1000)
    }
  }

  /// Tells the session how far each partition is, a few times a second.
  func noteProgress(_ replay: ReplayReader) {
    guard now - replay.progressAt >= .milliseconds(100) else { return }
    replay.progressAt = now
    for (index, entry) in table.entries.enumerated() where tracker.owns(index) {
      let next = transactions == nil ? tracker.acknowledged(index) : tracker.committed(index)
      replay.session.goal.handled(entry.partition, next: next)
    }
  }
}
