import COnnxRuntime

/// An error of ONNX Runtime, copied out of its status object.
struct OnnxFault: Error {
  let code: UInt32
  let message: String

  /// Memory that ran out may be there again later, and a device may come back. All else fails again with the same rows.
  var isTransient: Bool {
    if code == UInt32(OrtErrorExecutionProvider) { return true }
    let message = message.lowercased()
    return ["bad_alloc", "failed to allocate", "out of memory", "available memory", "alloc_failed"]
      .contains { message.contains($0) }
  }
}

/// The one owner of an object of ONNX Runtime: releases it, on every path.
struct OnnxHandle: ~Copyable {
  typealias Release = @convention(c) (OpaquePointer?) -> Void

  let pointer: OpaquePointer
  private let release: Release

  init(_ pointer: OpaquePointer, release: @escaping Release) {
    self.pointer = pointer
    self.release = release
  }

  deinit { release(pointer) }
}

/// ONNX Runtime's table of functions.
typealias OnnxAPI = UnsafePointer<OrtApiSlice>

extension OnnxAPI {
  /// Throws the error that a call returned, and releases it.
  func check(_ status: OpaquePointer?) throws(OnnxFault) {
    guard let status else { return }
    defer { pointee.ReleaseStatus(status) }
    throw OnnxFault(code: pointee.GetErrorCode(status), message: Self.oneLine(pointee.GetErrorMessage(status)))
  }

  /// The object that a call makes, owned. `release` is the table's function for its kind.
  func make(
    _ release: @escaping OnnxHandle.Release, _ create: (inout OpaquePointer?) -> OpaquePointer?
  ) throws(OnnxFault) -> OnnxHandle {
    var pointer: OpaquePointer?
    try check(create(&pointer))
    guard let pointer else { throw OnnxFault(code: 0, message: "ONNX Runtime returned nothing and no error") }
    return OnnxHandle(pointer, release: release)
  }

  /// A text that a call takes from the allocator, which gets it back.
  func text(
    _ allocator: OpaquePointer, _ create: (inout UnsafeMutablePointer<CChar>?) -> OpaquePointer?
  ) throws(OnnxFault) -> String {
    var characters: UnsafeMutablePointer<CChar>?
    try check(create(&characters))
    guard let characters else { return "" }
    let text = String(cString: characters)
    try check(pointee.AllocatorFree(allocator, characters))
    return text
  }

  /// ONNX Runtime's messages may span lines; ours, and the headers of dead letters, don't.
  private static func oneLine(_ message: UnsafePointer<CChar>?) -> String {
    guard let message else { return "no message" }
    return String(cString: message).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
