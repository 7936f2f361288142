import Foundation
import Testing

@testable import ModelRuntime

/// A model of one ensemble of trees, as an ONNX file. Tests change what they need; `random` makes one of any kind.
struct TreeModel {
  enum Kind: CaseIterable {
    case regressor, average, targets, positive, mixed, classes, boosted, pair
  }

  var type = "TreeEnsembleClassifier"
  var width = 3
  var integers: [String: [Int64]] = [:]
  var floats: [String: [Float]] = [:]
  var texts: [String: [String]] = [:]
  var text: [String: String] = [:]
  var integer: [String: Int64] = [:]
  /// Attributes written as a tensor.
  var tensors: [String] = []
  /// What the graph says of its outputs, and of its input's columns.
  var columns = 2
  var labels = ElementKind.integers
  var declaredWidth: Int?
  /// Whether the file has its graph in two parts, which are one to a reader of protobuf.
  var isSplit = false
  /// Domains that the file says it uses.
  var domains = [("", 17), ("ai.onnx.ml", 3)]

  enum ElementKind { case integers, texts, none }

  /// One tree of one node: `input[0] <= 0.5`, weights -1 and 1 for class 0.
  static func stump(mode: String = "BRANCH_LEQ") -> TreeModel {
    var model = TreeModel()
    model.integers = [
      "nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0, 0, 0], "nodes_truenodeids": [1, 0, 0],
      "nodes_falsenodeids": [2, 0, 0], "class_treeids": [0, 0], "class_nodeids": [1, 2], "class_ids": [0, 0],
      "classlabels_int64s": [0, 1],
    ]
    model.floats = ["nodes_values": [0.5, 0, 0], "class_weights": [-1, 1]]
    model.texts = ["nodes_modes": [mode, "LEAF", "LEAF"]]
    model.text = ["post_transform": "LOGISTIC"]
    return model
  }

  /// One tree, whose last leaves a row reaches only if each of its values is greater than 0.5.
  static func chain(length: Int) -> TreeModel {
    var model = stump()
    // The logistic function makes 1 of all great numbers.
    model.text = ["post_transform": "NONE"]
    model.width = length
    let branches = (0..<Int64(length)).map { $0 * 2 }
    let leaves = branches.map { $0 + 1 } + [Int64(length * 2)]
    let ids = (0...Int64(length * 2))
    model.integers["nodes_treeids"] = ids.map { _ in 0 }
    model.integers["nodes_nodeids"] = Array(ids)
    model.integers["nodes_featureids"] = ids.map { branches.contains($0) ? $0 / 2 : 0 }
    model.integers["nodes_truenodeids"] = ids.map { branches.contains($0) ? $0 + 1 : 0 }
    model.integers["nodes_falsenodeids"] = ids.map { branches.contains($0) ? $0 + 2 : 0 }
    model.floats["nodes_values"] = ids.map { branches.contains($0) ? 0.5 : 0 }
    model.texts["nodes_modes"] = ids.map { branches.contains($0) ? "BRANCH_LEQ" : "LEAF" }
    model.integers["class_treeids"] = leaves.map { _ in 0 }
    model.integers["class_nodeids"] = leaves
    model.integers["class_ids"] = leaves.map { _ in 0 }
    model.floats["class_weights"] = leaves.map { Float($0) - 3 }
    return model
  }

  /// Trees of uneven depth, thresholds that repeat, every kind of comparison.
  static func random(_ kind: Kind, seed: UInt64) -> TreeModel {
    var random = SeededRandom(seed: seed)
    var model = TreeModel()
    model.width = [1, 3, 30, 400].randomElement(using: &random)!
    let isClassifier = ![.regressor, .average, .targets].contains(kind)
    let prefix = isClassifier ? "class" : "target"
    let sums = [.targets, .classes, .boosted].contains(kind) ? Int.random(in: 3...5, using: &random) : kind == .pair ? 2 : 1
    let sameMode = Bool.random(using: &random) ? "BRANCH_LEQ" : nil
    let modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE"]
    var missing: [Int64] = []
    for tree in 0..<Int64(Int.random(in: 1...21, using: &random)) {
      var next: Int64 = 1
      var open: [(id: Int64, depth: Int)] = [(0, 0)]
      while let node = open.popLast() {
        let isLeaf = node.depth == 9 || next > 200 || Int.random(in: 0..<10, using: &random) < 3 && node.depth > 0
        model.integers["nodes_treeids", default: []].append(tree)
        model.integers["nodes_nodeids", default: []].append(node.id)
        model.integers["nodes_featureids", default: []].append(Int64.random(in: 0..<Int64(model.width), using: &random))
        let quarters = Float(Int.random(in: -8...8, using: &random)) / 4
        let extreme: Float? =
          Int.random(in: 0..<20, using: &random) == 0 ? [-0.0, .infinity, -.infinity].randomElement(using: &random) : nil
        model.floats["nodes_values", default: []].append(extreme ?? quarters)
        model.texts["nodes_modes", default: []].append(isLeaf ? "LEAF" : sameMode ?? modes.randomElement(using: &random)!)
        model.integers["nodes_truenodeids", default: []].append(isLeaf ? 0 : next)
        model.integers["nodes_falsenodeids", default: []].append(isLeaf ? 0 : next + 1)
        missing.append(Bool.random(using: &random) ? 1 : 0)
        if !isLeaf {
          open += [(next, node.depth + 1), (next + 1, node.depth + 1)]
          next += 2
          continue
        }
        for target in kind == .boosted ? [Int(tree) % sums] : Array(0..<sums) {
          model.integers["\(prefix)_treeids", default: []].append(tree)
          model.integers["\(prefix)_nodeids", default: []].append(node.id)
          model.integers["\(prefix)_ids", default: []].append(Int64(target))
          model.floats["\(prefix)_weights", default: []].append(
            Float.random(in: kind == .positive ? 0...0.1 : -1...1, using: &random))
        }
      }
    }
    if Bool.random(using: &random) { model.integers["nodes_missing_value_tracks_true"] = missing }
    if Bool.random(using: &random), kind != .pair {
      model.floats["base_values"] = (0..<sums).map { _ in Float.random(in: -1...1, using: &random) }
    }
    if isClassifier {
      let transforms = ["NONE", "LOGISTIC"] + (sums > 1 ? ["SOFTMAX"] : [])
      model.text["post_transform"] = transforms.randomElement(using: &random)!
      model.integers["classlabels_int64s"] = sums == 1 || sums == 2 ? [0, 1] : (0..<sums).map { Int64($0 * 7 - 9) }
      model.columns = max(2, sums)
    } else {
      model.type = "TreeEnsembleRegressor"
      model.labels = .none
      model.columns = sums
      model.integer["n_targets"] = Int64(sums)
      if kind == .average { model.text["aggregate_function"] = "AVERAGE" }
    }
    return model
  }

  /// The ONNX file's bytes. Numbers of fields are those of onnx.proto.
  var bytes: [UInt8] {
    var model = ProtobufWriter()
    model.number(1, 8)
    for (domain, version) in domains {
      model.message(8) {
        $0.text(1, domain)
        $0.number(2, UInt64(version))
      }
    }
    if isSplit { model.message(7) { $0.text(10, "the first part has nothing but a note") } }
    model.message(7) { graph in
      graph.message(1) { node in
        node.text(1, "input")
        if labels != .none { node.text(2, "label") }
        node.text(2, "scores")
        node.text(4, type)
        attributes(&node)
        node.text(7, "ai.onnx.ml")
      }
      graph.text(2, "trees")
      graph.message(11) { Self.value(&$0, "input", 1, [nil, declaredWidth ?? width]) }
      if labels != .none { graph.message(12) { Self.value(&$0, "label", labels == .texts ? 8 : 7, [nil]) } }
      graph.message(12) { Self.value(&$0, "scores", 1, [nil, columns]) }
    }
    return model.bytes
  }

  private func attributes(_ node: inout ProtobufWriter) {
    func attribute(_ name: String, _ type: UInt64, _ write: (inout ProtobufWriter) -> Void) {
      node.message(5) {
        $0.text(1, name)
        write(&$0)
        $0.number(20, type)
      }
    }
    for (name, values) in integers { attribute(name, 7) { for value in values { $0.number(8, UInt64(bitPattern: value)) } } }
    for (name, values) in floats where tensors.contains(name) {
      attribute("\(name)_as_tensor", 4) { attribute in
        attribute.message(5) { tensor in
          tensor.number(1, UInt64(values.count))
          tensor.number(2, 1)
          tensor.content(4, values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) } })
        }
      }
    }
    for (name, values) in floats where !tensors.contains(name) {
      attribute(name, 6) {
        $0.content(7, values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) } })
      }
    }
    for (name, values) in texts { attribute(name, 8) { for value in values { $0.text(9, value) } } }
    for (name, value) in text { attribute(name, 3) { $0.text(4, value) } }
    for (name, value) in integer { attribute(name, 2) { $0.number(3, UInt64(bitPattern: value)) } }
  }

  private static func value(_ writer: inout ProtobufWriter, _ name: String, _ element: UInt64, _ shape: [Int?]) {
    writer.text(1, name)
    writer.message(2) { type in
      type.message(1) { tensor in
        tensor.number(1, element)
        tensor.message(2) { dimensions in
          for size in shape { dimensions.message(1) { if let size { $0.number(1, UInt64(size)) } else { $0.text(2, "N") } } }
        }
      }
    }
  }

  /// The model loaded, its trees compiled or not.
  func load(compiled: Bool = true) throws -> ONNXModel {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("trees-\(UUID()).onnx").path
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try ONNXModel(path: path, name: "trees", options: ONNXOptions(compilesTrees: compiled))
  }
}

/// The same numbers for a seed on every machine.
struct SeededRandom: RandomNumberGenerator {
  private var numbers: Congruential

  init(seed: UInt64) { numbers = Congruential(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1) }

  mutating func next() -> UInt64 {
    func half() -> UInt64 { UInt64(numbers.next(1 << 31)) }
    return half() << 62 | half() << 31 | half()
  }
}
