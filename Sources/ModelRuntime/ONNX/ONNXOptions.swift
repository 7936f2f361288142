/// How ONNX Runtime runs a model.
public struct ONNXOptions: Sendable, Hashable {
  /// Threads that one run may use. One suits most models: workers run beside each other, and a pool's idle threads cost.
  public var intraOpThreads: Int
  /// Whether ensembles of decision trees are compiled, where that changes no bit of what they score.
  public var compilesTrees: Bool
  /// Further session configuration entries of ONNX Runtime, verbatim: `session.…`.
  public var entries: [String: String]

  /// Options, of which each has a default that suits most models.
  public init(intraOpThreads: Int = 1, compilesTrees: Bool = true, entries: [String: String] = [:]) {
    self.intraOpThreads = intraOpThreads
    self.compilesTrees = compilesTrees
    self.entries = entries
  }
}
