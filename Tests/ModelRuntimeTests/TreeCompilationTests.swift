import Foundation
import Testing

@testable import ModelRuntime

/// Compiled trees score what ONNX Runtime does, bit for bit, or are not used.
@Suite struct TreeCompilationTests {
  @Test(arguments: TreeModel.Kind.allCases)
  func randomTreesScoreTheSameBitsInBatchesOfAnySize(kind: TreeModel.Kind) throws {
    for seed in 1...12 as ClosedRange<UInt64> {
      let model = TreeModel.random(kind, seed: seed)
      let compiled = try model.load()
      // Where no row gives some class a weight, ONNX Runtime's rules differ, and it keeps the trees.
      if kind == .boosted, Set(model.integers["class_ids"] ?? []).count < model.columns {
        #expect(compiled.trees == .left(reason: "some rows have no weight for some class or target"))
        continue
      }
      #expect(compiled.trees == .compiled(trees: Set(model.integers["nodes_treeids"] ?? []).count), "\(kind), seed \(seed)")
      try expectSameBits(compiled, try model.load(compiled: false), seed: seed, "\(kind), seed \(seed)")
    }
  }

  @Test(arguments: ["lightgbm", "lightgbm_classes", "xgboost", "xgboost_classes", "forest", "boosting", "boosting_pipeline", "isolation"])
  func modelsOfTheUsualConvertersAreCompiled(name: String) throws {
    let compiled = try TestModels.load("trees_\(name)")
    guard case .compiled(let trees) = compiled.trees else {
      Issue.record("\(name): \(compiled.trees)")
      return
    }
    #expect(trees > 0)
    let original = try ONNXModel(path: TestModels.path("trees_\(name)"), name: name, options: ONNXOptions(compilesTrees: false))
    #expect(original.trees == .none)
    #expect(compiled.signature == original.signature)
    try expectSameBits(compiled, original, seed: 1, name)
  }

  @Test func whatIsNotUnderstoodStaysWithONNXRuntime() throws {
    func expectLeft(_ reason: String, _ change: (inout TreeModel) -> Void, sourceLocation: SourceLocation = #_sourceLocation) throws {
      var model = TreeModel.stump()
      change(&model)
      let loaded = try model.load()
      #expect(loaded.trees == .left(reason: reason), sourceLocation: sourceLocation)
      // It predicts all the same.
      let inputs = try InputTensors(loaded, capacity: 2)
      try loaded.makeSession(inputs: inputs).run(rows: 2)
    }
    try expectLeft("it has nodes of mode BRANCH_EQ") { $0.texts["nodes_modes"]?[0] = "BRANCH_EQ" }
    try expectLeft("its post_transform is SOFTMAX_ZERO") { $0.text["post_transform"] = "SOFTMAX_ZERO" }
    try expectLeft("its post_transform is SOFTMAX, and one of two classes has weights") { $0.text["post_transform"] = "SOFTMAX" }
    try expectLeft("its nodes_values_as_tensor is a tensor: numbers in double precision") { $0.tensors = ["nodes_values"] }
    try expectLeft("its labels are texts") {
      $0.integers["classlabels_int64s"] = nil
      $0.texts["classlabels_strings"] = ["genuine", "fraud"]
      $0.labels = .texts
    }
    try expectLeft("it has 2 base_values for 1 sums") { $0.floats["base_values"] = [0.25, 0.5] }
    try expectLeft("in tree 0, leaf 2 has two weights for a target") {
      $0.integers["class_treeids"]?.append(0)
      $0.integers["class_nodeids"]?.append(2)
      $0.integers["class_ids"]?.append(0)
      $0.floats["class_weights"]?.append(0.5)
    }
    try expectLeft("the model's graph is in several parts") { $0.isSplit = true }
    try expectLeft("the model has operators of the domain 'millrace' itself") { $0.domains.append(("millrace", 1)) }
    try expectLeft("a leaf's weight is not a number") { $0.floats["class_weights"] = [.nan, 1] }
    try expectLeft("its aggregate_function is MAX") {
      $0.type = "TreeEnsembleRegressor"
      $0.labels = .none
      $0.columns = 1
      for name in ["treeids", "nodeids", "ids"] { $0.integers["target_\(name)"] = $0.integers.removeValue(forKey: "class_\(name)") }
      $0.floats["target_weights"] = $0.floats.removeValue(forKey: "class_weights")
      $0.integers["classlabels_int64s"] = nil
      $0.integer["n_targets"] = 1
      $0.text = ["aggregate_function": "MAX"]
    }
  }

  /// The probes reach what a random row would not: behind twelve turns, one row in four thousand.
  @Test func treesThatWouldScoreAnythingElseAreNotUsed() throws {
    let library = try ONNXRuntimeLibrary.load()
    let model = TreeModel.chain(length: 12)
    try model.bytes.withUnsafeBytes { bytes in
      let graph = ONNXGraph(model: bytes)
      let place = try #require(try graph.nodes { _, type in type == model.type }.first)
      let node = try ONNXNode(place.bytes)
      let ensemble = try TreeEnsemble(TreeDefinition(node))
      let check = TreeCheck(library: library)
      try check.compare(ensemble, node, place.bytes, of: graph)
      let tree = ensemble.trees[0]
      for branch in tree.root..<tree.firstLeaf {
        let right = ensemble.nodes[branch]
        ensemble.nodes[branch].threshold = right.threshold.nextDown
        #expect(throws: SessionEquality.Difference.self, "threshold of \(branch)") {
          try check.compare(ensemble, node, place.bytes, of: graph)
        }
        ensemble.nodes[branch] = right
        (ensemble.nodes[branch].lower, ensemble.nodes[branch].upper) = (right.upper, right.lower)
        #expect(throws: SessionEquality.Difference.self, "ways of \(branch)") {
          try check.compare(ensemble, node, place.bytes, of: graph)
        }
        ensemble.nodes[branch] = right
      }
    }
  }

  /// A model of 2^20 columns must not cost 512 rows of them.
  @Test func aFeatureFarToTheRightCostsLittle() throws {
    var model = TreeModel.stump()
    model.width = 1 << 20
    model.integers["nodes_featureids"] = [1 << 20 - 1, 0, 0]
    #expect(try model.load().trees == .compiled(trees: 1))
    model.integers["nodes_featureids"] = [1 << 20, 0, 0]
    #expect(try model.load().trees == .left(reason: "in tree 0, node 0 asks for feature 1048576"))
  }

  @Test func aFileThatChangesWhileItIsLoadedIsRefused() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("trees-\(UUID()).onnx").path
    try Data(TreeModel.stump().bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let before = try #require(ModelFile.Identity(path))
    #expect(ModelFile.Identity(path) == before)
    try Data(TreeModel.chain(length: 2).bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    #expect(ModelFile.Identity(path) != before)
  }

  @Test func aRowThatIsTooShortIsAnErrorOfTheRun() throws {
    var model = TreeModel.stump()
    model.integers["nodes_featureids"] = [2, 0, 0]
    model.declaredWidth = 2
    let loaded = try model.load()
    #expect(loaded.trees == .compiled(trees: 1))
    let inputs = try InputTensors(loaded, capacity: 1)
    let error = try #require(throws: ModelError.self) { try loaded.makeSession(inputs: inputs).run(rows: 1) }
    #expect(error.kind == .run(transient: false))
    #expect(error.message.contains("a tree asks for feature 2, and the input has 2 features"))
  }

  @Test func sessionsOnSeveralThreadsShareTheTrees() async throws {
    let model = try TreeModel.random(.classes, seed: 5).load()
    func scores() throws -> [Double] {
      let inputs = try filled(model, seed: 9)
      let session = try model.makeSession(inputs: inputs)
      var scores: [Double] = []
      for _ in 0..<50 {
        try session.run(rows: inputs.capacity)
        scores = session.output(1).column(0)
      }
      return scores
    }
    let expected = try scores()
    try await withThrowingTaskGroup(of: [Double].self) { group in
      for _ in 0..<4 { group.addTask { try scores() } }
      for try await result in group { #expect(result == expected) }
    }
  }

  /// Rows of small numbers, thresholds among them, and now and then a NaN.
  private func filled(_ model: ONNXModel, seed: UInt64) throws -> InputTensors {
    var random = SeededRandom(seed: seed)
    let inputs = try InputTensors(model, capacity: 300)
    let width = inputs.specs[0].width ?? 0
    for row in 0..<300 {
      let isWhole = row < 200
      for column in 0..<width {
        let value = Double(Int.random(in: -9...9, using: &random)) / 4 * Double.random(in: 0.9...1.1, using: &random).rounded()
        inputs.set(!isWhole && Int.random(in: 0..<4, using: &random) == 0 ? .nan : value, row: row, column: column)
      }
    }
    return inputs
  }

  private func expectSameBits(_ compiled: ONNXModel, _ original: ONNXModel, seed: UInt64, _ which: String) throws {
    let inputs = try filled(compiled, seed: seed)
    let ours = try compiled.makeSession(inputs: inputs)
    let theirs = try original.makeSession(inputs: inputs)
    for rows in [0..<300, 0..<1, 17..<20, 192..<200, 190..<255, 0..<64] {
      try ours.run(rows: rows)
      try theirs.run(rows: rows)
      for index in compiled.signature.outputs.indices {
        let (our, their) = (ours.output(index), theirs.output(index))
        #expect(our.elementsPerRow == their.elementsPerRow)
        let differ = (0..<rows.count).filter { row in
          (0..<our.elementsPerRow).contains { our.double(row, $0).bitPattern != their.double(row, $0).bitPattern }
        }
        #expect(differ.isEmpty, "\(which), rows \(rows), output \(index)")
      }
    }
  }
}
