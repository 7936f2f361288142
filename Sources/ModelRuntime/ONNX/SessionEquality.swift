/// Runs two sessions on the same rows, and compares every number of their outputs, bit for bit.
struct SessionEquality {
  /// The first difference, in words.
  struct Difference: Error {
    let words: String
  }

  let inputs: InputTensors
  let outputs: [TensorSpec]
  let library: ONNXRuntimeLibrary

  /// - Returns: false if the first session can't run on these rows.
  func run(_ expected: SharedSession, _ actual: SharedSession, rows: Range<Int>) throws(Difference) -> Bool {
    guard let theirs = try? values(expected, rows) else { return false }
    let ours: ONNXOutputValues
    do {
      ours = try values(actual, rows)
    } catch {
      throw Difference(words: "the compiled trees fail: \(error.message)")
    }
    for (index, spec) in outputs.enumerated() { try compare(spec, theirs.tensor(index), ours.tensor(index)) }
    return true
  }

  private func values(_ session: SharedSession, _ rows: Range<Int>) throws(ONNXFault) -> ONNXOutputValues {
    let given = try ONNXInputValues(inputs, library)
    let values = ONNXOutputValues(outputs, library)
    try given.bind(rows)
    try given.run(session.pointer, into: values)
    try values.take(rows: rows.count)
    return values
  }

  private func compare(_ spec: TensorSpec, _ expected: OutputTensor, _ actual: OutputTensor) throws(Difference) {
    guard expected.elementsPerRow == actual.elementsPerRow else {
      throw Difference(words: "output '\(spec.name)' has \(actual.elementsPerRow) columns instead of \(expected.elementsPerRow)")
    }
    for row in 0..<expected.rows {
      for column in 0..<expected.elementsPerRow where !isSame(expected, actual, row, column) {
        func shown(_ tensor: OutputTensor) -> String { tensor.string(row, column) ?? "\(tensor.double(row, column))" }
        throw Difference(
          words: "of probe row \(row), ONNX Runtime makes '\(spec.name)' \(shown(expected)), and the compiled trees \(shown(actual))")
      }
    }
  }

  private func isSame(_ expected: OutputTensor, _ actual: OutputTensor, _ row: Int, _ column: Int) -> Bool {
    if let integer = expected.integer(row, column) { return integer == actual.integer(row, column) }
    if expected.elementType == .string { return expected.bytes(row, column).elementsEqual(actual.bytes(row, column)) }
    let (one, other) = (expected.double(row, column), actual.double(row, column))
    return one.bitPattern == other.bitPattern || (one.isNaN && other.isNaN)
  }
}
