/// Finds out whether a model scores each row by itself: made-up rows are run alone and together, and must score the same.
///
/// A record is told its prediction by the place of its row. A model whose outputs begin with something other than the rows, or which
/// mixes the rows of a batch, would give records the predictions of others, and nothing in a prediction would show it.
///
/// A probe that the model can't run proves nothing: then the model is taken as it declares itself, and the finding says so.
package struct RowProbe {
  package enum Outcome: Sendable, Hashable {
    /// So many rows scored the same alone and together.
    case independent(rows: Int)
    /// Rows are only ever run alone, and that works.
    case alone
    /// The model was not seen to mix rows, nor to keep them apart.
    case unknown(reason: String)
  }

  package struct Finding: Sendable, Hashable {
    package let outcome: Outcome
    /// Elements a row, by the index of the output in the signature; empty if no row could be run.
    package let columns: [Int: Int]
  }

  /// The model can't be used for what it was to be used for.
  package struct Fault: Error {
    package enum Kind: Sendable {
      /// An output doesn't have the rows first.
      case shape
      /// A row's output is another alone than beside other rows.
      case values
      /// The model has no session, or runs rows together that it does not run alone.
      case run
    }

    package let kind: Kind
    /// Index in the signature; nil: the model as a whole.
    package let output: Int?
    package let message: String
  }

  /// Rows of one set. They are run in batches of several sizes, so that no number of labels or directions can pass for the rows of all,
  /// and from several places, as a batch that is halved is.
  static let rows = 5
  static let batches = [0..<2, 2..<5, 0..<5]

  let model: any Model
  /// The model's, with widths that are known.
  let inputs: [TensorSpec]
  /// Those that are read, by index in the signature; each once.
  let outputs: [Int]
  /// Whether rows are ever run together.
  let together: Bool

  /// - Parameter outputs: indices in the signature; repeated ones count once.
  package init(_ model: any Model, inputs: [TensorSpec], outputs: [Int], together: Bool) {
    self.model = model
    self.inputs = inputs
    self.outputs = Set(outputs).sorted()
    self.together = together
  }

  /// Makes a session of its own, and runs it some ten times. Blocks while the model does.
  package func run() throws(Fault) -> Finding {
    let finding = try confirmed()
    if case .unknown(let reason) = finding.outcome, let fault = declaredFault(reason) { throw fault }
    return finding
  }

  /// A number beside an edge, such as a tree's threshold, may fall to its other side when it is rounded otherwise. What mixes rows does
  /// so with any, so it must show with most of three sets of them.
  private func confirmed() throws(Fault) -> Finding {
    do throws(Fault) {
      return try ProbeRun(self, seed: 1).run()
    } catch {
      guard error.kind == .values, let second = try? ProbeRun(self, seed: 2).run(), (try? ProbeRun(self, seed: 3).run()) != nil else {
        throw error
      }
      return second
    }
  }

  /// What is wrong with an output by the signature alone. Not a last word: LightGBM's converter declares its labels as one, whatever the
  /// number of rows, and gives one for each.
  private func declaredFault(_ reason: String) -> Fault? {
    if model.signature.fixedBatch { return nil }
    for index in outputs {
      let spec = model.signature.outputs[index]
      let what: String
      switch spec.shape.first {
      case nil: what = "it is a single value"
      case .some(nil): continue
      case .some(.some(1)) where !together: continue
      case .some(.some(let first)): what = "its first dimension is \(first), and does not count the rows"
      }
      let message = "output '\(spec.name)' is \(spec.typeAndShape): \(what). Rows could not be tried out: \(reason)"
      return Fault(kind: .shape, output: index, message: message)
    }
    return nil
  }
}

extension RowProbe.Outcome: CustomStringConvertible {
  package var description: String {
    switch self {
    case .independent(let rows): "independent; \(rows) probe rows score the same alone and together"
    case .alone: "run one by one"
    case .unknown(let reason): "not known to be independent: \(reason)"
    }
  }
}
