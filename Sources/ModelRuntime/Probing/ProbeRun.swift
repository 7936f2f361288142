/// Runs one set of probe rows in one session, alone and together, and compares what comes out.
struct ProbeRun {
  private let probe: RowProbe
  private let rows: ProbeRows
  private let tensors: InputTensors
  private let session: (any ModelSession)?
  /// Why there is no session, for now.
  private let absence: ModelError?

  init(_ probe: RowProbe, seed: UInt64) throws(RowProbe.Fault) {
    self.probe = probe
    rows = ProbeRows(seed: seed)
    tensors = InputTensors(probe.inputs, capacity: RowProbe.rows)
    do throws(ModelError) {
      session = try probe.model.makeSession(inputs: tensors, outputs: probe.outputs)
      absence = nil
    } catch {
      guard error.isTransient else { throw RowProbe.Fault(kind: .run, output: nil, message: error.message) }
      session = nil
      absence = error
    }
  }

  func run() throws(RowProbe.Fault) -> RowProbe.Finding {
    guard let session else { return finding("\(absence?.message ?? "it has no session")", []) }
    var answers: [RowAnswer?] = []
    var lastError: ModelError?
    for row in 0..<RowProbe.rows {
      let (answer, error) = try answerAlone(row, session)
      if let error, error.isTransient { return finding(error.message, []) }
      answers.append(answer)
      lastError = error ?? lastError
    }
    guard let first = answers.firstIndex(where: { $0 != nil }) else {
      let message = lastError?.message ?? "no row runs"
      try expectNoneTogether(session, message)
      return finding("no probe row can be run: \(message)", [])
    }
    // A row that can't be run is made one that can.
    for row in answers.indices where answers[row] == nil {
      tensors.copyRow(from: first, to: row)
      answers[row] = answers[first]
    }
    return try compare(answers.compactMap { $0 }, session)
  }

  /// What the model makes of a row by itself, which is filled with the first values that it takes.
  private func answerAlone(_ row: Int, _ session: any ModelSession) throws(RowProbe.Fault) -> (RowAnswer?, ModelError?) {
    var error: ModelError?
    for values in ProbeRows.Values.allCases {
      rows.fill(tensors, row: row, values)
      error = try failure(session, row..<row + 1)
      guard let error else { return (RowAnswer(session, probe.outputs, row: 0), nil) }
      if error.isTransient { break }
    }
    return (nil, error)
  }

  /// What was traced with a batch of two fails with one row, and would be right for pairs of them.
  private func expectNoneTogether(_ session: any ModelSession, _ alone: String) throws(RowProbe.Fault) {
    guard probe.together else { return }
    for row in 0..<RowProbe.rows { rows.fill(tensors, row: row, .spread) }
    for batch in RowProbe.batches where try failure(session, batch) == nil {
      throw RowProbe.Fault(
        kind: .run, output: nil, message: "a row alone fails, and \(batch.count) rows together don't. Alone: \(alone)")
    }
  }

  private func compare(_ answers: [RowAnswer], _ session: any ModelSession) throws(RowProbe.Fault) -> RowProbe.Finding {
    guard probe.together else { return finding(nil, answers) }
    var reason: String?
    for batch in RowProbe.batches {
      if let error = try failure(session, batch) {
        if error.isTransient { return finding(error.message, answers) }
        reason = reason ?? "\(batch.count) rows that it runs alone fail together: \(error.message)"
        continue
      }
      let together = (0..<batch.count).map { RowAnswer(session, probe.outputs, row: $0) }
      for (place, row) in batch.enumerated() {
        guard let difference = answers[row].difference(from: together[place]) else { continue }
        let index = probe.outputs[difference.output]
        let name = probe.model.signature.outputs[index].name
        guard try repeats(session, row..<row + 1, [answers[row]]), try repeats(session, batch, together) else {
          return finding("the same rows get another output '\(name)' each time", answers)
        }
        throw RowProbe.Fault(
          kind: .values, output: index,
          message: "output '\(name)' of a row depends on the rows beside it: a probe row gets \(difference.mine) alone, "
            + "and \(difference.others) among \(batch.count)")
      }
    }
    if !(1..<RowProbe.rows).contains(where: { !tensors.hasEqualRows(0, $0) }) { reason = reason ?? "only equal rows can be run" }
    return finding(reason, answers)
  }

  /// Whether rows score the same when they are run again.
  private func repeats(_ session: any ModelSession, _ rows: Range<Int>, _ answers: [RowAnswer]) throws(RowProbe.Fault) -> Bool {
    for _ in 0..<3 {
      guard try failure(session, rows) == nil else { return false }
      for (row, answer) in answers.enumerated() {
        if answer.difference(from: RowAnswer(session, probe.outputs, row: row)) != nil { return false }
      }
    }
    return true
  }

  /// nil: the rows were run.
  private func failure(_ session: any ModelSession, _ rows: Range<Int>) throws(RowProbe.Fault) -> ModelError? {
    do throws(ModelError) {
      try session.run(rows: rows)
      try session.expectRows(rows.count, of: probe.outputs, in: probe.model)
      return nil
    } catch {
      if case .output(let index) = error.kind { throw RowProbe.Fault(kind: .shape, output: index, message: error.message) }
      return error
    }
  }

  private func finding(_ reason: String?, _ answers: [RowAnswer]) -> RowProbe.Finding {
    let columns = Array(zip(probe.outputs, answers.first?.columns ?? []))
    let known: RowProbe.Outcome = probe.together ? .independent(rows: RowProbe.rows) : .alone
    return RowProbe.Finding(outcome: reason.map { .unknown(reason: $0) } ?? known, columns: Dictionary(uniqueKeysWithValues: columns))
  }
}
