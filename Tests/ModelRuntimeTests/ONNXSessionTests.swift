import Foundation
import Testing

@testable import ModelRuntime

@Suite struct ONNXSessionTests {
  @Test(arguments: ["matrix", "columns", "vector", "open_width", "tree", "tree_named", "not_a_number", "gather", "noop"])
  func predictsWhatPythonsOnnxruntimePredicts(name: String) throws {
    let expectation = try #require(try TestModels.expectations()[name])
    let model = try TestModels.load(name)
    let given = try model.signature.inputs.map { try #require(expectation.inputs[$0.name]) }
    let rows = given[0].count
    let specs = try zip(model.signature.inputs, given).map { try #require($0.withWidth($1[0].count)) }
    let inputs = InputTensors(specs, capacity: rows + 2)
    for (input, cells) in given.enumerated() {
      for (row, values) in cells.enumerated() {
        for (column, cell) in values.enumerated() { inputs.set(cell, input: input, row: row, column: column) }
      }
    }
    let session = try model.makeSession(inputs: inputs)
    // Twice, as the second run reuses what the first made; then every row alone.
    for rows in [0..<rows, 0..<rows] + (0..<rows).map({ $0..<($0 + 1) }) {
      try session.run(rows: rows)
      for (index, spec) in model.signature.outputs.enumerated() {
        expect(session.output(index), Array(try #require(expectation.outputs[spec.name])[rows]))
      }
    }
  }

  private func expect(_ output: OutputTensor, _ expected: [[TestModels.Cell]]) {
    #expect(output.rows == expected.count)
    #expect(output.elementsPerRow == expected.first?.count)
    for (row, cells) in expected.enumerated() {
      for (column, cell) in cells.enumerated() {
        switch (output.elementType, cell) {
        case (.string, .text(let text)): #expect(output.string(row, column) == text)
        case (.int64, .integer(let value)), (.int32, .integer(let value)): #expect(output.integer(row, column) == value)
        case (.bool, .bool(let value)): #expect(output.integer(row, column) == (value ? 1 : 0))
        case (_, .text("nan")): #expect(output.double(row, column).isNaN)
        default: #expect(output.double(row, column) == cell.double)
        }
      }
    }
  }

  @Test func aBatchOfAnySizeGivesEachRowItsOwnPrediction() throws {
    let model = try TestModels.load("matrix")
    let inputs = try InputTensors(model, capacity: 256)
    let session = try model.makeSession(inputs: inputs)
    for rows in [1, 256, 17, 2, 256, 1] {
      for row in 0..<rows {
        for column in 0..<3 { inputs.set(Double(row * (column + rows)), row: row, column: column) }
      }
      try session.run(rows: rows)
      #expect(session.output(0).column(0) == (0..<rows).map { Double($0 * (3 + 3 * rows)) })
    }
  }

  @Test func anEmptyBatchRunsNothing() throws {
    let model = try TestModels.load("noop")
    let session = try model.makeSession(inputs: InputTensors(model, capacity: 2))
    try session.run(rows: 1)
    try session.run(rows: 0)
    #expect(session.output(0).rows == 0)
  }

  @Test func onlyTheOutputsAskedForAreComputed() throws {
    let model = try TestModels.load("tree")
    let inputs = try InputTensors(model, capacity: 1)
    let probabilities = try #require(model.signature.outputIndex(named: "probabilities"))
    let session = try model.makeSession(inputs: inputs, outputs: [probabilities])
    inputs.set(0.7, row: 0)
    try session.run(rows: 1)
    #expect(session.output(probabilities).double(0, 1) == 0.875)
  }

  @Test func rowsThatFailTheRunAreFoundByRunningRangesOfThem() throws {
    let model = try TestModels.load("gather")
    let inputs = try InputTensors(model, capacity: 8)
    let session = try model.makeSession(inputs: inputs)
    for (row, index) in [0, 1, 2, 99, 0, 1, -50, 2].enumerated() { inputs.setInteger(Int64(index), row: row) }
    var bad: [Int] = []
    var found: [Int: Double] = [:]
    func search(_ rows: Range<Int>) {
      do {
        try session.run(rows: rows)
        for row in rows { found[row] = session.output(0).double(row - rows.lowerBound, 0) }
      } catch {
        guard rows.count > 1 else { return bad.append(rows.lowerBound) }
        let middle = rows.lowerBound + rows.count / 2
        search(rows.lowerBound..<middle)
        search(middle..<rows.upperBound)
      }
    }
    search(0..<8)
    #expect(bad == [3, 6])
    #expect(found == [0: 10, 1: 20, 2: 30, 4: 10, 5: 20, 7: 30])
  }

  @Test func aFailedRunSaysWhatTheRuntimeSaidAndIsPermanent() throws {
    let model = try TestModels.load("gather")
    let inputs = try InputTensors(model, capacity: 1)
    let session = try model.makeSession(inputs: inputs)
    inputs.setInteger(Int64(7), row: 0)
    let error = try #require(throws: ModelError.self) { try session.run(rows: 1) }
    #expect(error.kind == .run(transient: false))
    #expect(error.message.hasPrefix("model 'gather' failed: "))
    #expect(error.message.contains("idx=7"))
    #expect(!error.message.contains("\n"))
    #expect(session.output(0).rows == 0)
  }

  @Test func runningOutOfMemoryIsTransient() throws {
    let model = try TestModels.load("huge")
    let inputs = try InputTensors(model, capacity: 1)
    let session = try model.makeSession(inputs: inputs)
    inputs.setInteger(Int64(1) << 50, row: 0)
    let error = try #require(throws: ModelError.self) { try session.run(rows: 1) }
    #expect(error.isTransient, "\(error)")
    #expect(error.message.hasSuffix("Status Message: Failed to allocate memory for requested buffer of size 4503599627370496"))
    inputs.setInteger(Int64(5), row: 0)
    try session.run(rows: 1)
    #expect(session.output(0).double(0, 0) == 10)
  }

  @Test func aModelOfOneRowARunIsRunRowByRow() throws {
    let model = try TestModels.load("fixed_batch")
    #expect(model.signature.fixedBatch)
    let inputs = try InputTensors(model, capacity: 5)
    let session = try model.makeSession(inputs: inputs)
    for row in 0..<5 {
      inputs.set(Double(row), row: row, column: 0)
      inputs.set(0.5, row: row, column: 1)
      inputs.setString(input: 1, row: row, column: 0, String(repeating: "x", count: row))
    }
    for _ in 0..<2 {
      try session.run(rows: 1..<5)
      #expect(session.output(0).column(0) == [1.5, 2.5, 3.5, 4.5])
      #expect(session.output(1).column(0) == [2, 4, 6, 8])
      #expect(session.output(1).column(1) == [1, 1, 1, 1])
      #expect((0..<4).map { session.output(2).string($0, 0) } == ["x", "xx", "xxx", "xxxx"])
    }
  }

  /// Whatever its shape is: nothing else could be in it.
  @Test func aModelOfOneRowARunGivesAllOfItsOutputsToThatRow() throws {
    let model = try TestModels.load("rows_fixed_labels")
    #expect(model.signature.description == "(input: float32[1, 3]) -> (turned: float32[1, 3, 1], total: float32[])")
    let inputs = try InputTensors(model, capacity: 3)
    for row in 0..<3 { for column in 0..<3 { inputs.set(Double(10 * row + column), row: row, column: column) } }
    let session = try model.makeSession(inputs: inputs)
    try session.run(rows: 1..<3)
    #expect((0..<3).map { session.output(0).double(1, $0) } == [20, 21, 22])
    #expect(session.output(1).column(0) == [33, 63])
  }

  @Test func anOutputWithoutRowsIsAnErrorThatShowsItsShape() throws {
    let model = try TestModels.load("no_rows")
    let session = try model.makeSession(inputs: InputTensors(model, capacity: 2))
    let error = try #require(throws: ModelError.self) { try session.run(rows: 2) }
    #expect(error.kind == .output(0))
    #expect(error.message.contains("output 'total' came back as float32[] for 2 rows"))
    #expect(throws: ModelError.self) { try session.run(rows: 1) }
  }

  @Test func inputsOfAnotherModelAreRefusedWithBothShapes() throws {
    let model = try TestModels.load("matrix")
    let others = InputTensors([TensorSpec(name: "input", elementType: .float64, shape: [nil, 4])], capacity: 1)
    let error = try #require(throws: ModelError.self) { try model.makeSession(inputs: others) }
    #expect(error.kind == .signature)
    #expect(error.message.contains("input: float32[batch, 3]") && error.message.contains("input: float64[N, 4]"))
  }

  @Test func outputsThatTheModelDoesNotHaveAreRefused() throws {
    let model = try TestModels.load("matrix")
    let inputs = try InputTensors(model, capacity: 1)
    for outputs in [[], [2], [-1], [0, 0]] {
      #expect(throws: ModelError.self) { try model.makeSession(inputs: inputs, outputs: outputs) }
    }
  }

  @Test func hugeStringsReachTheModelAndLeaveItAgain() throws {
    let model = try TestModels.load("vector")
    let inputs = try InputTensors(model, capacity: 1)
    let session = try model.makeSession(inputs: inputs)
    for size in [3 << 20, 5, 0, 100_000] {
      let text = String(repeating: "é", count: size)
      inputs.setString(input: 1, row: 0, column: 0, text)
      inputs.setString(input: 1, row: 0, column: 1, "a\0b")
      try session.run(rows: 1)
      #expect(session.output(1).string(0, 2) == text)
      #expect(session.output(1).string(0, 3) == "a\0b")
    }
  }

  @Test func workersRunOneModelAtOnceEachWithItsOwnSession() async throws {
    let model = try TestModels.load("matrix")
    try await withThrowingTaskGroup(of: Int.self) { group in
      for worker in 1...4 {
        group.addTask {
          let inputs = try InputTensors(model, capacity: 16)
          let session = try model.makeSession(inputs: inputs)
          var wrong = 0
          for round in 0..<500 {
            let rows = 1 + round % 16
            for row in 0..<rows {
              for column in 0..<3 { inputs.set(Double(worker * round + row), row: row, column: column) }
            }
            try session.run(rows: rows)
            wrong += (0..<rows).count { session.output(0).double($0, 0) != Double(3 * (worker * round + $0)) }
          }
          return wrong
        }
      }
      for try await wrong in group { #expect(wrong == 0) }
    }
  }

  @Test func resultsOutliveTheModelsLastReference() throws {
    let inputs: InputTensors
    let session: any ModelSession
    do {
      let model = try TestModels.load("noop")
      inputs = try InputTensors(model, capacity: 1)
      session = try model.makeSession(inputs: inputs)
    }
    inputs.set(42, row: 0)
    try session.run(rows: 1)
    #expect(session.output(0).float(0, 0) == 42)
  }
}
