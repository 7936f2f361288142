import COnnxRuntime

/// The one owner of an object of ONNX Runtime: releases it, on every path.
struct ONNXHandle: ~Copyable {
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
typealias ONNXAPI = UnsafePointer<OrtApiSlice>

extension ONNXAPI {
  /// Throws the error that a call returned, and releases it.
  func check(_ status: OpaquePointer?) throws(ONNXFault) {
    guard let status else { return }
    defer { pointee.ReleaseStatus(status) }
    let message = pointee.GetErrorMessage(status).map { String(cString: $0) } ?? "no message"
    throw ONNXFault(code: pointee.GetErrorCode(status), message: ONNXFault.readable(message))
  }

  /// The object that a call makes, owned. `release` is the table's function for its kind.
  func make(
    _ release: @escaping ONNXHandle.Release, _ create: (inout OpaquePointer?) -> OpaquePointer?
  ) throws(ONNXFault) -> ONNXHandle {
    var pointer: OpaquePointer?
    try check(create(&pointer))
    guard let pointer else { throw ONNXFault(code: 0, message: "ONNX Runtime returned nothing and no error") }
    return ONNXHandle(pointer, release: release)
  }

  /// A tensor's dimensions, in memory that is gone afterwards.
  func withShape<Result>(
    of value: OpaquePointer?, _ body: (UnsafeBufferPointer<Int64>) throws(ONNXFault) -> Result
  ) throws(ONNXFault) -> Result {
    let info = try make(pointee.ReleaseTensorTypeAndShapeInfo) { pointee.GetTensorTypeAndShape(value, &$0) }
    var rank = 0
    try check(pointee.GetDimensionsCount(info.pointer, &rank))
    return try withUnsafeTemporaryAllocation(of: Int64.self, capacity: max(1, rank)) { shape throws(ONNXFault) in
      try check(pointee.GetDimensions(info.pointer, shape.baseAddress, rank))
      return try body(UnsafeBufferPointer(rebasing: shape[..<rank]))
    }
  }

  /// Where a tensor's elements lie; one without any may have no memory.
  func data(of value: OpaquePointer?) throws(ONNXFault) -> UnsafeMutableRawPointer? {
    var data: UnsafeMutableRawPointer?
    try check(pointee.GetTensorMutableData(value, &data))
    return data
  }

  /// A text that a call takes from the allocator, which gets it back.
  func text(
    _ allocator: OpaquePointer, _ create: (inout UnsafeMutablePointer<CChar>?) -> OpaquePointer?
  ) throws(ONNXFault) -> String {
    var characters: UnsafeMutablePointer<CChar>?
    try check(create(&characters))
    guard let characters else { return "" }
    let text = String(cString: characters)
    try check(pointee.AllocatorFree(allocator, characters))
    return text
  }
}
