/// What a TreeEnsembleClassifier or a TreeEnsembleRegressor of `ai.onnx.ml` says of its trees, as far as they can be
/// compiled: https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleClassifier.html.
struct TreeDefinition {
  /// Why an operator stays with ONNX Runtime.
  struct Refusal: Error {
    let reason: String
  }

  enum Mode {
    case leaf, lessOrEqual, less, greaterOrEqual, greater
  }

  /// The members are the operator's `nodes_…`; every list has an element for each node.
  struct Nodes {
    let trees: [Int64]
    let ids: [Int64]
    let modes: [Mode]
    let features: [Int64]
    let values: [Float]
    let whenTrue: [Int64]
    let whenFalse: [Int64]
    /// Whether a NaN goes where a comparison that holds goes; empty: never.
    let missingIsTrue: [Int64]
  }

  /// The members are the operator's `class_…` or `target_…`; every list has an element for each weight of a leaf.
  struct Weights {
    let trees: [Int64]
    let nodes: [Int64]
    let targets: [Int64]
    let values: [Float]
  }

  let nodes: Nodes
  let weights: Weights
  let scores: TreeScores

  init(_ node: ONNXNode) throws(Refusal) {
    let isClassifier = node.type == "TreeEnsembleClassifier"
    guard isClassifier || node.type == "TreeEnsembleRegressor" else { throw Refusal(reason: "the operator is a \(node.type)") }
    if let tensor = node.attributes.first(where: { $0.value.hasTensor }) {
      throw Refusal(reason: "its \(tensor.key) is a tensor: numbers in double precision")
    }
    func integers(_ name: String) -> [Int64] { node.attributes[name]?.integers ?? [] }
    func floats(_ name: String) -> [Float] { node.attributes[name]?.floats ?? [] }

    nodes = Nodes(
      trees: integers("nodes_treeids"), ids: integers("nodes_nodeids"), modes: try Self.modes(node),
      features: integers("nodes_featureids"), values: floats("nodes_values"), whenTrue: integers("nodes_truenodeids"),
      whenFalse: integers("nodes_falsenodeids"), missingIsTrue: integers("nodes_missing_value_tracks_true"))
    let prefix = isClassifier ? "class" : "target"
    weights = Weights(
      trees: integers("\(prefix)_treeids"), nodes: integers("\(prefix)_nodeids"), targets: integers("\(prefix)_ids"),
      values: floats("\(prefix)_weights"))
    let count = nodes.ids.count
    let lengths = [nodes.trees, nodes.features, nodes.whenTrue, nodes.whenFalse].map(\.count) + [nodes.modes.count, nodes.values.count]
    guard count > 0, lengths.allSatisfy({ $0 == count }), nodes.missingIsTrue.isEmpty || nodes.missingIsTrue.count == count,
      [weights.nodes, weights.targets].map(\.count) + [weights.values.count]
        == [Int](repeating: weights.trees.count, count: 3)
    else { throw Refusal(reason: "its attributes are of different lengths") }
    guard !weights.values.contains(where: \.isNaN) else { throw Refusal(reason: "a leaf's weight is not a number") }
    scores = try isClassifier ? TreeScores(classifier: node, weights) : TreeScores(regressor: node)
  }

  private static func modes(_ node: ONNXNode) throws(Refusal) -> [Mode] {
    var modes: [Mode] = []
    for text in node.attributes["nodes_modes"]?.texts ?? [] {
      switch text {
      case "LEAF": modes.append(.leaf)
      case "BRANCH_LEQ": modes.append(.lessOrEqual)
      case "BRANCH_LT": modes.append(.less)
      case "BRANCH_GTE": modes.append(.greaterOrEqual)
      case "BRANCH_GT": modes.append(.greater)
      default: throw Refusal(reason: "it has nodes of mode \(text)")
      }
    }
    return modes
  }
}
