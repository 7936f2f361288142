import EventDecoding
import KafkaClient
import ModelRuntime

/// One lane with each of the two models: decodes each record for both, scores a batch with both, and tallies. One thread.
final class ComparisonPair {
  private let a: Bench
  private let b: Bench
  private let outputs: (a: ScoreOutput, b: ScoreOutput)
  private let capacity: Int
  private let hasSegment: Bool
  private let hasLabel: Bool
  /// The partition and offset of each row of the batch.
  private var places: [(partition: Int, offset: Int64)] = []
  private var scoresA: [Double]
  private var scoresB: [Double]

  init(_ a: Lane, _ b: Lane, _ options: ComparisonOptions) throws {
    capacity = a.maxBatchSize
    self.a = try Bench(a, owner: 0, capacity: capacity, statistics: WorkerStatistics())
    self.b = try Bench(b, owner: 0, capacity: capacity, statistics: WorkerStatistics())
    outputs = try ScoreOutput.pair(a, b, named: options.score)
    hasSegment = options.by != nil
    hasLabel = options.label != nil
    scoresA = Array(repeating: .nan, count: capacity)
    scoresB = scoresA
  }

  var isFull: Bool { a.rows.count == capacity }

  /// Decodes a record of the lane into the next row.
  func take(_ record: KafkaRecord, _ entry: PartitionTable.Entry, partition: Int, _ tally: inout ComparisonTally) {
    let view = record.view
    let (first, second) = (a.decoders[entry.program], b.decoders[entry.program])
    let start = a.members.count
    _ = first.route(view)
    let failsA = first.decode(row: a.rows.count, members: &a.members) != nil
    _ = second.route(view)
    b.members.removeAll()
    let failsB = second.decode(row: a.rows.count, members: &b.members) != nil
    guard !failsA, !failsB else {
      if !failsA { a.members.truncate(to: start) }
      return count(failsA, failsB, &tally)
    }
    a.rows.append(Worker.Row(record: places.count, membersEnd: a.members.count, hasHeaders: false))
    places.append((partition, record.offset))
  }

  /// Scores the rows with both models.
  func score(_ table: PartitionTable, _ tally: inout ComparisonTally) throws {
    let rows = places.count
    if rows == 0 { return }
    tally.rows += Int64(rows)
    tally.nanosecondsA += try Self.run(a, outputs.a, rows, &scoresA)
    tally.nanosecondsB += try Self.run(b, outputs.b, rows, &scoresB)
    for row in 0..<rows {
      let (scoreA, scoreB) = (scoresA[row], scoresB[row])
      guard scoreA.isFinite && scoreB.isFinite else {
        count(!scoreA.isFinite, !scoreB.isFinite, &tally)
        continue
      }
      let bytes = UnsafeRawBufferPointer(rebasing: a.members.bytes[(row == 0 ? 0 : a.rows[row - 1].membersEnd)..<a.rows[row].membersEnd])
      var members = MemberTexts(bytes)
      let id = hasSegment || hasLabel ? members.next() : nil
      let segment = hasSegment ? members.next() : nil
      let label = hasLabel ? members.next().flatMap(Self.label) : nil
      let place = places[row]
      tally.add(scoreA, scoreB, label: label, segment: segment) {
        let partition = table.entries[place.partition].partition
        return ComparisonTally.Flip(
          topic: partition.topic, partition: partition.partition, offset: place.offset, id: id ?? members.next() ?? "", segment: segment,
          a: scoreA, b: scoreB)
      }
    }
    places.removeAll(keepingCapacity: true)
    a.clear()
  }

  private func count(_ failsA: Bool, _ failsB: Bool, _ tally: inout ComparisonTally) {
    if failsA && failsB { tally.neither += 1 } else if failsA { tally.onlyB += 1 } else { tally.onlyA += 1 }
  }

  private static func run(_ bench: Bench, _ output: ScoreOutput, _ rows: Int, _ scores: inout [Double]) throws -> Int64 {
    let start = MonotonicTime.now
    try bench.scorer.score(
      0..<rows,
      scored: { session, range in
        let tensor = session.output(output.tensor)
        for row in range {
          scores[row] = output.column < tensor.elementsPerRow ? tensor.double(row - range.lowerBound, output.column) : .nan
        }
      },
      rejected: { row, _ in scores[row] = .nan }, unanswered: { rows, _ in for row in rows { scores[row] = .nan } })
    return (MonotonicTime.now - start).nanoseconds
  }

  /// A label's text as yes or no; nil for what says neither.
  private static func label(_ text: String) -> Bool? {
    switch text {
    case "true": true
    case "false": false
    default: Double(text).flatMap { $0.isNaN ? nil : $0 != 0 }
    }
  }
}
