import COnnxRuntime

/// What a model's file says about itself.
package struct ONNXMetadata: Sendable, Hashable {
  /// The tool that wrote the file, such as `skl2onnx`.
  package let producer: String
  package let graphName: String
  package let domain: String
  package let description: String
  /// The file's `model_version`; 0 where nobody set one.
  package let version: Int64
  /// The author's own entries.
  package let custom: [String: String]

  init(_ library: ONNXRuntimeLibrary, session: OpaquePointer) throws(ONNXFault) {
    let api = library.api
    let allocator = library.allocator
    let metadata = try api.make(api.pointee.ReleaseModelMetadata) { api.pointee.SessionGetModelMetadata(session, &$0) }
    let pointer = metadata.pointer
    producer = try api.text(allocator) { api.pointee.ModelMetadataGetProducerName(pointer, allocator, &$0) }
    graphName = try api.text(allocator) { api.pointee.ModelMetadataGetGraphName(pointer, allocator, &$0) }
    domain = try api.text(allocator) { api.pointee.ModelMetadataGetDomain(pointer, allocator, &$0) }
    description = try api.text(allocator) { api.pointee.ModelMetadataGetDescription(pointer, allocator, &$0) }
    var version: Int64 = 0
    try api.check(api.pointee.ModelMetadataGetVersion(pointer, &version))
    self.version = version == .max ? 0 : version  // ONNX Runtime's way to say that the file has none
    custom = try Self.custom(library, pointer)
  }

  private static func custom(_ library: ONNXRuntimeLibrary, _ metadata: OpaquePointer) throws(ONNXFault) -> [String: String] {
    let api = library.api
    let allocator = library.allocator
    var keys: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    var count: Int64 = 0
    try api.check(api.pointee.ModelMetadataGetCustomMetadataMapKeys(metadata, allocator, &keys, &count))
    guard let keys else { return [:] }
    defer {
      for index in 0..<Int(count) { try? api.check(api.pointee.AllocatorFree(allocator, keys[index])) }
      try? api.check(api.pointee.AllocatorFree(allocator, keys))
    }
    var custom: [String: String] = [:]
    for index in 0..<Int(count) {
      guard let key = keys[index] else { continue }
      custom[String(cString: key)] = try api.text(allocator) {
        api.pointee.ModelMetadataLookupCustomMetadataMap(metadata, allocator, key, &$0)
      }
    }
    return custom
  }
}
