import EventDecoding

/// The result of a case of the configuration's `tests`.
package struct TestVerdict: Sendable {
  package let name: String
  /// Where the case stands in the file.
  package let location: SourceLocation
  /// What was expected and what was found instead, each with the place of the expectation; empty if the case holds.
  package let failures: [Diagnostic]
  /// What became of the event, in a few words.
  package let summary: String

  package var holds: Bool { failures.isEmpty }
}

extension DryRun {
  /// Runs a case of the configuration.
  package func run(_ test: Configuration.TestCase, of configuration: Configuration) -> TestVerdict {
    let text = test.event?.compact ?? test.raw?.value
    let format = configuration.event.format.value
    let record = DryRunRecord(
      payload: text.map { test.event == nil ? Array($0.utf8) : DryRunRecord.payload(Array($0.utf8), format: format) },
      key: test.key?.value, headers: test.headers.map { ($0.name, $0.value) }, topic: test.topic?.value,
      timestampMs: test.timestampMs?.value ?? -1)
    guard let outcome = run(record) else {
      let failure = Diagnostic("no lane reads the topic", at: test.location)
      return TestVerdict(name: test.name.value, location: test.location, failures: [failure], summary: "")
    }
    return TestVerdict(
      name: test.name.value, location: test.location, failures: test.failures(of: outcome), summary: outcome.summary(of: test))
  }
}

extension DryRunOutcome {
  fileprivate func summary(of test: Configuration.TestCase) -> String {
    var parts = ["lane \(lane)"]
    if let fault, test.deadLetter != nil { parts.append("dead letter: \(fault.message)") }
    let members = test.outputs.isEmpty ? [:] : self.members
    parts += test.outputs.map { "\($0.name.value) \(members[$0.name.value]?.text ?? "missing")" }
    return parts.joined(separator: ", ")
  }

  /// The prediction's members by name.
  var members: [String: PredictionValue] {
    let value = prediction.flatMap { Array($0.utf8).withUnsafeBufferPointer { JSONValues.value($0) } }
    guard case .object(let members)? = value.map(PredictionValue.init) else { return [:] }
    return members
  }
}

extension Configuration.TestCase {
  fileprivate func failures(of outcome: DryRunOutcome) -> [Diagnostic] {
    var failures: [Diagnostic] = []
    if let lane, lane.value != outcome.lane {
      let why = outcome.rule.when.map { "when \($0)" } ?? "which takes everything else"
      failures.append(
        Diagnostic("lane: expected \(lane.value), found \(outcome.lane), by rule \(outcome.rule.number), \(why)", at: lane.location))
      failures += outcome.failedRules.map { failed in
        Diagnostic("lane: rule \(failed.rule.number) failed on the event: \(failed.reason)", at: lane.location)
      }
    }
    if let deadLetter {
      if let fault = outcome.fault {
        if !fault.message.contains(deadLetter.value) {
          let message = "dead letter: expected a message with \"\(deadLetter.value)\", found \"\(fault.message)\""
          failures.append(Diagnostic(message, at: deadLetter.location))
        }
      } else {
        let message = "dead letter: expected one with \"\(deadLetter.value)\", found the prediction \(outcome.prediction ?? "")"
        failures.append(Diagnostic(message, at: deadLetter.location))
      }
    }
    guard let first = outputs.first else { return failures }
    if let fault = outcome.fault {
      failures.append(Diagnostic("outputs: expected a prediction, found a dead letter: \(fault.message)", at: first.name.location))
      return failures
    }
    let members = outcome.members
    for output in outputs {
      let found = members[output.name.value]
      if let found, found.matches(output.value, tolerance: tolerance.value) { continue }
      let name = output.name.value
      let expected = output.value.compact + (output.value.hasNumbers ? " ± \(tolerance.value)" : "")
      failures.append(Diagnostic("\(name): expected \(expected), found \(found?.text ?? "no such member")", at: output.name.location))
    }
    return failures
  }
}
