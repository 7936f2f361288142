import ModelRuntime

/// Runs a model over a worker's rows, and keeps one bad row from spoiling the rest.
///
/// A batch that the model rejects is halved, and the halves again, until the bad rows stand alone: about 2 log2(rows) extra
/// runs for each bad row. A fault that may pass is tried again first, and halving is no help against it. One thread.
struct Scorer {
  let inputs: InputTensors
  private let session: any ModelSession
  private let retry: RetryPolicy
  private let pause: (Duration) -> Void

  /// - Parameters:
  ///   - outputs: indices of the model's outputs that are published.
  ///   - pause: waits between two attempts.
  init(
    _ model: any Model, inputs specs: [TensorSpec], outputs: [Int], capacity: Int, retry: RetryPolicy = .none,
    pause: @escaping (Duration) -> Void = WorkerThread.sleep
  ) throws(ModelError) {
    self.retry = retry
    self.pause = pause
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
      try run(rows)
    } catch {
      if rows.count == 1 || error.isTransient {
        for row in rows { try rejected(row, error) }
        return
      }
      let middle = rows.lowerBound + rows.count / 2
      try score(rows.lowerBound..<middle, scored: scored, rejected: rejected)
      return try score(middle..<rows.upperBound, scored: scored, rejected: rejected)
    }
    try scored(session, rows)
  }

  private func run(_ rows: Range<Int>) throws(ModelError) {
    var attempt = 1
    while true {
      do throws(ModelError) {
        return try session.run(rows: rows)
      } catch {
        guard error.isTransient else { throw error }
        if attempt >= retry.maxAttempts {
          throw attempt == 1 ? error : ModelError(error.kind, "\(error.message); it failed \(attempt) times in a row")
        }
        pause(retry.pause(after: attempt, chance: .random(in: 0...1)))
        attempt += 1
      }
    }
  }
}
