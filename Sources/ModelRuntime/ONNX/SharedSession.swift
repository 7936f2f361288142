import COnnxRuntime

/// The session of ONNX Runtime's that all workers of a model run at once, with the operators that it calls back.
final class SharedSession {
  private var handle: ONNXHandle?
  private let operators: TreeOperators?
  let pointer: OpaquePointer

  /// The model in a file.
  convenience init(file: String, _ library: ONNXRuntimeLibrary, _ options: ONNXOptions) throws(ONNXFault) {
    try self.init(nil, library, options) { library.api.pointee.CreateSession(library.environment, file, $0, &$1) }
  }

  /// A model in memory, which uses these operators, if any.
  convenience init(
    model: [UInt8], operators: TreeOperators?, _ library: ONNXRuntimeLibrary, _ options: ONNXOptions
  ) throws(ONNXFault) {
    try self.init(operators, library, options) {
      library.api.pointee.CreateSessionFromArray(library.environment, model, model.count, $0, &$1)
    }
  }

  private init(
    _ operators: TreeOperators?, _ library: ONNXRuntimeLibrary, _ options: ONNXOptions,
    create: (_ settings: OpaquePointer, _ session: inout OpaquePointer?) -> OpaquePointer?
  ) throws(ONNXFault) {
    let api = library.api
    let settings = try options.settings(api)
    try operators?.add(to: settings.pointer)
    let handle = try api.make(api.pointee.ReleaseSession) { create(settings.pointer, &$0) }
    pointer = handle.pointer
    self.handle = consume handle
    self.operators = operators
  }

  // The session goes first: it still calls its operators on its way out.
  deinit { handle = nil }
}

extension ONNXOptions {
  /// As ONNX Runtime takes them.
  func settings(_ api: ONNXAPI) throws(ONNXFault) -> ONNXHandle {
    let handle = try api.make(api.pointee.ReleaseSessionOptions) { api.pointee.CreateSessionOptions(&$0) }
    let pointer = handle.pointer
    try api.check(api.pointee.SetIntraOpNumThreads(pointer, Int32(clamping: max(1, intraOpThreads))))
    try api.check(api.pointee.SetInterOpNumThreads(pointer, 1))
    try api.check(api.pointee.SetSessionExecutionMode(pointer, UInt32(OrtSequential)))
    try api.check(api.pointee.SetSessionGraphOptimizationLevel(pointer, UInt32(OrtOptimizeAll)))
    // A pool that spins while it waits takes the processor from the workers beside it.
    var entries = ["session.intra_op.allow_spinning": "0", "session.inter_op.allow_spinning": "0"]
    entries.merge(self.entries) { $1 }
    for (key, value) in entries { try api.check(api.pointee.AddSessionConfigEntry(pointer, key, value)) }
    // An execution provider other than the CPU's would be appended here.
    return handle
  }
}
