import COnnxRuntime

/// Holds a compiled ensemble against ONNX Runtime's operator: both score the same rows, and each number must be the same,
/// bit for bit.
struct TreeCheck {
  /// Rows that are compared, all at once and, the first of them, also one by one.
  static let rows = 512
  static let rowsAlone = 32

  let ensemble: TreeEnsemble
  let library: OnnxRuntimeLibrary
  /// The operator's, as one that stands alone declares them.
  let input: TensorSpec
  let outputs: [TensorSpec]

  init(_ ensemble: TreeEnsemble, _ node: ONNXNode, _ library: OnnxRuntimeLibrary) throws(TreeDefinition.Refusal) {
    let isClassifier = !ensemble.scores.labels.isEmpty
    guard node.inputs.count == 1, node.outputs.count == (isClassifier ? 2 : 1), node.outputs.allSatisfy({ !$0.isEmpty }) else {
      throw TreeDefinition.Refusal(reason: "it has \(node.inputs.count) inputs, and \(node.outputs.count) outputs")
    }
    self.ensemble = ensemble
    self.library = library
    input = TensorSpec(name: node.inputs[0], elementType: .float32, shape: [nil, max(1, ensemble.leastWidth)])
    let scores = TensorSpec(name: node.outputs.last ?? "", elementType: .float32, shape: [nil, ensemble.scores.columns])
    outputs = isClassifier ? [TensorSpec(name: node.outputs[0], elementType: .int64, shape: [nil]), scores] : [scores]
  }

  /// - Parameter model: the operator in a model of its own.
  /// - Throws: a refusal, with the first difference.
  func run(_ model: [UInt8]) throws(TreeDefinition.Refusal) {
    let rows = probes()
    let width = max(1, ensemble.leastWidth)
    let theirs: Results
    do {
      theirs = try reference(rows, model)
    } catch {
      throw TreeDefinition.Refusal(reason: "ONNX Runtime could not be asked about it: \(error.message)")
    }
    try compare(theirs, scored(rows, width, [Self.rows]))
    try compare(theirs, scored(rows, width, [Int](repeating: 1, count: Self.rowsAlone)))
  }

  private struct Results {
    var labels: [Int64]
    var scores: [Float]
  }

  private func compare(_ theirs: Results, _ ours: Results) throws(TreeDefinition.Refusal) {
    for (row, (label, expected)) in zip(ours.labels, theirs.labels).enumerated() where label != expected {
      throw TreeDefinition.Refusal(reason: "of probe row \(row), ONNX Runtime makes label \(expected), and the compiled trees \(label)")
    }
    for (index, (score, expected)) in zip(ours.scores, theirs.scores).enumerated() {
      if score.bitPattern == expected.bitPattern || (score.isNaN && expected.isNaN) { continue }
      let row = index / ensemble.scores.columns
      throw TreeDefinition.Refusal(reason: "of probe row \(row), ONNX Runtime makes \(expected), and the compiled trees \(score)")
    }
  }

  /// What the ensemble makes of the first rows, in batches of these sizes.
  private func scored(_ rows: [Float], _ width: Int, _ batches: [Int]) -> Results {
    let count = batches.reduce(0, +)
    let isClassifier = !ensemble.scores.labels.isEmpty
    var results = Results(
      labels: [Int64](repeating: 0, count: isClassifier ? count : 0), scores: [Float](repeating: 0, count: count * ensemble.scores.columns))
    rows.withUnsafeBufferPointer { rows in
      results.labels.withUnsafeMutableBufferPointer { labels in
        results.scores.withUnsafeMutableBufferPointer { scores in
          var first = 0
          for batch in batches {
            ensemble.score(
              rows.baseAddress! + first * width, width: width, count: batch,
              labels: isClassifier ? labels.baseAddress! + first : nil,
              into: scores.baseAddress! + first * ensemble.scores.columns)
            first += batch
          }
        }
      }
    }
    return results
  }

  private func reference(_ rows: [Float], _ model: [UInt8]) throws(OnnxFault) -> Results {
    let api = library.api
    let settings = try ONNXOptions().settings(api)
    let session = try api.make(api.pointee.ReleaseSession) {
      api.pointee.CreateSessionFromArray(library.environment, model, model.count, settings.pointer, &$0)
    }
    let tensors = InputTensors([input], capacity: Self.rows)
    rows.withUnsafeBytes { tensors.block(0).base.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    let inputs = try ONNXInputValues(tensors, library)
    let outputs = ONNXOutputValues(self.outputs, library)
    try inputs.bind(0..<Self.rows)
    try api.check(
      api.pointee.Run(
        session.pointer, nil, inputs.names, UnsafePointer(inputs.values), inputs.count, UnsafePointer(outputs.names), outputs.count,
        outputs.values))
    try outputs.take(rows: Self.rows)
    let labels = outputs.tensor(0).elements.assumingMemoryBound(to: Int64.self)
    let scores = outputs.tensor(outputs.count - 1).elements.assumingMemoryBound(to: Float.self)
    return Results(
      labels: outputs.count == 2 ? Array(UnsafeBufferPointer(start: labels, count: Self.rows)) : [],
      scores: Array(UnsafeBufferPointer(start: scores, count: Self.rows * ensemble.scores.columns)))
  }

  /// Rows near the thresholds, where a mistake would show: thresholds and their neighbours, now and then a NaN or an infinity.
  /// The same each time.
  private func probes() -> [Float] {
    var thresholds: [UInt32: [Float]] = [:]
    for tree in ensemble.trees {
      for node in ensemble.nodes[tree.root..<tree.firstLeaf] where thresholds[node.column, default: []].count < 4096 {
        thresholds[node.column, default: []].append(node.threshold)
      }
    }
    var random = Congruential(state: 1)
    let width = max(1, ensemble.leastWidth)
    var rows = [Float](repeating: 0, count: Self.rows * width)
    for row in 0..<Self.rows {
      for (column, feature) in ensemble.features.enumerated() {
        let known = thresholds[UInt32(column * TreeEnsemble.group)] ?? [0]
        let threshold = known[Int(random.next() % UInt64(known.count))]
        let value: Float =
          switch random.next() % 16 {
          case 0: threshold.nextUp
          case 1: threshold.nextDown
          // Every other row, or hardly a row would have none.
          case 2 where row.isMultiple(of: 2): .nan
          case 3 where row.isMultiple(of: 8): .infinity
          case 4 where row.isMultiple(of: 8): -.infinity
          case 5: (threshold + known[Int(random.next() % UInt64(known.count))]) / 2
          default: threshold
          }
        rows[row * width + feature] = value
      }
    }
    return rows
  }
}

/// A linear congruential generator with Knuth's constants for 64 bits: plenty for probes, and the same everywhere.
private struct Congruential {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
