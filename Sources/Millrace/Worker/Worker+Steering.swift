import KafkaClient
import Logging
import ModelRuntime

/// What others want of a worker while it runs, and what it tells them. On the worker's own thread.
extension Worker {
  /// How often the worker notes how its partitions are.
  private static let lookInterval = Duration.seconds(1)
  /// How often a paused worker asks for the ends of its partitions, and how long it waits for an answer.
  private static let askInterval = Duration.seconds(5)
  private static let askTimeoutMs: Int32 = 500

  /// Does what was asked for since the last turn, and notes how things are when it is time.
  func steer() {
    if control.isPaused != isPaused || mustSteer { steerPartitions() }
    if now - lastLook >= Self.lookInterval { look() }
  }

  /// A paused member goes on polling, so it keeps its partitions, and what is in flight is finished.
  private func steerPartitions() {
    isPaused = control.isPaused
    pulse.setPause(byOperator: isPaused, hold: holdReason)
    mustSteer = false
    do {
      if isPaused || isResting || holdReason != nil { try stopPartitions() } else { try resumePartitions() }
    } catch {
      statistics.journal.note(error: "\(error)")
      log.warning("can't pause or resume", metadata: ["error": "\(error)"])
    }
  }

  private func stopPartitions() throws {
    let open = table.entries.indices.filter { tracker.owns($0) && !stopped.contains($0) }
    if open.isEmpty { return }
    try consumer.pause(open.map { table.entries[$0].partition })
    stopped.formUnion(open)
  }

  /// Never what isn't paused: librdkafka drops what it has fetched of the partition, and would not fetch it again.
  private func resumePartitions() throws {
    let closed = stopped.filter { tracker.owns($0) }
    stopped.removeAll()
    if closed.isEmpty { return }
    try consumer.resume(closed.map { table.entries[$0].partition })
  }

  private func look() {
    lastLook = now
    if isPaused { askForEnds() } else { pausedEnds.removeAll() }
    let wallClockMs = MonotonicTime.wallClockMs
    var partitions: [PartitionStatus] = []
    var lag: Int64 = 0
    for index in table.entries.indices where tracker.owns(index) {
      let partition = table.entries[index].partition
      let marks = pausedEnds[index] ?? consumer.cachedWatermarks(of: partition)
      let position = max(reached(index) ?? 0, marks?.low ?? 0)
      let waiting = marks.map { max(0, $0.high - position) } ?? 0
      lag += waiting
      let handledMs = newest.timestampMs(index)
      partitions.append(
        PartitionStatus(
          topic: partition.topic, partition: Int(partition.partition), position: position, end: marks?.high,
          lagSeconds: waiting > 0 && handledMs > 0 ? Double(max(0, wallClockMs - handledMs)) / 1000 : 0))
    }
    statistics.setLag(lag)
    statistics.journal.note(partitions: partitions)
  }

  /// Ends come with what is fetched, and nothing is while a lane is paused; its worker has the time to ask.
  private func askForEnds() {
    guard now - lastAsked >= Self.askInterval else { return }
    lastAsked = now
    for index in table.entries.indices where tracker.owns(index) {
      guard let marks = try? consumer.watermarks(of: table.entries[index].partition, timeoutMs: Self.askTimeoutMs) else { return }
      pausedEnds[index] = marks
    }
  }

  /// Counts the scores of a batch, and how long its records have waited for it.
  func observe(_ session: any ModelSession, rows: Int) {
    guard let output = lane.scoreOutput else { return }
    let tensor = session.output(output.tensor)
    let column = output.column ?? 0
    guard column < tensor.elementsPerRow else { return }
    for row in 0..<rows {
      switch tensor.elementType {
      case .float32: statistics.scores.record(Double(tensor.float(row, column)))
      case .float64: statistics.scores.record(tensor.double(row, column))
      default: statistics.scores.record(Double(tensor.integer(row, column) ?? 0))
      }
    }
  }
}

/// When the last record that was taken of each partition was made, for its lag in seconds.
struct NewestTimestamps {
  private var milliseconds: [Int64] = []

  /// A record of this partition was taken.
  @inline(__always)
  mutating func took(_ index: Int, timestampMs: Int64) {
    while index >= milliseconds.count { milliseconds.append(0) }
    milliseconds[index] = timestampMs
  }

  /// 0 where none was taken.
  func timestampMs(_ index: Int) -> Int64 { index < milliseconds.count ? milliseconds[index] : 0 }
}
