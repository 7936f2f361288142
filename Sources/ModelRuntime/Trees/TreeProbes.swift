/// Rows that show where two ways to walk the same trees differ: each value is a threshold, a neighbour of one, an infinity or a NaN,
/// and every other row is led to a leaf of some tree, which chance would hardly find at the end of a long path. The same rows each time.
struct TreeProbes {
  static let rows = 512

  /// For each row, a value for each of the ensemble's features.
  let values: [Float]

  init(_ ensemble: TreeEnsemble) {
    var thresholds = [[Float]](repeating: [], count: ensemble.features.count)
    var parents = [Int](repeating: 0, count: ensemble.nodes.count)
    for tree in ensemble.trees {
      for index in tree.root..<tree.firstLeaf {
        let node = ensemble.nodes[index]
        thresholds[Self.feature(node)].append(node.threshold)
        parents[Int(node.lower)] = index
        parents[Int(node.upper)] = index
      }
    }
    var random = Congruential(state: 1)
    var values: [Float] = []
    values.reserveCapacity(Self.rows * ensemble.features.count)
    for row in 0..<Self.rows {
      let first = values.count
      for known in thresholds {
        let threshold = known[random.next(known.count)]
        let value: Float =
          switch random.next(16) {
          case 0...4: threshold.nextUp
          case 5: threshold.nextDown
          // Of four rows two have no NaN, and hardly one an infinity.
          case 6 where row % 4 >= 2: .nan
          case 7 where row % 16 == 2: .infinity
          case 8 where row % 16 == 2: -.infinity
          case 9: (threshold + known[random.next(known.count)]) / 2
          default: threshold
          }
        values.append(value)
      }
      if row.isMultiple(of: 2) {
        let place = random.next(ensemble.trees.count)
        let end = place + 1 < ensemble.trees.count ? ensemble.trees[place + 1].root : ensemble.nodes.count
        let tree = ensemble.trees[place]
        let leaf = tree.firstLeaf + random.next(end - tree.firstLeaf)
        Self.lead(&values, first, from: tree.root, to: leaf, of: ensemble, parents)
      }
    }
    self.values = values
  }

  private static func feature(_ node: TreeEnsemble.Node) -> Int { Int(node.column) / TreeEnsemble.group }

  /// Gives the row the values that lead from a root to a leaf, if any do.
  private static func lead(
    _ values: inout [Float], _ first: Int, from root: Int, to leaf: Int, of ensemble: TreeEnsemble, _ parents: [Int]
  ) {
    // By feature: more than the first, at most the second.
    var bounds: [Int: (Float, Float)] = [:]
    var index = leaf
    while index != root {
      let node = ensemble.nodes[parents[index]]
      var (low, high) = bounds[feature(node)] ?? (-.infinity, .infinity)
      if Int(node.lower) == index { high = min(high, node.threshold) } else { low = max(low, node.threshold) }
      bounds[feature(node)] = (low, high)
      index = parents[index]
    }
    for (feature, (low, high)) in bounds { values[first + feature] = high < .infinity ? high : low.nextUp }
  }
}

/// A linear congruential generator with Knuth's constants for 64 bits: plenty for probes, and the same everywhere.
struct Congruential {
  var state: UInt64

  /// At least 0, and less than `bound`.
  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}
