import Testing

@Suite struct LogicalTests {
  /// How each operand is written so that neither folding nor the checker sees through it, and what it gives.
  static let operands = [("event.yes", "true"), ("event.no", "false"), ("event.none", "error"), ("event.one", "error")]
  static let event = #"{"yes": true, "no": false, "one": 1}"#

  private func both(_ source: String, _ expected: String) {
    // Once as it is, for the truths, and once as part of a value.
    Row(source, expected).check(event: Self.event)
    Row("[\(source)]", expected == "error" ? "error" : "[\(expected)]").check(event: Self.event)
  }

  @Test func `and absorbs a failure beside false only`() {
    for (left, leftValue) in Self.operands {
      for (right, rightValue) in Self.operands {
        let decided = leftValue == "false" || rightValue == "false"
        let failed = leftValue == "error" || rightValue == "error"
        both("\(left) && \(right)", decided ? "false" : failed ? "error" : "true")
      }
    }
  }

  @Test func `or absorbs a failure beside true only`() {
    for (left, leftValue) in Self.operands {
      for (right, rightValue) in Self.operands {
        let decided = leftValue == "true" || rightValue == "true"
        let failed = leftValue == "error" || rightValue == "error"
        both("\(left) || \(right)", decided ? "true" : failed ? "error" : "false")
      }
    }
  }

  @Test func `a failure in the middle of a chain is absorbed from either side`() {
    both("event.no || event.none || event.yes", "true")
    both("event.yes || event.none || event.no", "true")
    both("event.no || event.none || event.no", "error")
    both("event.yes && event.none && event.no", "false")
    both("event.no && event.none && event.yes", "false")
    both("event.yes && event.none && event.yes", "error")
    both("(event.none && event.no) || event.no", "false")
    both("(event.none || event.yes) && event.yes", "true")
  }

  @Test func `not turns bools round and passes failures on`() {
    both("!event.yes", "false")
    both("!event.no", "true")
    both("!event.none", "error")
    both("!event.one", "error")
  }

  @Test func `a conditional evaluates the branch that is taken, and fails with its condition`() {
    both("event.yes ? event.yes : event.none", "true")
    both("event.no ? event.none : event.no", "false")
    both("event.yes ? event.none : event.yes", "error")
    both("event.none ? event.yes : event.yes", "error")
    both("event.one ? event.yes : event.yes", "error")
    both("(event.none ? event.yes : event.yes) || event.yes", "true")
  }
}
