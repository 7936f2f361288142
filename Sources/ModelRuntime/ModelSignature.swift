/// The inputs and outputs of a model, in its order.
public struct ModelSignature: Sendable, Hashable {
  /// The inputs, in the order in which a session takes them.
  public let inputs: [TensorSpec]
  /// The outputs, in the order in which a session gives them.
  public let outputs: [TensorSpec]
  /// Whether the model takes exactly one row a run (it was exported without a dynamic batch dimension).
  /// A batch is then run row by row: correct, but without what batching gains.
  public let fixedBatch: Bool

  /// A signature of these inputs and outputs; the first dimension of each counts rows.
  public init(inputs: [TensorSpec], outputs: [TensorSpec], fixedBatch: Bool = false) {
    self.inputs = inputs
    self.outputs = outputs
    self.fixedBatch = fixedBatch
  }

  /// The place of an output among the outputs; nil if there is none of that name.
  public func outputIndex(named name: String) -> Int? { outputs.firstIndex { $0.name == name } }
  /// The place of an input among the inputs; nil if there is none of that name.
  public func inputIndex(named name: String) -> Int? { inputs.firstIndex { $0.name == name } }
}

extension ModelSignature: CustomStringConvertible {
  public var description: String {
    let inputs = inputs.map(\.description).joined(separator: ", ")
    let outputs = outputs.map(\.description).joined(separator: ", ")
    return "(\(inputs)) -> (\(outputs))"
  }
}
