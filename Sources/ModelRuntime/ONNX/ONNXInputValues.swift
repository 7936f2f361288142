import COnnxRuntime

/// ONNX Runtime's view of rows of ``InputTensors``: its values lie over the same memory, but for strings, which it keeps
/// in its own objects. Values stay from one run to the next as long as the rows are the same.
final class ONNXInputValues {
  let count: Int
  let names: UnsafeMutablePointer<UnsafePointer<CChar>?>
  let values: UnsafeMutablePointer<OpaquePointer?>
  private let tensors: InputTensors
  private let library: ONNXRuntimeLibrary
  private let api: ONNXAPI
  private let memory: ONNXHandle
  /// All inputs' shapes, one behind the other; the first of each is set to the number of rows.
  private let shapes: UnsafeMutableBufferPointer<Int64>
  private let ranks: [Int]
  private let hasStrings: Bool
  private var bound: Range<Int>?

  init(_ tensors: InputTensors, _ library: ONNXRuntimeLibrary) throws(ONNXFault) {
    let api = library.api
    memory = try api.make(api.pointee.ReleaseMemoryInfo) {
      api.pointee.CreateCpuMemoryInfo(Int32(OrtAllocatorArena), Int32(OrtMemoryDefault), &$0)
    }
    self.tensors = tensors
    self.library = library
    self.api = api
    count = tensors.specs.count
    names = makeNames(tensors.specs)
    values = .allocate(capacity: max(1, count))
    values.initialize(repeating: nil, count: max(1, count))
    ranks = tensors.specs.map(\.shape.count)
    shapes = .allocate(capacity: ranks.reduce(0, +))
    _ = shapes.initialize(from: tensors.specs.flatMap { $0.shape.map { Int64($0 ?? 0) } })
    hasStrings = tensors.specs.contains { $0.elementType == .string }
  }

  deinit {
    release()
    freeNames(names, count: count)
    values.deallocate()
    shapes.deallocate()
  }

  /// Makes the values those of the given rows.
  func bind(_ rows: Range<Int>) throws(ONNXFault) {
    if bound != rows {
      release()
      var shape = shapes.baseAddress!  // there is an input, and each has a dimension for rows
      for input in 0..<count {
        shape[0] = Int64(rows.count)
        try make(input, rows, shape)
        shape += ranks[input]
      }
      bound = rows
    }
    guard hasStrings else { return }
    var isBulky = false
    for input in 0..<count where tensors.blocks[input].elementType == .string {
      if try fill(input, rows) { isBulky = true }
    }
    // ONNX Runtime's strings never shrink, so those that hold something huge are not kept.
    if isBulky { bound = nil }
  }

  /// Runs a session on the bound rows.
  func run(_ session: OpaquePointer, into outputs: ONNXOutputValues) throws(ONNXFault) {
    try api.check(
      api.pointee.Run(
        session, nil, names, UnsafePointer(values), count, UnsafePointer(outputs.names), outputs.count, outputs.values))
  }

  private func make(_ input: Int, _ rows: Range<Int>, _ shape: UnsafeMutablePointer<Int64>) throws(ONNXFault) {
    let block = tensors.blocks[input]
    let element = UInt32(block.elementType.onnx)
    if block.elementType == .string {
      try api.check(api.pointee.CreateTensorAsOrtValue(library.allocator, shape, ranks[input], element, &values[input]))
    } else {
      try api.check(
        api.pointee.CreateTensorWithDataAsOrtValue(
          memory.pointer, block.base + rows.lowerBound * block.rowStride, rows.count * block.rowStride, shape, ranks[input],
          element, &values[input]))
    }
  }

  /// Copies an input's strings into its value; true if one of them is huge.
  private func fill(_ input: Int, _ rows: Range<Int>) throws(ONNXFault) -> Bool {
    let block = tensors.blocks[input]
    let cells = block.base.assumingMemoryBound(to: StringCell.self) + rows.lowerBound * block.width
    var isBulky = false
    for index in 0..<(rows.count * block.width) {
      let bytes = cells[index].bytes
      var target: UnsafeMutablePointer<CChar>?
      try api.check(api.pointee.GetResizedStringTensorElementBuffer(values[input], index, bytes.count, &target))
      guard let source = bytes.baseAddress, let target, bytes.count > 0 else { continue }
      UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: bytes.count)
      if bytes.count > StringCell.keptCapacity { isBulky = true }
    }
    return isBulky
  }

  private func release() {
    bound = nil
    for input in 0..<count {
      if let value = values[input] { api.pointee.ReleaseValue(value) }
      values[input] = nil
    }
  }
}

/// The tensors' names as C strings in memory of their own.
func makeNames(_ specs: [TensorSpec]) -> UnsafeMutablePointer<UnsafePointer<CChar>?> {
  let names = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: max(1, specs.count))
  for (index, spec) in specs.enumerated() { (names + index).initialize(to: makeName(spec.name)) }
  return names
}

/// A name as a C string, the caller's to deallocate.
func makeName(_ name: String) -> UnsafePointer<CChar> {
  let bytes = Array(name.utf8CString)
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
  copy.initialize(from: bytes, count: bytes.count)
  return UnsafePointer(copy)
}

func freeNames(_ names: UnsafeMutablePointer<UnsafePointer<CChar>?>, count: Int) {
  for index in 0..<count { names[index]?.deallocate() }
  names.deallocate()
}
