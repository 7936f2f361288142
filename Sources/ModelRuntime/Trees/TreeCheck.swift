/// Holds compiled trees against ONNX Runtime's: both score the same rows, and each number must be the same, bit for bit.
struct TreeCheck {
  /// Probes that are scored one by one, too: such rows are walked in another way.
  static let alone = 32
  /// Floats of one batch, at most.
  private static let batchSize = 4 << 20

  let library: ONNXRuntimeLibrary

  /// An ensemble against the operator that it stands for, by themselves, on rows near its thresholds.
  func compare(_ ensemble: TreeEnsemble, _ node: ONNXNode, _ bytes: UnsafeRawBufferPointer, of graph: ONNXGraph) throws {
    let width = max(1, ensemble.leastWidth)
    let input = TensorSpec(name: node.inputs[0], elementType: .float32, shape: [nil, width])
    let outputs = ensemble.outputs(named: node.outputs)
    let alone = try graph.alone(bytes, inputs: [input], outputs: outputs)
    let compiled = try alone.withUnsafeBytes { model in
      try ONNXGraph(model: model).replacing([
        0: ONNXGraph.Replacement(type: TreeOperators.name(0), domain: TreeOperators.domain, outputs: outputs)
      ])
    }
    let options = ONNXOptions()
    let theirs = try SharedSession(model: alone, operators: nil, library, options)
    let ours = try SharedSession(model: compiled, operators: TreeOperators([ensemble], library.api), library, options)
    let probes = TreeProbes(ensemble)
    let inputs = InputTensors([input], capacity: max(1, min(TreeProbes.rows, Self.batchSize / width)))
    let equality = SessionEquality(inputs: inputs, outputs: outputs, library: library)
    let rows = inputs.block(0).base.assumingMemoryBound(to: Float.self)
    var first = 0
    while first < TreeProbes.rows {
      let count = min(inputs.capacity, TreeProbes.rows - first)
      for row in 0..<count {
        for (place, feature) in ensemble.features.enumerated() {
          rows[row * width + feature] = probes.values[(first + row) * ensemble.features.count + place]
        }
      }
      try expectSame(equality, theirs, ours, 0..<count)
      for row in 0..<count where first + row < Self.alone { try expectSame(equality, theirs, ours, row..<(row + 1)) }
      first += count
    }
  }

  private func expectSame(
    _ equality: SessionEquality, _ theirs: SharedSession, _ ours: SharedSession, _ rows: Range<Int>
  ) throws {
    guard try equality.run(theirs, ours, rows: rows) else {
      throw TreeDefinition.Refusal(reason: "ONNX Runtime does not run the operator by itself")
    }
  }

  /// The model against itself with compiled trees: what lies between the trees and its outputs may be optimized otherwise beside them.
  /// Rows of any numbers do. Without a difference where the model doesn't run on such rows.
  func compare(_ original: SharedSession, _ compiled: SharedSession, _ signature: ModelSignature) throws {
    let specs = signature.inputs.compactMap { $0.width == nil ? $0.withWidth(Self.openWidth) : $0 }
    guard specs.count == signature.inputs.count, specs.allSatisfy({ $0.width ?? 0 <= 1 << 16 }) else { return }
    let inputs = InputTensors(specs, capacity: Self.alone)
    var random = Congruential(state: 2)
    for (index, spec) in specs.enumerated() {
      for row in 0..<inputs.capacity {
        for column in 0..<(spec.width ?? 0) { inputs.fill(index, row, column, random.next(1 << 16)) }
      }
    }
    let equality = SessionEquality(inputs: inputs, outputs: signature.outputs, library: library)
    let ranges = (0..<4).map { $0..<($0 + 1) } + (signature.fixedBatch ? [] : [0..<inputs.capacity])
    for rows in ranges { guard try equality.run(original, compiled, rows: rows) else { return } }
  }

  /// Columns of an input that leaves them open.
  private static let openWidth = 64
}

extension InputTensors {
  /// Makes an element of any type out of a number: of a float32 about -4 to 4.
  fileprivate func fill(_ input: Int, _ row: Int, _ column: Int, _ number: Int) {
    let block = block(input)
    let cell = block.base + row * block.rowStride + column * block.elementType.byteWidth
    switch block.elementType {
    case .float32: cell.storeBytes(of: Float(number) / 8192 - 4, as: Float.self)
    case .float64: cell.storeBytes(of: Double(number) / 8192 - 4, as: Double.self)
    case .int64: cell.storeBytes(of: Int64(number % 4), as: Int64.self)
    case .int32: cell.storeBytes(of: Int32(number % 4), as: Int32.self)
    case .bool: cell.storeBytes(of: UInt8(number % 2), as: UInt8.self)
    case .string: break
    }
  }
}
