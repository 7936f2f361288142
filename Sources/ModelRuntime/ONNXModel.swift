import COnnxRuntime

/// An ONNX model in ONNX Runtime: one session of the library, which all workers run at once.
public final class ONNXModel: Model, @unchecked Sendable {  // immutable, and ONNX Runtime's Run may be called from any thread
  public let name: String
  public let version: String
  public let signature: ModelSignature
  public let metadata: ONNXMetadata
  /// The file that was loaded.
  public let path: String
  let library: OnnxRuntimeLibrary
  private let handle: OnnxHandle

  /// - Parameters:
  ///   - path: an `.onnx` file, or a folder with a `model.onnx` or a single `.onnx` file.
  ///   - name: what messages call it.
  ///   - version: if `nil`, the file's own `model_version` where it has one, else the start of the file's SHA-256.
  /// - Throws: `.runtimeMissing`, `.load`, or `.signature` if its inputs and outputs are of a kind Millrace cannot use.
  public init(
    path: String, name: String, version: String? = nil, options: ONNXOptions = ONNXOptions()
  ) throws(ModelError) {
    let file = try ModelFile.locate(path)
    library = try OnnxRuntimeLibrary.load()
    do {
      handle = try Self.open(file, library, options)
      metadata = try ONNXMetadata(library, session: handle.pointer)
    } catch {
      throw ModelError(.load, "model '\(name)' (\(file)) cannot be loaded: \(error.message)\(Self.hint(error, library))")
    }
    do {
      signature = try ONNXSignature(library, session: handle.pointer).read()
    } catch {
      throw ModelError(error.kind, "model '\(name)' (\(file)): \(error.message)")
    }
    if let version {
      self.version = version
    } else if metadata.version > 0 {
      self.version = String(metadata.version)
    } else {
      self.version = String(try ModelFile.digest(file).prefix(12))
    }
    self.name = name
    self.path = file
  }

  var session: OpaquePointer { handle.pointer }

  public func makeSession(inputs: InputTensors, outputs: [Int]) throws(ModelError) -> any ModelSession {
    try ONNXSession(self, inputs: inputs, outputs: outputs)
  }

  private static func open(
    _ file: String, _ library: OnnxRuntimeLibrary, _ options: ONNXOptions
  ) throws(OnnxFault) -> OnnxHandle {
    let api = library.api
    let handle = try api.make(api.pointee.ReleaseSessionOptions) { api.pointee.CreateSessionOptions(&$0) }
    let pointer = handle.pointer
    try api.check(api.pointee.SetIntraOpNumThreads(pointer, Int32(clamping: max(1, options.intraOpThreads))))
    try api.check(api.pointee.SetInterOpNumThreads(pointer, 1))
    try api.check(api.pointee.SetSessionExecutionMode(pointer, UInt32(OrtSequential)))
    try api.check(api.pointee.SetSessionGraphOptimizationLevel(pointer, UInt32(OrtOptimizeAll)))
    // A pool that spins while it waits takes the processor from the workers beside it.
    var entries = ["session.intra_op.allow_spinning": "0", "session.inter_op.allow_spinning": "0"]
    entries.merge(options.entries) { $1 }
    for (key, value) in entries { try api.check(api.pointee.AddSessionConfigEntry(pointer, key, value)) }
    // An execution provider other than the CPU's would be appended here.
    return try api.make(api.pointee.ReleaseSession) {
      api.pointee.CreateSession(library.environment, file, pointer, &$0)
    }
  }

  /// What to do about the faults that have a known way out.
  private static func hint(_ fault: OnnxFault, _ library: OnnxRuntimeLibrary) -> String {
    let message = fault.message.lowercased()
    if message.contains("opset") || message.contains("ir version") {
      return " — the file is newer than ONNX Runtime \(library.version): export it for an older opset (target_opset=…), "
        + "or install a newer ONNX Runtime"
    }
    if message.contains("protobuf") { return " — the file is damaged or is not an ONNX model" }
    if message.contains("not a registered function/op") {
      return " — the model uses an operator that ONNX Runtime \(library.version) does not have"
    }
    return ""
  }
}
