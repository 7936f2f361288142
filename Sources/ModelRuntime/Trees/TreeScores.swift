import Glibc

/// What an ensemble makes of the sums over its trees: a row's scores, and a classifier's label.
///
/// The operators' specification leaves much of this open, so what counts is what ONNX Runtime does, oddities included;
/// ``TreeCheck`` holds the two against each other.
struct TreeScores {
  enum Transform {
    case none, logistic, softmax
  }

  enum Kind {
    /// The sums, or with a number of trees their mean.
    case regressor(trees: Float?)
    /// Two classes, of which one has weights.
    case binary(isAllPositive: Bool)
    case classes
  }

  let kind: Kind
  let transform: Transform
  /// Added to the sums; empty, or one for each sum.
  let base: [Float]
  /// A classifier's; empty for a regressor.
  let labels: [Int64]
  /// Sums over the trees, for each row.
  let sums: Int
  /// Columns of the scores.
  var columns: Int { labels.isEmpty ? sums : labels.count }

  init(regressor node: ONNXNode) throws(TreeDefinition.Refusal) {
    transform = try Self.transform(node)
    let targets = Int(node.attributes["n_targets"]?.integer ?? 1)
    guard (1...Self.mostTargets).contains(targets) else { throw TreeDefinition.Refusal(reason: "it has \(targets) targets") }
    // ONNX Runtime applies no logistic function to a single target.
    guard transform == .none else { throw TreeDefinition.Refusal(reason: "it is a regressor with a post_transform") }
    switch node.attributes["aggregate_function"]?.text ?? "SUM" {
    case "SUM": kind = .regressor(trees: nil)
    case "AVERAGE": kind = .regressor(trees: Float(Set(node.attributes["nodes_treeids"]?.integers ?? []).count))
    case let other: throw TreeDefinition.Refusal(reason: "its aggregate_function is \(other)")
    }
    base = try Self.base(node, sums: targets)
    labels = []
    sums = targets
  }

  init(classifier node: ONNXNode, _ weights: TreeDefinition.Weights) throws(TreeDefinition.Refusal) {
    transform = try Self.transform(node)
    labels = node.attributes["classlabels_int64s"]?.integers ?? []
    guard (2...Self.mostTargets).contains(labels.count) else {
      throw TreeDefinition.Refusal(reason: labels.isEmpty ? "its labels are texts" : "it has \(labels.count) classes")
    }
    let isBinary = labels.count == 2 && weights.targets.allSatisfy { $0 == 0 }
    sums = isBinary ? 1 : labels.count
    base = try Self.base(node, sums: sums)
    guard labels.count > 2 || isBinary || base.isEmpty else {
      throw TreeDefinition.Refusal(reason: "it has base_values, and weights for both of two classes")
    }
    guard !isBinary || transform != .softmax else {
      throw TreeDefinition.Refusal(reason: "its post_transform is SOFTMAX, and one of two classes has weights")
    }
    kind = isBinary ? .binary(isAllPositive: weights.values.allSatisfy { $0 >= 0 }) : .classes
  }

  /// More would not be a tree ensemble's.
  private static let mostTargets = 4096

  private static func transform(_ node: ONNXNode) throws(TreeDefinition.Refusal) -> Transform {
    switch node.attributes["post_transform"]?.text ?? "NONE" {
    case "NONE": .none
    case "LOGISTIC": .logistic
    case "SOFTMAX": .softmax
    case let other: throw TreeDefinition.Refusal(reason: "its post_transform is \(other)")
    }
  }

  private static func base(_ node: ONNXNode, sums: Int) throws(TreeDefinition.Refusal) -> [Float] {
    let base = node.attributes["base_values"]?.floats ?? []
    guard base.isEmpty || base.count == sums else {
      throw TreeDefinition.Refusal(reason: "it has \(base.count) base_values for \(sums) sums")
    }
    return base
  }

  /// Writes a row's scores.
  /// - Parameter total: the row's sums; overwritten.
  /// - Returns: the row's label; 0 from a regressor.
  @inline(__always)
  func finish(_ total: UnsafeMutablePointer<Float>, into scores: UnsafeMutablePointer<Float>) -> Int64 {
    switch kind {
    case .regressor(let trees):
      for target in 0..<sums {
        let sum = trees.map { total[target] / $0 } ?? total[target]
        scores[target] = sum + (base.isEmpty ? 0 : base[target])
      }
      return 0
    case .binary(let isAllPositive):
      let sum = total[0] + (base.isEmpty ? 0 : base[0])
      if transform == .logistic {
        scores[0] = Self.logistic(-sum)
        scores[1] = Self.logistic(sum)
      } else {
        scores[0] = isAllPositive ? 1 - sum : -sum
        scores[1] = sum
      }
      // Weights that are never negative are taken for probabilities.
      return labels[sum > (isAllPositive ? 0.5 : 0) ? 1 : 0]
    case .classes:
      var best = 0
      for target in 0..<sums {
        if !base.isEmpty { total[target] += base[target] }
        if total[target] > total[best] { best = target }
      }
      // Of two classes, ONNX Runtime returns the number and not the label.
      let label = sums == 2 ? (total[1] > 0 ? 1 : 0) : labels[best]
      switch transform {
      case .none: scores.update(from: total, count: sums)
      case .logistic: for target in 0..<sums { scores[target] = Self.logistic(total[target]) }
      case .softmax: Self.softmax(total, into: scores, count: sums)
      }
      return label
    }
  }

  @inline(__always)
  private static func logistic(_ value: Float) -> Float {
    let positive = 1 / (1 + expf(-abs(value)))
    return value < 0 ? 1 - positive : positive
  }

  private static func softmax(_ total: UnsafePointer<Float>, into scores: UnsafeMutablePointer<Float>, count: Int) {
    var greatest = -Float.greatestFiniteMagnitude
    for target in 0..<count where total[target] > greatest { greatest = total[target] }
    var sum: Float = 0
    for target in 0..<count {
      scores[target] = expf(total[target] - greatest)
      sum += scores[target]
    }
    for target in 0..<count { scores[target] /= sum }
  }
}
