import EventDecoding
import KafkaClient
import ModelRuntime

/// One lane with each of the two models: decodes each record for both, scores a batch with both, and tallies. One thread.
final class ComparisonPair {
  private let a: BoundModel
  private let b: BoundModel
  private var rows = BatchRows()
  /// What the other model's decoder writes, which is the same.
  private var membersB = ByteBuffer()
  private let outputs: (a: ScoreOutput, b: ScoreOutput)
  private let capacity: Int
  private let hasSegment: Bool
  private let hasLabel: Bool
  /// The partition and offset of each row of the batch.
  private var places: [(partition: Int, offset: Int64)] = []
  private var scoresA: [Double]
  private var scoresB: [Double]

  init(_ a: Lane, _ b: Lane, _ options: ComparisonOptions) throws {
    capacity = a.batching.maxRows
    self.a = try BoundModel(a.slot.current, of: a, capacity: capacity, attempts: .patient(a.scoring.retry))
    self.b = try BoundModel(b.slot.current, of: b, capacity: capacity, attempts: .patient(b.scoring.retry))
    outputs = try ScoreOutput.pair(a, b, named: options.score)
    hasSegment = options.by != nil
    hasLabel = options.label != nil
    scoresA = Array(repeating: .nan, count: capacity)
    scoresB = scoresA
  }

  var isFull: Bool { rows.count == capacity }

  /// Decodes a record of the lane into the next row.
  func take(_ record: KafkaRecord, _ entry: PartitionTable.Entry, partition: Int, _ tally: inout ComparisonTally) {
    let view = record.view
    let (first, second) = (a.decoders[entry.program], b.decoders[entry.program])
    _ = first.route(view)
    let failsA = first.decode(row: rows.count, members: &rows.members) != nil
    _ = second.route(view)
    membersB.removeAll()
    let failsB = second.decode(row: rows.count, members: &membersB) != nil
    guard !failsA, !failsB else {
      rows.dropOpenMembers()
      return count(failsA, failsB, &tally)
    }
    rows.append(record: places.count, hasHeaders: false)
    places.append((partition, record.offset))
  }

  /// Scores the rows with both models.
  func score(_ table: PartitionTable, _ tally: inout ComparisonTally) throws {
    let count = places.count
    if count == 0 { return }
    tally.rows += Int64(count)
    tally.nanosecondsA += try Self.run(a, outputs.a, count, &scoresA)
    tally.nanosecondsB += try Self.run(b, outputs.b, count, &scoresB)
    for row in 0..<count {
      let (scoreA, scoreB) = (scoresA[row], scoresB[row])
      guard scoreA.isFinite && scoreB.isFinite else {
        self.count(!scoreA.isFinite, !scoreB.isFinite, &tally)
        continue
      }
      var members = MemberTexts(rows.members(of: row))
      let id = hasSegment || hasLabel ? members.next()?.text : nil
      let segment = hasSegment ? members.next()?.spelledAlike : nil
      let label = hasLabel ? (members.next()?.text).flatMap(Self.label) : nil
      let place = places[row]
      tally.add(scoreA, scoreB, label: label, segment: segment) {
        let partition = table.entries[place.partition].partition
        return ComparisonTally.Flip(
          topic: partition.topic, partition: partition.partition, offset: place.offset, id: id ?? members.next()?.text ?? "",
          segment: segment, a: scoreA, b: scoreB)
      }
    }
    places.removeAll(keepingCapacity: true)
    rows.clear()
  }

  private func count(_ failsA: Bool, _ failsB: Bool, _ tally: inout ComparisonTally) {
    if failsA && failsB { tally.neither += 1 } else if failsA { tally.onlyB += 1 } else { tally.onlyA += 1 }
  }

  private static func run(_ model: BoundModel, _ output: ScoreOutput, _ rows: Int, _ scores: inout [Double]) throws -> Int64 {
    let start = MonotonicTime.now
    try model.scorer.score(
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
