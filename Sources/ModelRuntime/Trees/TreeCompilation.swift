import COnnxRuntime

/// Compiles the ensembles of decision trees in a model's graph, and puts them where ONNX Runtime's operators were. All else in
/// the graph stays with ONNX Runtime.
package struct TreeCompilation {
  package enum Outcome: Sendable, Hashable, CustomStringConvertible {
    /// The model has no such ensembles, the options ask for none to be compiled, or the file is too large to be searched for them.
    case none
    /// So many trees are compiled, and score what ONNX Runtime does, bit for bit.
    case compiled(trees: Int)
    /// ONNX Runtime runs them, for this reason.
    case left(reason: String)

    package var description: String {
      switch self {
      case .none: "none"
      case .compiled(let trees): "\(trees), compiled; the same scores as ONNX Runtime's on \(TreeProbes.rows) probe rows, bit for bit"
      case .left(let reason): "run by ONNX Runtime: \(reason)"
      }
    }
  }

  private let files: ONNXFiles
  private let library: ONNXRuntimeLibrary
  private let options: ONNXOptions

  init(_ files: ONNXFiles, _ library: ONNXRuntimeLibrary, _ options: ONNXOptions) {
    self.files = files
    self.library = library
    self.options = options
  }

  /// Larger files are not searched for trees. Protobuf ends at twice that.
  private static let mostBytes = 1 << 30

  /// The session to use: one with compiled trees if every ensemble can be, else the original.
  /// - Parameter signature: the original's, which must not change.
  func run(_ original: SharedSession, _ signature: ModelSignature) -> (Outcome, SharedSession) {
    do {
      guard let (trees, compiled) = try compile(original, signature) else { return (.none, original) }
      return (.compiled(trees: trees), compiled)
    } catch let refusal as TreeDefinition.Refusal {
      return (.left(reason: refusal.reason), original)
    } catch let difference as SessionEquality.Difference {
      return (.left(reason: difference.words), original)
    } catch let fault as ONNXFault {
      return (.left(reason: "ONNX Runtime does not take the compiled trees: \(fault.message)"), original)
    } catch {
      return (.left(reason: "the file is not understood: \(error)"), original)
    }
  }

  private func compile(_ original: SharedSession, _ signature: ModelSignature) throws -> (trees: Int, session: SharedSession)? {
    // Not mapped: a file that is cut short under a mapping takes the process with it.
    guard let bytes = ModelFile.bytes(files.graph, most: Self.mostBytes) else { return nil }
    return try bytes.withUnsafeBytes { bytes in
      let graph = ONNXGraph(model: bytes)
      let nodes = try graph.nodes { domain, type in domain == "ai.onnx.ml" && type.hasPrefix("TreeEnsemble") }
      if nodes.isEmpty { return nil }
      // In memory a model has no folder, and the process's own is another.
      guard files.weights.isEmpty else { throw TreeDefinition.Refusal(reason: "weights of the model lie in other files") }
      guard library.takesOperators else {
        throw TreeDefinition.Refusal(reason: "ONNX Runtime \(library.version) is older than 1.\(OrtCustomOpVersion)")
      }
      guard try graph.graphCount() == 1 else { throw TreeDefinition.Refusal(reason: "the model's graph is in several parts") }
      guard try !graph.domains().contains(TreeOperators.domain) else {
        throw TreeDefinition.Refusal(reason: "the model has operators of the domain '\(TreeOperators.domain)' itself")
      }
      var replacements: [Int: ONNXGraph.Replacement] = [:]
      var ensembles: [TreeEnsemble] = []
      for (index, bytes) in nodes {
        let (ensemble, node) = try ensemble(bytes, graph)
        replacements[index] = ONNXGraph.Replacement(
          type: TreeOperators.name(ensembles.count), domain: TreeOperators.domain, outputs: ensemble.outputs(named: node.outputs))
        ensembles.append(ensemble)
      }
      let session = try SharedSession(
        model: try graph.replacing(replacements), operators: try TreeOperators(ensembles, library.api), library, options)
      guard try SignatureReader(library, session: session.pointer).read() == signature else {
        throw TreeDefinition.Refusal(reason: "with compiled trees the model's inputs and outputs would be others")
      }
      try TreeCheck(library: library).compare(original, session, signature)
      return (ensembles.reduce(0) { $0 + $1.trees.count }, session)
    }
  }

  private func ensemble(_ bytes: UnsafeRawBufferPointer, _ graph: ONNXGraph) throws -> (TreeEnsemble, ONNXNode) {
    let node = try ONNXNode(bytes)
    let ensemble = try TreeEnsemble(TreeDefinition(node))
    let outputs = ensemble.scores.labels.isEmpty ? 1 : 2
    guard node.inputs.count == 1, node.outputs.count == outputs, node.outputs.allSatisfy({ !$0.isEmpty }) else {
      throw TreeDefinition.Refusal(reason: "it has \(node.inputs.count) inputs, and \(node.outputs.count) outputs")
    }
    try TreeCheck(library: library).compare(ensemble, node, bytes, of: graph)
    return (ensemble, node)
  }
}
