import COnnxRuntime

/// An error of ONNX Runtime, copied out of its status object.
struct OnnxFault: Error {
  let code: UInt32
  let message: String
  /// The place, among the outputs of a run, of one whose shape doesn't begin with the rows: a fault that we find, and not the library.
  var misplacedOutput: Int?

  /// Memory that ran out may be there again later, and a device may come back. All else fails again with the same rows.
  var isTransient: Bool {
    if code == UInt32(OrtErrorExecutionProvider) { return true }
    let message = message.lowercased()
    return ["bad_alloc", "failed to allocate", "out of memory", "available memory", "alloc_failed"]
      .contains { message.contains($0) }
  }

  /// The message on one line, without the places in ONNX Runtime's own source that it names: `…/file.cc:12 function(…)`.
  static func readable(_ message: String) -> String {
    var words = message.split(whereSeparator: \.isWhitespace)[...]
    var kept: [Substring] = []
    while let word = words.popFirst() {
      guard let path = word.firstIndex(of: "/"), word.contains("/onnxruntime"), word.contains(".cc:") || word.contains(".h:") else {
        kept.append(word)
        continue
      }
      if path > word.startIndex { kept.append(word[..<path]) }
      // The function follows, to the parenthesis that closes its parameters, and then what qualifies it.
      var depth = 0
      repeat {
        guard let part = words.popFirst() else { break }
        depth += part.count { $0 == "(" } - part.count { $0 == ")" }
        if depth <= 0 && part.hasSuffix(")") { break }
      } while true
      if words.first == "const" { words.removeFirst() }
      if words.first == "[with", let end = words.firstIndex(where: { $0.hasSuffix("]") }) { words = words[(end + 1)...] }
    }
    return kept.joined(separator: " ")
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
    let message = pointee.GetErrorMessage(status).map { String(cString: $0) } ?? "no message"
    throw OnnxFault(code: pointee.GetErrorCode(status), message: OnnxFault.readable(message))
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

  /// A tensor's dimensions, in memory that is gone afterwards.
  func withShape<Result>(
    of value: OpaquePointer?, _ body: (UnsafeBufferPointer<Int64>) throws(OnnxFault) -> Result
  ) throws(OnnxFault) -> Result {
    let info = try make(pointee.ReleaseTensorTypeAndShapeInfo) { pointee.GetTensorTypeAndShape(value, &$0) }
    var rank = 0
    try check(pointee.GetDimensionsCount(info.pointer, &rank))
    return try withUnsafeTemporaryAllocation(of: Int64.self, capacity: max(1, rank)) { shape throws(OnnxFault) in
      try check(pointee.GetDimensions(info.pointer, shape.baseAddress, rank))
      return try body(UnsafeBufferPointer(rebasing: shape[..<rank]))
    }
  }

  /// Where a tensor's elements lie; one without any may have no memory.
  func data(of value: OpaquePointer?) throws(OnnxFault) -> UnsafeMutableRawPointer? {
    var data: UnsafeMutableRawPointer?
    try check(pointee.GetTensorMutableData(value, &data))
    return data
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
}
