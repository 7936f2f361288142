/// The inputs and outputs of a model, in its order.
public struct ModelSignature: Sendable, Hashable {
  public let inputs: [TensorSpec]
  public let outputs: [TensorSpec]
  /// Whether the model takes exactly one row a run (it was exported without a dynamic batch dimension).
  /// A batch is then run row by row: correct, but without what batching gains.
  public let fixedBatch: Bool

  public init(inputs: [TensorSpec], outputs: [TensorSpec], fixedBatch: Bool = false) {
    self.inputs = inputs
    self.outputs = outputs
    self.fixedBatch = fixedBatch
  }

  public func outputIndex(named name: String) -> Int? { outputs.firstIndex { $0.name == name } }
  public func inputIndex(named name: String) -> Int? { inputs.firstIndex { $0.name == name } }
}

extension ModelSignature: CustomStringConvertible {
  public var description: String {
    let inputs = inputs.map(\.description).joined(separator: ", ")
    let outputs = outputs.map(\.description).joined(separator: ", ")
    return "(\(inputs)) -> (\(outputs))"
  }
}
