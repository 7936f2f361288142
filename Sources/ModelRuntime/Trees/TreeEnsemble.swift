/// Decision trees in the form in which they are fastest to walk.
///
/// What a tree costs is the branches that a processor guesses wrong: one in two, on records it has not seen. So here no
/// branch depends on a record: a step loads the node's number for either answer, and takes one. Eight walks go side by side,
/// so that one's loads fill the other's waits: the same tree for eight rows, or eight trees for a row that is alone. A walk
/// that has come to a leaf stays on it until the others have.
final class TreeEnsemble: @unchecked Sendable {  // immutable
  /// `column <= threshold` leads to `lower`, anything else, NaN too, to `upper`. A leaf leads to itself.
  struct Node {
    var threshold: Float
    /// Where the group of eight rows holds the feature.
    var column: UInt32
    var lower: UInt32
    var upper: UInt32
  }

  /// A tree's nodes lie together, its root first and its leaves last.
  struct Tree {
    let root: Int
    let firstLeaf: Int
    /// The sums that its leaves add to: all, or of a tree that stands for one class, that one.
    let sums: Range<Int>
    /// Where its leaves' weights begin, leaf by leaf.
    let firstWeight: Int
    /// Steps to the nearest leaf and to the farthest.
    let leastDepth: Int
    let depth: Int
  }

  /// Rows that are walked side by side.
  static let group = 8

  let scores: TreeScores
  let trees: [Tree]
  /// The features that nodes ask for: a group's rows are copied with these columns only.
  let features: [Int]
  /// A row has at least as many columns.
  let leastWidth: Int
  let nodes: UnsafeMutableBufferPointer<Node>
  /// For each node, whether a NaN leads to `lower`; nil if it never does.
  private let lowerTakesNaN: UnsafeMutableBufferPointer<Bool>?
  /// For each leaf, what it adds to each sum of its tree.
  private let weights: UnsafeMutableBufferPointer<Float>

  init(_ definition: TreeDefinition) throws(TreeDefinition.Refusal) {
    let layout = try TreeLayout(definition)
    scores = definition.scores
    trees = layout.trees
    features = layout.features
    leastWidth = (layout.features.max() ?? -1) + 1
    nodes = .allocate(capacity: layout.nodes.count)
    _ = nodes.initialize(from: layout.nodes)
    weights = .allocate(capacity: layout.weights.count)
    _ = weights.initialize(from: layout.weights)
    if layout.lowerTakesNaN.contains(true) {
      let flags = UnsafeMutableBufferPointer<Bool>.allocate(capacity: layout.nodes.count)
      _ = flags.initialize(from: layout.lowerTakesNaN)
      lowerTakesNaN = flags
    } else {
      lowerTakesNaN = nil
    }
  }

  deinit {
    nodes.deallocate()
    weights.deallocate()
    lowerTakesNaN?.deallocate()
  }

  /// What the operator makes, under its names for it: a classifier's labels, and the scores.
  func outputs(named names: [String]) -> [TensorSpec] {
    let columns = TensorSpec(name: names.last ?? "", elementType: .float32, shape: [nil, scores.columns])
    return scores.labels.isEmpty ? [columns] : [TensorSpec(name: names[0], elementType: .int64, shape: [nil]), columns]
  }

  /// Scores rows, each as it would be alone: neither its neighbours nor their number change a bit.
  /// - Parameters:
  ///   - rows: `count` rows of `width` values, one behind the other. `width` is at least ``leastWidth``.
  ///   - labels: a classifier's `count` labels, if they are wanted.
  ///   - results: `count` rows of `scores.columns`.
  func score(
    _ rows: UnsafePointer<Float>, width: Int, count: Int, labels: UnsafeMutablePointer<Int64>?,
    into results: UnsafeMutablePointer<Float>
  ) {
    // So many groups of rows share a tree while it is in the nearest cache, and fit there beside it.
    let groups = max(1, min((count + Self.group - 1) / Self.group, 8, 2048 / (Self.group * max(1, features.count))))
    let block = groups * Self.group
    withUnsafeTemporaryAllocation(of: Float.self, capacity: block * (features.count + scores.sums)) { scratch in
      guard let columns = scratch.baseAddress else { return }
      let totals = columns + block * features.count
      var first = 0
      while first < count {
        let present = min(block, count - first)
        let hasNaN = gather(rows + first * width, width: width, count: present, into: columns)
        totals.update(repeating: 0, count: present * scores.sums)
        if let lowerTakesNaN, hasNaN {
          sum(columns, count: present, into: totals) { node, index, value in
            value <= node.threshold || (value != value && lowerTakesNaN[index])
          }
        } else {
          sum(columns, count: present, into: totals) { node, _, value in value <= node.threshold }
        }
        for row in 0..<present {
          let label = scores.finish(totals + row * scores.sums, into: results + (first + row) * scores.columns)
          labels?[first + row] = label
        }
        first += present
      }
    }
  }

  /// Copies rows into groups of eight, in a group column by column. True if one has a NaN.
  private func gather(
    _ rows: UnsafePointer<Float>, width: Int, count: Int, into columns: UnsafeMutablePointer<Float>
  ) -> Bool {
    var hasNaN = false
    for row in 0..<count {
      let source = rows + row * width
      let target = columns + (row / Self.group) * Self.group * features.count + row % Self.group
      for column in 0..<features.count {
        let value = source[features[column]]
        target[column &* Self.group] = value
        hasNaN = hasNaN || value != value
      }
    }
    return hasNaN
  }

  /// Adds, for each row, what its leaf of each tree gives, in the order of the trees.
  /// - Parameter isLower: of a node, its number and the row's value for it, whether the walk goes on at `lower`.
  @inline(__always)
  private func sum(
    _ columns: UnsafePointer<Float>, count: Int, into totals: UnsafeMutablePointer<Float>, isLower: (Node, Int, Float) -> Bool
  ) {
    let nodes = UnsafePointer(nodes.baseAddress!)  // a tree has a node
    let groups = count / Self.group
    let stride = Self.group * features.count
    trees.withUnsafeBufferPointer { trees in
      for tree in trees where groups > 0 {
        for group in 0..<groups {
          let values = columns + group * stride
          var walk = TreeWalk(root: tree.root)
          for _ in 0..<tree.leastDepth { walk.step(nodes, values, apart: 1, isLower: isLower) }
          while !walk.have(reached: tree.firstLeaf) { walk.step(nodes, values, apart: 1, isLower: isLower) }
          let totals = totals + group * Self.group * scores.sums
          walk.forEach { row, leaf in add(leaf, of: tree, to: totals + row &* scores.sums) }
        }
      }
      for row in (groups * Self.group)..<count {
        let values = columns + groups * stride + row % Self.group
        sumAlone(values, trees, into: totals + row * scores.sums, isLower: isLower)
      }
    }
  }

  /// The same for a row without seven others.
  @inline(__always)
  private func sumAlone(
    _ values: UnsafePointer<Float>, _ trees: UnsafeBufferPointer<Tree>, into totals: UnsafeMutablePointer<Float>,
    isLower: (Node, Int, Float) -> Bool
  ) {
    let nodes = UnsafePointer(nodes.baseAddress!)
    var first = 0
    while first + Self.group <= trees.count {
      let group = trees.baseAddress! + first
      var walk = TreeWalk(group)
      var depth = 0
      for lane in 0..<Self.group { depth = max(depth, group[lane].depth) }
      for _ in 0..<depth { walk.step(nodes, values, apart: 0, isLower: isLower) }
      walk.forEach { lane, leaf in add(leaf, of: group[lane], to: totals) }
      first += Self.group
    }
    for tree in trees[first...] {
      var index = tree.root
      while index < tree.firstLeaf {
        let node = nodes[index]
        index = Int(isLower(node, index, values[Int(node.column)]) ? node.lower : node.upper)
      }
      add(index, of: tree, to: totals)
    }
  }

  @inline(__always)
  private func add(_ leaf: Int, of tree: Tree, to totals: UnsafeMutablePointer<Float>) {
    let count = tree.sums.upperBound &- tree.sums.lowerBound
    let own = weights.baseAddress! + (tree.firstWeight &+ (leaf &- tree.firstLeaf) &* count)  // a tree has a leaf
    let totals = totals + tree.sums.lowerBound
    for sum in 0..<count { totals[sum] += own[sum] }
  }
}
