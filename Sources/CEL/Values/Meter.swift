/// What an evaluation may still spend, in steps of about ten nanoseconds. It makes an expression that would run for ever, or build a
/// value without end, fail instead.
struct Meter {
  private(set) var remaining: Int

  init(_ steps: Int) {
    remaining = steps
  }

  @inline(__always)
  mutating func charge(_ steps: Int) throws(EvaluationFault) {
    remaining -= steps
    if remaining < 0 { throw EvaluationFault(.tooExpensive) }
  }
}
