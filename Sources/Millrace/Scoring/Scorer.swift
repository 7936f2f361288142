import ModelRuntime

/// Runs a model over a worker's rows, and keeps one bad row from spoiling the rest.
///
/// A batch that the model rejects is halved, and the halves again, until the bad rows stand alone: about 2 log2(rows) extra
/// runs for each bad row. Against a fault that may pass halving is no help: it is tried again, or the rows go unanswered. Outputs that
/// can't be told apart by row are no row's fault, and are never seen by a caller. One thread.
struct Scorer {
  let inputs: InputTensors
  let attempts: Attempts
  let session: any ModelSession
  private let model: any Model
  /// The model's outputs that are read, each once.
  private let outputs: [Int]

  /// - Parameter outputs: indices of the model's outputs that are published; several members of a prediction may come from one.
  init(
    _ model: any Model, inputs specs: [TensorSpec], outputs: [Int], capacity: Int, attempts: Attempts = .once
  ) throws(ModelError) {
    try self.init(model, sharing: InputTensors(specs, capacity: capacity), outputs: outputs, attempts: attempts)
  }

  /// - Parameter inputs: another scorer's, whose rows this one scores too.
  init(_ model: any Model, sharing inputs: InputTensors, outputs: [Int], attempts: Attempts = .once) throws(ModelError) {
    self.inputs = inputs
    self.attempts = attempts
    self.model = model
    self.outputs = Set(outputs).sorted()
    session = try model.makeSession(inputs: inputs, outputs: self.outputs)
  }

  /// Scores these rows of the inputs. The calls come in the order of the rows.
  /// - Throws: `ModelError` of kind `.output` if the model doesn't give each row its own outputs; else what the calls throw.
  /// - Parameters:
  ///   - scored: called after each run that succeeded with the session, whose outputs are those of these rows.
  ///   - rejected: called for each row that the model can't score.
  ///   - unanswered: called with rows that the model didn't score for no fault of theirs.
  func score(
    _ rows: Range<Int>, scored: (any ModelSession, Range<Int>) throws -> Void, rejected: (Int, ModelError) throws -> Void,
    unanswered: (Range<Int>, Unanswered) throws -> Void
  ) throws {
    if rows.isEmpty { return }
    switch attempts.run(session, rows) {
    case .answered:
      try session.expectRows(rows.count, of: outputs, in: model)
      try scored(session, rows)
    case .unanswered(let why): try unanswered(rows, why)
    case .rejected(let error):
      if case .output = error.kind { throw error }
      if rows.count == 1 { return try rejected(rows.lowerBound, error) }
      let middle = rows.lowerBound + rows.count / 2
      try score(rows.lowerBound..<middle, scored: scored, rejected: rejected, unanswered: unanswered)
      try score(middle..<rows.upperBound, scored: scored, rejected: rejected, unanswered: unanswered)
    }
  }
}
