import ModelRuntime

/// Runs a model over a worker's rows, and keeps one bad row from spoiling the rest.
///
/// A batch that the model rejects is halved, and the halves again, until the bad rows stand alone: log2(rows) extra runs for
/// each bad row. One thread.
final class Scorer {
  let inputs: InputTensors
  private let model: any Model
  private let session: any ModelSession
  /// Where halves of a rejected batch are scored; made when the first one is.
  private var halves: (inputs: InputTensors, session: any ModelSession)?

  init(_ model: any Model, capacity: Int) throws(ModelError) {
    self.model = model
    inputs = InputTensors(model.signature.inputs, capacity: capacity)
    session = try model.makeSession(inputs: inputs)
  }

  /// Scores the first `rows` rows.
  /// - Parameters:
  ///   - scored: called for each row that has outputs, in order within a run: the session, the row in that session, the row.
  ///   - rejected: called for each row that the model can't score.
  func score(
    rows: Int, scored: (any ModelSession, Int, Int) -> Void, rejected: (Int, ModelError) -> Void
  ) {
    do throws(ModelError) {
      try session.run(rows: rows)
    } catch {
      if rows == 1 { return rejected(0, error) }
      return scoreHalves(of: 0..<rows, scored: scored, rejected: rejected)
    }
    for row in 0..<rows { scored(session, row, row) }
  }

  private func scoreHalves(
    of range: Range<Int>, scored: (any ModelSession, Int, Int) -> Void, rejected: (Int, ModelError) -> Void
  ) {
    let middle = range.lowerBound + range.count / 2
    for half in [range.lowerBound..<middle, middle..<range.upperBound] {
      do throws(ModelError) {
        let (scratch, session) = try scratch()
        for (row, source) in half.enumerated() { scratch.copyRow(from: inputs, source, to: row) }
        try session.run(rows: half.count)
        for (row, source) in half.enumerated() { scored(session, row, source) }
      } catch {
        if half.count == 1 { rejected(half.lowerBound, error) } else { scoreHalves(of: half, scored: scored, rejected: rejected) }
      }
    }
  }

  private func scratch() throws(ModelError) -> (InputTensors, any ModelSession) {
    if let halves { return halves }
    let inputs = InputTensors(model.signature.inputs, capacity: inputs.capacity)
    let made = (inputs, try model.makeSession(inputs: inputs))
    halves = made
    return made
  }
}
