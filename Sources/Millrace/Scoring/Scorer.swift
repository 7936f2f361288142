import ModelRuntime

/// Runs a model over a worker's rows, and keeps one bad row from spoiling the rest.
///
/// A batch that the model rejects is halved, and the halves again, until the bad rows stand alone: about 2 log2(rows) extra
/// runs for each bad row. One thread.
struct Scorer {
  let inputs: InputTensors
  private let session: any ModelSession

  /// - Parameter outputs: indices of the model's outputs that are published.
  init(_ model: any Model, inputs specs: [TensorSpec], outputs: [Int], capacity: Int) throws(ModelError) {
    inputs = InputTensors(specs, capacity: capacity)
    session = try model.makeSession(inputs: inputs, outputs: outputs)
  }

  /// Scores these rows of the inputs.
  /// - Parameters:
  ///   - scored: called after each run that succeeded with the session, whose outputs are those of these rows.
  ///   - rejected: called for each row that the model can't score.
  func score(
    _ rows: Range<Int>, scored: (any ModelSession, Range<Int>) throws -> Void, rejected: (Int, ModelError) throws -> Void
  ) throws {
    if rows.isEmpty { return }
    do throws(ModelError) {
      try session.run(rows: rows)
    } catch {
      if rows.count == 1 { return try rejected(rows.lowerBound, error) }
      let middle = rows.lowerBound + rows.count / 2
      try score(rows.lowerBound..<middle, scored: scored, rejected: rejected)
      return try score(middle..<rows.upperBound, scored: scored, rejected: rejected)
    }
    try scored(session, rows)
  }
}
