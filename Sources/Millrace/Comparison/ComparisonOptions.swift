import ModelRuntime

/// The options of a comparison of two models, beside the range of records.
package struct ComparisonOptions: Sendable {
  /// The model of the configuration that the lanes' own are compared with.
  package var against: String
  /// The score from which on the decision is positive.
  package var threshold = 0.5
  /// An expression whose values divide the records into segments; nil: no segments.
  package var by: String?
  /// An expression that says what was right: a bool, or a number, of which 0 means no. nil: nobody knows.
  package var label: String?
  /// The name of the output that is compared; nil: the first number that both models have under one name, or else each one's first.
  package var score: String?

  package init(against: String) { self.against = against }
}

/// The output of a model that is compared: one number a row.
struct ScoreOutput {
  let name: String
  let tensor: Int
  let column: Int

  /// Those outputs of a lane's model that are one number a row.
  static func all(of lane: Lane) -> [ScoreOutput] {
    lane.slot.current.outputs.compactMap { output in
      let spec = lane.model.signature.outputs[output.tensor]
      guard spec.elementType != .string, output.column != nil || spec.width == 1 else { return nil }
      return ScoreOutput(name: output.name, tensor: output.tensor, column: output.column ?? 0)
    }
  }

  /// The outputs of two lanes' models that are compared with each other.
  /// - Throws: `ReplayFault` where there is nothing to compare.
  static func pair(_ a: Lane, _ b: Lane, named name: String?) throws -> (a: ScoreOutput, b: ScoreOutput) {
    let (ofA, ofB) = (all(of: a), all(of: b))
    func find(_ name: String, _ outputs: [ScoreOutput], _ lane: Lane) throws -> ScoreOutput {
      if let output = outputs.first(where: { $0.name == name }) { return output }
      let known = outputs.map(\.name).joined(separator: ", ")
      throw ReplayFault("model '\(lane.model.name)' has no output '\(name)' that is one number; it has: \(known)", isUsage: true)
    }
    if let name { return (try find(name, ofA, a), try find(name, ofB, b)) }
    for output in ofA {
      if let other = ofB.first(where: { $0.name == output.name }) { return (output, other) }
    }
    guard let first = ofA.first, let second = ofB.first else {
      let lane = ofA.isEmpty ? a : b
      throw ReplayFault("model '\(lane.model.name)' has no output that is one number: select one in its `outputs`", isUsage: true)
    }
    return (first, second)
  }
}
