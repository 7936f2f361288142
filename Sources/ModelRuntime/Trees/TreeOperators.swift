import COnnxRuntime

/// Compiled ensembles as operators that ONNX Runtime runs in place of its own. Each has one input, the rows, and the outputs
/// of the operator whose place it takes. Outlives every session that was given its domain.
final class TreeOperators {
  static let domain = "millrace"

  private let api: ONNXAPI
  private let operators: [TreeOperator]
  private let handle: ONNXHandle

  init(_ ensembles: [TreeEnsemble], _ api: ONNXAPI) throws(ONNXFault) {
    self.api = api
    handle = try api.make(api.pointee.ReleaseCustomOpDomain) { api.pointee.CreateCustomOpDomain(Self.domain, &$0) }
    operators = ensembles.enumerated().map { TreeOperator($1, name: Self.name($0), api) }
    for own in operators { try api.check(api.pointee.CustomOpDomain_Add(handle.pointer, OpaquePointer(own.pointer))) }
  }

  /// What the operator of an ensemble is called in a graph.
  static func name(_ index: Int) -> String { "Trees\(index)" }

  /// Makes the operators known to the sessions of these options.
  func add(to options: OpaquePointer) throws(ONNXFault) {
    try api.check(api.pointee.AddCustomOpDomain(options, handle.pointer))
  }
}

/// One of them: ONNX Runtime calls its functions with the pointer, and finds the rest behind it.
private final class TreeOperator {
  let pointer: UnsafeMutablePointer<OrtOwnedCustomOp>
  let ensemble: TreeEnsemble
  let api: ONNXAPI
  let name: UnsafePointer<CChar>

  init(_ ensemble: TreeEnsemble, name: String, _ api: ONNXAPI) {
    self.ensemble = ensemble
    self.api = api
    self.name = makeName(name)
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: OrtOwnedCustomOp())
    pointer.pointee.owner = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    pointer.pointee.slice.version = UInt32(OrtCustomOpVersion)
    pointer.pointee.slice.GetName = { TreeOperator.of($0).name }
    pointer.pointee.slice.GetExecutionProviderType = { _ in nil }
    pointer.pointee.slice.GetInputType = { _, _ in UInt32(OrtElementFloat32) }
    pointer.pointee.slice.GetInputTypeCount = { _ in 1 }
    pointer.pointee.slice.GetOutputType = { own, index in
      UInt32(TreeOperator.of(own).hasLabels && index == 0 ? OrtElementInt64 : OrtElementFloat32)
    }
    pointer.pointee.slice.GetOutputTypeCount = { TreeOperator.of($0).hasLabels ? 2 : 1 }
    pointer.pointee.slice.GetInputCharacteristic = { _, _ in UInt32(OrtCustomOpRequired) }
    pointer.pointee.slice.GetOutputCharacteristic = { _, _ in UInt32(OrtCustomOpRequired) }
    pointer.pointee.slice.GetInputMemoryType = { _, _ in Int32(OrtMemoryDefault) }
    // The kernel has no state of its own: it is the operator.
    pointer.pointee.slice.CreateKernelV2 = { own, _, _, kernel in
      kernel?.pointee = UnsafeMutableRawPointer(mutating: UnsafeRawPointer(own))
      return nil
    }
    pointer.pointee.slice.KernelDestroy = { _ in }
    pointer.pointee.slice.KernelComputeV2 = { TreeOperator.of($0.map { OpaquePointer($0) }).compute($1) }
  }

  deinit {
    pointer.deallocate()
    name.deallocate()
  }

  private static func of(_ pointer: OpaquePointer?) -> TreeOperator {
    let own = UnsafePointer<OrtOwnedCustomOp>(pointer!)  // ONNX Runtime hands back what it was given
    return Unmanaged<TreeOperator>.fromOpaque(own.pointee.owner).takeUnretainedValue()
  }

  private var hasLabels: Bool { !ensemble.scores.labels.isEmpty }

  /// Any thread; several at once.
  private func compute(_ context: OpaquePointer?) -> OpaquePointer? {
    do throws(ONNXFault) {
      var input: OpaquePointer?
      try api.check(api.pointee.KernelContext_GetInput(context, 0, &input))
      let (count, width) = try shape(of: input)
      guard width >= ensemble.leastWidth else {
        throw ONNXFault(
          code: UInt32(OrtErrorInvalidArgument),
          message: "a tree asks for feature \(ensemble.leastWidth - 1), and the input has \(width) features")
      }
      let rows = try api.data(of: input)
      let labels = hasLabels ? try output(context, 0, [Int64(count)]) : nil
      let scores = try output(context, hasLabels ? 1 : 0, [Int64(count), Int64(ensemble.scores.columns)])
      guard count > 0, let rows, let scores else { return nil }
      ensemble.score(
        rows.assumingMemoryBound(to: Float.self), width: width, count: count, labels: labels?.assumingMemoryBound(to: Int64.self),
        into: scores.assumingMemoryBound(to: Float.self))
      return nil
    } catch {
      return api.pointee.CreateStatus(error.code, error.message)
    }
  }

  private func shape(of value: OpaquePointer?) throws(ONNXFault) -> (count: Int, width: Int) {
    try api.withShape(of: value) { shape throws(ONNXFault) in
      switch shape.count {
      // As ONNX Runtime has it: one dimension is a row, of which only feature 0 can be asked for.
      case 1: return (1, min(1, Int(shape[0])))
      case 2: return (Int(shape[0]), Int(shape[1]))
      case let rank:
        throw ONNXFault(code: UInt32(OrtErrorInvalidArgument), message: "trees take a matrix, and the input has \(rank) dimensions")
      }
    }
  }

  private func output(_ context: OpaquePointer?, _ index: Int, _ shape: [Int64]) throws(ONNXFault) -> UnsafeMutableRawPointer? {
    var value: OpaquePointer?
    try api.check(api.pointee.KernelContext_GetOutput(context, index, shape, shape.count, &value))
    return value == nil ? nil : try api.data(of: value)
  }
}
