import COnnxRuntime

/// Compiles the ensembles of decision trees in a model's graph, and puts them where ONNX Runtime's operators were. All else in
/// the graph stays with ONNX Runtime.
public struct TreeCompilation {
  public enum Outcome: Sendable, Hashable, CustomStringConvertible {
    /// The model has no such ensembles, or the options ask for none to be compiled.
    case none
    /// So many trees are compiled, and score what ONNX Runtime does, bit for bit.
    case compiled(trees: Int)
    /// ONNX Runtime runs them, for this reason.
    case left(reason: String)

    public var description: String {
      switch self {
      case .none: "none"
      case .compiled(let trees): "\(trees), compiled; the same scores as ONNX Runtime's on \(TreeCheck.rows) probe rows, bit for bit"
      case .left(let reason): "run by ONNX Runtime: \(reason)"
      }
    }
  }

  private let file: String
  private let library: OnnxRuntimeLibrary
  private let options: ONNXOptions

  init(file: String, _ library: OnnxRuntimeLibrary, _ options: ONNXOptions) {
    self.file = file
    self.library = library
    self.options = options
  }

  /// The session to use: one with compiled trees if every ensemble can be, else the original.
  /// - Parameter signature: the original's, which must not change.
  func run(_ original: LoadedSession, _ signature: ModelSignature) -> (Outcome, LoadedSession) {
    do {
      guard let (trees, compiled) = try compile(signature) else { return (.none, original) }
      return (.compiled(trees: trees), compiled)
    } catch let refusal as TreeDefinition.Refusal {
      return (.left(reason: refusal.reason), original)
    } catch let fault as OnnxFault {
      return (.left(reason: "ONNX Runtime does not take the compiled trees: \(fault.message)"), original)
    } catch {
      return (.left(reason: "the file could not be read again"), original)
    }
  }

  private func compile(_ signature: ModelSignature) throws -> (trees: Int, session: LoadedSession)? {
    let compiled = try ModelFile.withBytes(file) { bytes throws -> (trees: Int, session: LoadedSession)? in
      let graph = ONNXGraph(model: bytes)
      let nodes = try graph.nodes { domain, type in domain == "ai.onnx.ml" && type.hasPrefix("TreeEnsemble") }
      if nodes.isEmpty { return nil }
      guard library.takesOperators else {
        throw TreeDefinition.Refusal(reason: "ONNX Runtime \(library.version) is older than 1.\(OrtCustomOpVersion)")
      }
      var replacements: [Int: ONNXGraph.Replacement] = [:]
      var ensembles: [TreeEnsemble] = []
      for (index, bytes) in nodes {
        replacements[index] = ONNXGraph.Replacement(type: TreeOperators.name(ensembles.count), domain: TreeOperators.domain)
        ensembles.append(try ensemble(bytes, graph))
      }
      let session = try LoadedSession(
        model: try graph.replacing(replacements), operators: try TreeOperators(ensembles, library.api), library, options)
      guard try ONNXSignature(library, session: session.pointer).read() == signature else {
        throw TreeDefinition.Refusal(reason: "with compiled trees the model's inputs and outputs would be others")
      }
      return (ensembles.reduce(0) { $0 + $1.trees.count }, session)
    }
    return compiled ?? nil
  }

  private func ensemble(_ bytes: UnsafeRawBufferPointer, _ graph: ONNXGraph) throws -> TreeEnsemble {
    let node = try ONNXNode(bytes)
    let ensemble = try TreeEnsemble(TreeDefinition(node))
    let check = try TreeCheck(ensemble, node, library)
    try check.run(try graph.alone(bytes, inputs: [check.input], outputs: check.outputs))
    return ensemble
  }
}
