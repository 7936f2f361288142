import Testing

@testable import ModelRuntime

/// Whether a model keeps rows apart is found out by running it.
@Suite struct RowProbeTests {
  private static func probe(_ name: String, _ outputs: [String]? = nil, together: Bool = true) throws -> RowProbe {
    let model = try TestModels.load(name)
    let wanted = try outputs?.map { try #require(model.signature.outputIndex(named: $0)) } ?? Array(model.signature.outputs.indices)
    let inputs = try model.signature.inputs.map { try #require($0.withWidth($0.width ?? 3)) }
    return RowProbe(model, inputs: inputs, outputs: wanted, together: together)
  }

  @Test(arguments: [
    "matrix", "columns", "vector", "open_width", "tree", "tree_named", "noop", "gather", "fixed_batch", "trees_forest", "trees_boosting",
    "trees_boosting_pipeline", "trees_isolation", "trees_lightgbm", "trees_lightgbm_classes", "trees_xgboost", "trees_xgboost_classes",
    "rows_linear", "rows_unknown_rank", "rows_embedding", "rows_fixed_labels",
  ])
  func ordinaryModelsKeepTheirRowsApart(name: String) throws {
    let finding = try Self.probe(name).run()
    #expect(finding.outcome == .independent(rows: 5))
    #expect(finding.outcome.description == "independent; 5 probe rows score the same alone and together")
    #expect(finding.columns.count == (try TestModels.load(name)).signature.outputs.count)
  }

  @Test func itTellsHowManyColumnsCameBack() throws {
    #expect(try Self.probe("rows_unknown_rank").run().columns == [0: 3])
    #expect(try Self.probe("rows_fixed_labels").run().columns == [0: 3, 1: 1])
    #expect(try Self.probe("rows_labels_first", ["label"]).run().columns == [0: 2])
  }

  @Test(arguments: [
    ("rows_labels_first", "probabilities", "float32[2, 1, 2] for 1 row"),
    ("rows_directions_first", "hidden", "float32[2, 1, 2] for 1 row"),
    ("rows_one_direction", "hidden", "float32[1, 2, 2] for 2 rows"),
    ("rows_second", "turned", "float32[3, 1] for 1 row"),
    ("rows_squeezed", "score", "float32[] for 1 row"),
    ("no_rows", "total", "float32[] for 1 row"),
  ])
  func aShapeWithoutItsRowsFirstIsAFaultOfTheOutput(name: String, output: String, shape: String) throws {
    let probe = try Self.probe(name)
    let fault = try #require(throws: RowProbe.Fault.self) { try probe.run() }
    #expect(fault.kind == .shape)
    #expect(fault.output == probe.model.signature.outputIndex(named: output))
    #expect(fault.message.contains("output '\(output)' came back as \(shape): its first dimension must count the rows"), "\(fault)")
  }

  @Test(arguments: [("rows_softmax", "share"), ("rows_centred", "centred"), ("rows_sequence", "state"), ("rows_quantized", "score")])
  func aRowThatDependsOnThoseBesideItIsAFaultOfTheOutput(name: String, output: String) throws {
    let probe = try Self.probe(name)
    let fault = try #require(throws: RowProbe.Fault.self) { try probe.run() }
    #expect(fault.kind == .values)
    #expect(fault.output == 0)
    #expect(fault.message.hasPrefix("output '\(output)' of a row depends on the rows beside it: a probe row gets "))
    #expect(try Self.probe(name, together: false).run().outcome == .alone)
  }

  @Test func whatRunsForPairsOnlyIsAFaultOfTheModel() throws {
    let fault = try #require(throws: RowProbe.Fault.self) { try Self.probe("rows_of_two").run() }
    #expect(fault.kind == .run && fault.output == nil)
    #expect(fault.message.hasPrefix("a row alone fails, and 2 rows together don't. Alone: model 'rows_of_two' failed:"))
  }

  @Test(arguments: [
    ("rows_known_words", "no probe row can be run: model 'rows_known_words' failed:"),
    ("rows_noisy", "the same rows get another output 'noisy' each time"),
  ])
  func whatCanNotBeTriedOutIsSaidToBeUnknown(name: String, reason: String) throws {
    guard case .unknown(let found) = try Self.probe(name).run().outcome else {
      Issue.record("\(name) was tried out")
      return
    }
    #expect(found.hasPrefix(reason), "\(found)")
  }

  /// Rows together fail, so the declaration counts, and there is no other where they come one by one.
  @Test func whatCanNotBeTriedOutIsTakenAsItDeclaresItself() throws {
    let fault = try #require(throws: RowProbe.Fault.self) { try Self.probe("rows_of_one").run() }
    #expect(fault.kind == .shape && fault.output == 0)
    #expect(fault.message.hasPrefix("output 'score' is float32[1, 2]: its first dimension is 1, and does not count the rows. Rows could"))
    #expect(try Self.probe("rows_of_one", together: false).run().outcome == .alone)
    let shapes: [([Int?], String)] = [([], "float32[]: it is a single value"), ([2, nil], "float32[2, ?]: its first dimension is 2")]
    for (shape, what) in shapes {
      let silent = OwnModel(output: shape) { _, _ in nil }
      let fault = try #require(throws: RowProbe.Fault.self) { try silent.probe() }
      #expect(fault.message.hasPrefix("output 'y' is \(what)"), "\(fault)")
      #expect(fault.message.hasSuffix("Rows could not be tried out: nobody answers"))
    }
  }

  // MARK: Models of a program's own

  @Test func anOwnModelIsHeldToTheSame() throws {
    #expect(try OwnModel { rows, _ in rows.map { 2 * $0 } }.probe() == .independent(rows: 5))
    let mixed = try #require(throws: RowProbe.Fault.self) { try OwnModel { rows, _ in rows.reversed() }.probe() }
    #expect(mixed.kind == .values)
    let short = try #require(throws: RowProbe.Fault.self) { try OwnModel { rows, _ in rows.dropLast() }.probe() }
    #expect(short.kind == .shape && short.message.contains("output 'y' came back with 0 rows for 1"))
  }

  /// The halves of a batch begin anywhere: a model that starts at the first row whatever it is asked for answers with other rows.
  @Test func anOwnModelThatForgetsWhereTheRowsBeginIsFound() throws {
    let fault = try #require(throws: RowProbe.Fault.self) { try OwnModel { rows, all in Array(all.prefix(rows.count)) }.probe() }
    #expect(fault.kind == .values)
  }

  @Test func aModelThatIsAwayIsNotRefused() throws {
    let away = OwnModel { _, _ in nil }
    #expect(try away.probe() == .unknown(reason: "nobody answers"))
    #expect(away.runs == 1)
    let later = OwnModel { rows, _ in rows.count < 3 ? rows : nil }
    #expect(try later.probe() == .unknown(reason: "nobody answers"))
  }

  @Test func aModelThatFailsWithBatchesIsServedByHalvesOfThem() throws {
    let model = OwnModel(failure: ModelError(.run(transient: false), "one at a time")) { rows, _ in rows.count == 1 ? rows : nil }
    #expect(try model.probe() == .unknown(reason: "2 rows that it runs alone fail together: one at a time"))
  }

  @Test(arguments: [(Float(1e-5), true), (1e-2, false)])
  func whatARunOverMoreRowsRoundsOtherwiseIsNoMixing(difference: Float, isRounding: Bool) throws {
    let model = OwnModel { rows, _ in rows.map { $0 * (1 + difference * Float(rows.count)) } }
    if isRounding {
      #expect(try model.probe() == .independent(rows: 5))
    } else {
      #expect(throws: RowProbe.Fault.self) { try model.probe() }
    }
  }

  /// Of three sets of rows one has a number on an edge.
  @Test func oneNumberThatFallsToTheOtherSideOfAnEdgeIsNoMixing() throws {
    let flips = OwnModel { rows, all in
      rows.map { rows.count > 1 && all.first == Self.firstOfFirstSet ? 0 : $0 + 1 }
    }
    #expect(try flips.probe() == .independent(rows: 5))
  }

  private static var firstOfFirstSet: Float {
    let tensors = InputTensors([OwnModel.input], capacity: 1)
    ProbeRows(seed: 1).fill(tensors, row: 0, .spread)
    return tensors.block(0).base.load(as: Float.self)
  }

  // MARK: The rows

  @Test func rowsDifferInEveryColumnOfWholeNumbersAndAreTheSameEachTime() throws {
    let specs = ElementType.allCases.map { TensorSpec(name: $0.rawValue, elementType: $0, shape: [nil, 4]) }
    for values in [ProbeRows.Values.spread, .small] {
      let (one, other) = (InputTensors(specs, capacity: 5), InputTensors(specs, capacity: 5))
      for row in 0..<5 {
        ProbeRows(seed: 7).fill(one, row: row, values)
        ProbeRows(seed: 7).fill(other, row: row, values)
        other.copyRow(from: row, to: 0)
        one.copyRow(from: row, to: 4)
        #expect(one.hasEqualRows(row, 4))
        if row > 0 { #expect(!one.hasEqualRows(row, row - 1)) }
      }
      for column in 0..<4 { #expect(one.text(input: 5, row: 0, column: column) != one.text(input: 5, row: 1, column: column)) }
    }
  }
}

/// A model of one float input and output, whose answers a closure makes of the rows of a run and of all rows; nil: the run fails.
private final class OwnModel: Model, ModelSession, @unchecked Sendable {  // a test uses it on its own thread only
  typealias Answer = (_ rows: [Float], _ all: [Float]) -> [Float]?

  static let input = TensorSpec(name: "x", elementType: .float32, shape: [nil, 1])

  let name = "own"
  let version = "1"
  let signature: ModelSignature
  private let failure: ModelError
  private let answer: Answer
  private var inputs: InputTensors?
  private var answers: [Float] = []
  private let memory = UnsafeMutablePointer<Float>.allocate(capacity: 64)
  private(set) var runs = 0

  init(
    output: [Int?] = [nil, 1], failure: ModelError = ModelError(.run(transient: true), "nobody answers"), answer: @escaping Answer
  ) {
    self.failure = failure
    signature = ModelSignature(inputs: [Self.input], outputs: [TensorSpec(name: "y", elementType: .float32, shape: output)])
    self.answer = answer
  }

  deinit { memory.deallocate() }

  func probe() throws(RowProbe.Fault) -> RowProbe.Outcome {
    try RowProbe(self, inputs: signature.inputs, outputs: [0], together: true).run().outcome
  }

  func makeSession(inputs: InputTensors, outputs: [Int]) throws(ModelError) -> any ModelSession {
    self.inputs = inputs
    return self
  }

  func run(rows: Range<Int>) throws(ModelError) {
    runs += 1
    let all = (0..<5).map { inputs?.block(0).base.load(fromByteOffset: 4 * $0, as: Float.self) ?? .nan }
    guard let answers = answer(Array(all[rows]), all) else { throw failure }
    self.answers = answers
    for (index, value) in answers.enumerated() { memory[index] = value }
  }

  func output(_ index: Int) -> OutputTensor {
    OutputTensor(elementType: .float32, rows: answers.count, elementsPerRow: 1, elements: memory)
  }
}
