import COnnxRuntime

/// One worker's way to run an ``ONNXModel``.
final class ONNXSession: ModelSession {
  private let model: ONNXModel
  private let tensors: InputTensors
  private let inputs: ONNXInputValues
  private let outputs: ONNXOutputValues
  /// The outputs asked for, by index in the signature.
  private let wanted: [Int]
  /// By index in the signature: the output's place among those asked for.
  private let positions: [Int?]

  init(_ model: ONNXModel, inputs tensors: InputTensors, outputs wanted: [Int]) throws(ModelError) {
    let signature = model.signature
    let fits =
      tensors.specs.count == signature.inputs.count
      && zip(signature.inputs, tensors.specs).allSatisfy { declared, given in
        given.width.flatMap { declared.withWidth($0) } == given
      }
    guard fits else {
      let given = tensors.specs.map(\.description).joined(separator: ", ")
      throw ModelError(.signature, "model '\(model.name)' takes \(signature), but was given (\(given))")
    }
    guard !wanted.isEmpty, wanted.allSatisfy(signature.outputs.indices.contains), Set(wanted).count == wanted.count else {
      throw ModelError(.signature, "model '\(model.name)' has \(signature.outputs.count) outputs; asked for \(wanted)")
    }
    do {
      inputs = try ONNXInputValues(tensors, model.library)
    } catch {
      throw ModelError(.run(transient: error.isTransient), "model '\(model.name)': \(error.message)")
    }
    outputs = ONNXOutputValues(wanted.map { signature.outputs[$0] }, model.library)
    positions = signature.outputs.indices.map { wanted.firstIndex(of: $0) }
    self.wanted = wanted
    self.model = model
    self.tensors = tensors
  }

  func run(rows: Range<Int>) throws(ModelError) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= tensors.capacity, "rows \(rows) of a batch of \(tensors.capacity)")
    outputs.clear()
    if rows.isEmpty { return }
    do {
      if model.signature.fixedBatch {
        for row in rows {
          try runOnce(row..<(row + 1))
          try outputs.append()
        }
      } else {
        try runOnce(rows)
        try outputs.take(rows: rows.count)
      }
    } catch {
      outputs.clear()
      let kind = error.misplacedOutput.map { ModelError.Kind.output(wanted[$0]) } ?? .run(transient: error.isTransient)
      throw ModelError(kind, "model '\(model.name)' failed: \(error.message)")
    }
  }

  func output(_ index: Int) -> OutputTensor {
    guard let position = positions[index] else { preconditionFailure("output \(index) was not asked for") }
    return outputs.tensor(position)
  }

  private func runOnce(_ rows: Range<Int>) throws(ONNXFault) {
    try inputs.bind(rows)
    try inputs.run(model.session, into: outputs)
  }
}
