import COnnxRuntime

/// An ONNX model in ONNX Runtime: one session of the library, which all workers run at once.
public final class ONNXModel: Model, @unchecked Sendable {  // immutable, and ONNX Runtime's Run may be called from any thread
  /// The name that messages call it.
  public let name: String
  /// What predictions are labelled with.
  public let version: String
  /// The model's inputs and outputs.
  public let signature: ModelSignature
  package let metadata: ONNXMetadata
  /// The file that was loaded.
  package let path: String
  /// What became of the model's ensembles of trees.
  package let trees: TreeCompilation.Outcome
  let library: ONNXRuntimeLibrary
  private let loaded: SharedSession

  /// Loads a model.
  /// - Parameters:
  ///   - path: an `.onnx` file, or a folder with a `model.onnx` or a single `.onnx` file.
  ///   - name: what messages call it.
  ///   - version: if `nil`, the file's own `model_version` where it has one, else the start of the SHA-256 of the file; where weights lie
  ///     in files beside it, of these too.
  ///   - options: how ONNX Runtime runs it.
  /// - Throws: `.runtimeMissing`, `.load`, or `.signature` if its inputs and outputs are of a kind Millrace cannot use.
  public init(
    path: String, name: String, version: String? = nil, options: ONNXOptions = ONNXOptions()
  ) throws(ModelError) {
    let files: ONNXFiles
    do {
      files = try ONNXFiles(path)
    } catch {
      throw ModelError(error.kind, "model '\(name)': \(error.message)")
    }
    let file = files.graph
    library = try ONNXRuntimeLibrary.load()
    let original: SharedSession
    do {
      original = try SharedSession(file: file, library, options)
      metadata = try ONNXMetadata(library, session: original.pointer)
    } catch {
      throw ModelError(.load, "model '\(name)': \(file): cannot be loaded: \(Self.explained(error, file, library))")
    }
    do {
      signature = try SignatureReader(library, session: original.pointer).read()
    } catch {
      throw ModelError(error.kind, "model '\(name)': \(file): \(error.message)")
    }
    if let version {
      self.version = version
    } else if metadata.version > 0 {
      self.version = String(metadata.version)
    } else {
      self.version = String(try files.digest().prefix(12))
    }
    self.name = name
    self.path = file
    let compilation = TreeCompilation(files, library, options)
    (trees, loaded) = options.compilesTrees ? compilation.run(original, signature) : (.none, original)
    // The files were read more than once, and the predictions must be those of the version.
    if let changed = files.changed {
      throw ModelError(.load, "model '\(name)': \(changed) was changed while it was loaded; start again when it is complete")
    }
  }

  var session: OpaquePointer { loaded.pointer }

  /// A session on these inputs. Each worker has its own.
  public func makeSession(inputs: InputTensors, outputs: [Int]) throws(ModelError) -> any ModelSession {
    try ONNXSession(self, inputs: inputs, outputs: outputs)
  }

  /// The runtime's message, and what to do about the faults that have a known way out.
  private static func explained(_ fault: ONNXFault, _ file: String, _ library: ONNXRuntimeLibrary) -> String {
    var message = fault.message
    let prefix = "Load model from \(file) failed:"
    if message.hasPrefix(prefix) { message = String(message.dropFirst(prefix.count)) }
    let known = message.lowercased()
    if known.contains("opset") || known.contains("ir version") {
      return "\(message) — the file is newer than ONNX Runtime \(library.version): export it for an older opset "
        + "(target_opset=…), or install a newer ONNX Runtime"
    }
    if known.contains("protobuf") { return "\(message) — the file is damaged or is not an ONNX model" }
    if known.contains("no op registered") || known.contains("not a registered function/op") {
      return "\(message) — the model uses an operator that ONNX Runtime \(library.version) does not have"
    }
    return message
  }
}
