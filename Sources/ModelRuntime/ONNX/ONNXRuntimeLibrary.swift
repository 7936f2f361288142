import COnnxRuntime
import Glibc

/// ONNX Runtime's shared library, found and loaded when the first model is. It is never unloaded: its threads and
/// registries don't survive that.
package final class ONNXRuntimeLibrary: @unchecked Sendable {  // immutable, and ONNX Runtime's environment may be shared
  /// The file that was loaded, or the name the system's loader resolved.
  package let path: String
  /// Such as `1.23.0`.
  package let version: String
  let api: ONNXAPI
  /// Whether it runs operators of one's own that can report an error.
  let takesOperators: Bool
  let environment: OpaquePointer
  let allocator: OpaquePointer
  private let ownedEnvironment: ONNXHandle

  private static let shared = Result { () throws(ModelError) in try ONNXRuntimeLibrary(ONNXRuntimeSearch()) }

  /// The library of this process; the search happens once.
  /// - Throws: `.runtimeMissing`, with every place that was looked at and how to install it.
  package static func load() throws(ModelError) -> ONNXRuntimeLibrary { try shared.get() }

  convenience init(_ search: ONNXRuntimeSearch) throws(ModelError) {
    var tried: [String] = []
    for candidate in search.candidates {
      switch candidate {
      case .absent(let note):
        tried.append(note)
      case .file(let path, let isWanted):
        do {
          try self.init(path: path)
          return
        } catch {
          // What the user named is used or complained about, never passed over.
          if isWanted { throw error }
          tried.append(error.message)
        }
      }
    }
    throw ModelError(
      .runtimeMissing,
      """
      ONNX Runtime's library, which runs the models, was not found. Looked at:
      \(tried.map { "  - \($0)" }.joined(separator: "\n"))
      Install it with `make` in Millrace's repository (into .onnxruntime), or with `pip install onnxruntime`, and then set \
      \(ONNXRuntimeSearch.variable) to the folder or file of libonnxruntime.so (the folder onnxruntime/capi of the package).
      """)
  }

  init(path: String) throws(ModelError) {
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw ModelError(.runtimeMissing, dlerror().map { String(cString: $0) } ?? "\(path): cannot be loaded")
    }
    guard let symbol = dlsym(library, "OrtGetApiBase"),
      let door = unsafeBitCast(symbol, to: OrtGetApiBaseFunction.self)()
    else {
      throw ModelError(.runtimeMissing, "\(path): not ONNX Runtime (it has no OrtGetApiBase)")
    }
    version = door.pointee.GetVersionString().map { String(cString: $0) } ?? "of unknown version"
    guard let api = door.pointee.GetApi(UInt32(OrtSliceVersion)) else {
      throw ModelError(
        .runtimeMissing,
        "\(path): ONNX Runtime \(version) is too old: 1.\(OrtSliceVersion) or newer is needed (`pip install --upgrade onnxruntime`)")
    }
    do throws(ONNXFault) {
      // Its messages reach us as errors; printing them as well would put a line on stderr for every bad record.
      ownedEnvironment = try api.make(api.pointee.ReleaseEnv) {
        api.pointee.CreateEnv(UInt32(OrtLogFatal), "millrace", &$0)
      }
      try api.check(api.pointee.DisableTelemetryEvents(ownedEnvironment.pointer))
      var allocator: OpaquePointer?
      try api.check(api.pointee.GetAllocatorWithDefaultOptions(&allocator))
      guard let allocator else { throw ONNXFault(code: 0, message: "no allocator") }
      self.allocator = allocator
    } catch {
      throw ModelError(.runtimeMissing, "\(path): ONNX Runtime \(version) does not start: \(error.message)")
    }
    environment = ownedEnvironment.pointer
    self.path = path
    self.api = api
    takesOperators = door.pointee.GetApi(UInt32(OrtCustomOpVersion)) != nil
  }
}
