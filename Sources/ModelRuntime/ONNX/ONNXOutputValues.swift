import COnnxRuntime

/// The outputs of a run. Numbers are read where ONNX Runtime put them; strings, and the rows of a model that takes one
/// row a run, are gathered in memory of our own.
final class ONNXOutputValues {
  let count: Int
  let names: UnsafeMutablePointer<UnsafePointer<CChar>?>
  let values: UnsafeMutablePointer<OpaquePointer?>
  private let api: ONNXAPI
  private let outputs: [ONNXOutput]
  /// What was read last, in memory that is read without counting references.
  private let tensors: UnsafeMutablePointer<OutputTensor>

  init(_ specs: [TensorSpec], _ library: ONNXRuntimeLibrary) {
    api = library.api
    count = specs.count
    names = makeNames(specs)
    values = .allocate(capacity: max(1, count))
    values.initialize(repeating: nil, count: max(1, count))
    outputs = specs.enumerated().map { ONNXOutput($1, position: $0, library) }
    tensors = .allocate(capacity: max(1, count))
    for position in 0..<count { (tensors + position).initialize(to: outputs[position].tensor) }
  }

  deinit {
    clear()
    freeNames(names, count: count)
    values.deallocate()
    tensors.deallocate()
  }

  @inline(__always)
  func tensor(_ position: Int) -> OutputTensor { tensors[position] }

  /// Gives the last run's values back.
  func clear() {
    for position in 0..<count {
      outputs[position].clear()
      tensors[position] = outputs[position].tensor
      releaseValue(position)
    }
  }

  /// Takes the values of a run over this many rows. They stay where they are until `clear`.
  func take(rows: Int) throws(ONNXFault) {
    for position in 0..<count {
      try outputs[position].read(values[position], rows: rows, gathering: false)
      tensors[position] = outputs[position].tensor
    }
  }

  /// Takes the values of a run over one row, behind those of the rows before, and gives them back.
  func append() throws(ONNXFault) {
    for position in 0..<count {
      try outputs[position].read(values[position], rows: 1, gathering: true)
      tensors[position] = outputs[position].tensor
      releaseValue(position)
    }
  }

  private func releaseValue(_ position: Int) {
    if let value = values[position] { api.pointee.ReleaseValue(value) }
    values[position] = nil
  }
}

/// One output, and what was read of it.
private final class ONNXOutput {
  let spec: TensorSpec
  /// Among the outputs of the run.
  private let position: Int
  private let api: ONNXAPI
  private var rows = 0
  private var elementsPerRow = 0
  private var elements: UnsafeRawPointer?
  /// Elements that do not lie in a value of ONNX Runtime: those gathered, or the offsets of strings.
  private var store = ByteStore()
  private var characters = ByteStore()

  init(_ spec: TensorSpec, position: Int, _ library: ONNXRuntimeLibrary) {
    self.spec = spec
    self.position = position
    api = library.api
  }

  var tensor: OutputTensor {
    OutputTensor(
      elementType: spec.elementType, rows: rows, elementsPerRow: elementsPerRow, elements: elements ?? UnsafeRawPointer(store.base),
      characters: spec.elementType == .string ? UnsafeRawPointer(characters.base) : nil)
  }

  func clear() {
    rows = 0
    elementsPerRow = 0
    elements = nil
    store.clear()
    characters.clear()
  }

  func read(_ value: OpaquePointer?, rows: Int, gathering: Bool) throws(ONNXFault) {
    guard let value else { throw ONNXFault(code: 0, message: "output '\(spec.name)' has no value") }
    let count = try elementCount(value, rows: rows, gathering: gathering)
    if self.rows > 0 && count != elementsPerRow {
      throw ONNXFault(code: 0, message: "output '\(spec.name)' has rows of \(elementsPerRow) and of \(count) elements")
    }
    elementsPerRow = count
    self.rows += rows
    if spec.elementType == .string {
      try readStrings(value, count: rows * count)
      return
    }
    guard let data = try api.data(of: value) else { return }
    if gathering {
      let bytes = rows * count * spec.elementType.byteWidth
      store.extend(by: bytes).copyMemory(from: data, byteCount: bytes)
    } else {
      elements = UnsafeRawPointer(data)
    }
  }

  /// Elements a row, by the shape that this run's value has. Of a model that takes one row a run, all that comes back is that row's,
  /// whatever its dimensions are.
  private func elementCount(_ value: OpaquePointer, rows: Int, gathering: Bool) throws(ONNXFault) -> Int {
    try api.withShape(of: value) { shape throws(ONNXFault) in
      if gathering { return shape.reduce(1) { $0 * Int($1) } }
      guard let first = shape.first, first == Int64(rows) else {
        let actual = shape.map(String.init).joined(separator: ", ")
        throw ONNXFault(
          code: 0,
          message: "output '\(spec.name)' came back as \(spec.elementType.rawValue)[\(actual)] for "
            + "\(rows) \(rows == 1 ? "row" : "rows"): its first dimension must count the rows", misplacedOutput: position)
      }
      return shape.dropFirst().reduce(1) { $0 * Int($1) }
    }
  }

  private func readStrings(_ value: OpaquePointer, count: Int) throws(ONNXFault) {
    var length = 0
    try api.check(api.pointee.GetStringTensorDataLength(value, &length))
    let start = characters.count
    let text = characters.extend(by: length)
    // The end of the strings before is the start of the first of these.
    let width = MemoryLayout<Int>.stride
    let isFirst = store.count == 0
    let room = store.extend(by: (isFirst ? count + 1 : count) * width)
    let offsets = (isFirst ? room : room - width).assumingMemoryBound(to: Int.self)
    if count > 0 {
      try offsets.withMemoryRebound(to: UInt.self, capacity: count) { target throws(ONNXFault) in
        try api.check(api.pointee.GetStringTensorContent(value, text, length, target, count))
      }
    }
    for index in 0..<count { offsets[index] += start }
    offsets[count] = start + length
  }
}
