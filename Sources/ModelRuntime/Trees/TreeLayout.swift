/// A definition's trees as ``TreeEnsemble`` keeps them.
struct TreeLayout {
  private(set) var nodes: [TreeEnsemble.Node] = []
  private(set) var lowerTakesNaN: [Bool] = []
  private(set) var trees: [TreeEnsemble.Tree] = []
  private(set) var weights: [Float] = []
  private(set) var features: [Int] = []

  /// As many as a row can be wide in a configuration.
  private static let mostFeatures: Int64 = 1 << 20

  private let definition: TreeDefinition
  private var columns: [Int64: UInt32] = [:]
  /// The sums that a tree adds to whichever leaf a row comes to.
  private var always: Set<Int> = []

  init(_ definition: TreeDefinition) throws(TreeDefinition.Refusal) {
    self.definition = definition
    let ids = definition.nodes.trees
    guard ids.count < Int(UInt32.max) else { throw TreeDefinition.Refusal(reason: "it has \(ids.count) nodes") }
    let weightsOfTree = Dictionary(grouping: definition.weights.trees.indices) { definition.weights.trees[$0] }
    var known: Set<Int64> = []
    var first = 0
    while first < ids.count {
      let end = ids[first...].firstIndex { $0 != ids[first] } ?? ids.count
      guard known.insert(ids[first]).inserted else { throw refusal(ids[first], "its nodes do not lie together") }
      try add(first..<end, weightsOfTree[ids[first]] ?? [])
      first = end
    }
    // What a row has no weight for is no candidate for its label, and gets no base value; here each always has one.
    let asksForAll = !definition.scores.labels.isEmpty || !definition.scores.base.isEmpty
    guard !asksForAll || always.count == definition.scores.sums else {
      throw TreeDefinition.Refusal(reason: "some rows have no weight for some class or target")
    }
  }

  /// Adds the tree whose nodes these are; its root is the first of them.
  private mutating func add(_ range: Range<Int>, _ weightIndices: [Int]) throws(TreeDefinition.Refusal) {
    let source = definition.nodes
    let tree = source.trees[range.lowerBound]
    var place: [Int64: Int] = [:]
    for index in range where place.updateValue(index, forKey: source.ids[index]) != nil {
      throw refusal(tree, "node \(source.ids[index]) is there twice")
    }
    // From the root down, level by level: the branches, then the leaves.
    var branches: [(index: Int, lower: Int, upper: Int)] = []
    var leaves: [(index: Int, depth: Int)] = []
    var position = [UInt32](repeating: .max, count: range.count)
    var level = [range.lowerBound]
    var depth = 0
    while !level.isEmpty {
      var below: [Int] = []
      for index in level {
        guard position[index - range.lowerBound] == .max else { throw refusal(tree, "node \(source.ids[index]) has two parents") }
        position[index - range.lowerBound] = 0
        if source.modes[index] == .leaf {
          leaves.append((index, depth))
          continue
        }
        guard let whenTrue = place[source.whenTrue[index]], let whenFalse = place[source.whenFalse[index]] else {
          throw refusal(tree, "node \(source.ids[index]) leads nowhere")
        }
        let turned = source.modes[index] == .greater || source.modes[index] == .greaterOrEqual
        guard !source.values[index].isNaN else { throw refusal(tree, "node \(source.ids[index]) compares with a NaN") }
        branches.append(turned ? (index, whenFalse, whenTrue) : (index, whenTrue, whenFalse))
        below += [whenTrue, whenFalse]
      }
      level = below
      depth += 1
    }
    let root = nodes.count
    for (offset, index) in (branches.map(\.index) + leaves.map(\.index)).enumerated() {
      position[index - range.lowerBound] = UInt32(root + offset)
    }
    for branch in branches {
      nodes.append(
        TreeEnsemble.Node(
          threshold: threshold(of: branch.index), column: try column(of: branch.index),
          lower: position[branch.lower - range.lowerBound], upper: position[branch.upper - range.lowerBound]))
      lowerTakesNaN.append(takesNaN(branch.index))
    }
    let firstLeaf = nodes.count
    let firstWeight = weights.count
    for leaf in leaves {
      let own = position[leaf.index - range.lowerBound]
      nodes.append(TreeEnsemble.Node(threshold: 0, column: 0, lower: own, upper: own))
      lowerTakesNaN.append(false)
    }
    for index in weightIndices where place[definition.weights.nodes[index]] == nil {
      throw refusal(tree, "node \(definition.weights.nodes[index]) has a weight, and is not there")
    }
    let sums = try addWeights(leaves.map { source.ids[$0.index] }, weightIndices, tree)
    trees.append(
      TreeEnsemble.Tree(
        root: root, firstLeaf: firstLeaf, sums: sums, firstWeight: firstWeight, leastDepth: leaves.first?.depth ?? 0,
        depth: leaves.last?.depth ?? 0))
  }

  /// Adds the leaves' weights. Returns the sums that they are for; what a leaf has no weight for, it adds nothing to.
  private mutating func addWeights(_ leaves: [Int64], _ indices: [Int], _ tree: Int64) throws(TreeDefinition.Refusal) -> Range<Int> {
    let source = definition.weights
    let number = Dictionary(uniqueKeysWithValues: zip(leaves, leaves.indices))
    // Old converters gave branches weights; they count for nothing.
    let indices = indices.filter { number[source.nodes[$0]] != nil }
    let targets = indices.map { source.targets[$0] }
    guard let least = targets.min(), let greatest = targets.max(), least >= 0, greatest < definition.scores.sums else {
      throw refusal(tree, "a leaf has a weight for a target that is not there")
    }
    let sums = Int(least)..<(Int(greatest) + 1)
    guard sums.count == 1 || leaves.count * sums.count <= 4 * indices.count else {
      throw refusal(tree, "the leaves have weights for few of \(sums.count) targets")
    }
    let first = weights.count
    weights += [Float](repeating: 0, count: leaves.count * sums.count)
    var isSet = [Bool](repeating: false, count: leaves.count * sums.count)
    for index in indices {
      let place = (number[source.nodes[index]] ?? 0) * sums.count + Int(source.targets[index]) - sums.lowerBound
      if isSet[place] { throw refusal(tree, "leaf \(source.nodes[index]) has two weights for a target") }
      isSet[place] = true
      weights[first + place] = source.values[index]
    }
    let hasWeight = leaves.indices.allSatisfy { leaf in isSet[(leaf * sums.count)..<((leaf + 1) * sums.count)].contains(true) }
    guard hasWeight else { throw refusal(tree, "a leaf has no weight") }
    for sum in sums where leaves.indices.allSatisfy({ isSet[$0 * sums.count + sum - sums.lowerBound] }) { always.insert(sum) }
    return sums
  }

  /// The greatest value that goes to `lower`.
  private func threshold(of index: Int) -> Float {
    let value = definition.nodes.values[index]
    switch definition.nodes.modes[index] {
    case .lessOrEqual, .greater, .leaf: return value
    // What is less than a number is at most the number before it; nothing is less than -∞.
    case .less, .greaterOrEqual: return value == -.infinity ? .nan : value.nextDown
    }
  }

  private func takesNaN(_ index: Int) -> Bool {
    let isTrue = definition.nodes.missingIsTrue.isEmpty ? false : definition.nodes.missingIsTrue[index] == 1
    switch definition.nodes.modes[index] {
    case .lessOrEqual, .less: return isTrue
    case .greater, .greaterOrEqual: return !isTrue
    case .leaf: return false
    }
  }

  private mutating func column(of index: Int) throws(TreeDefinition.Refusal) -> UInt32 {
    let feature = definition.nodes.features[index]
    if let column = columns[feature] { return column }
    guard (0..<Self.mostFeatures).contains(feature) else {
      throw refusal(definition.nodes.trees[index], "node \(definition.nodes.ids[index]) asks for feature \(feature)")
    }
    let column = UInt32(features.count * TreeEnsemble.group)
    columns[feature] = column
    features.append(Int(feature))
    return column
  }

  private func refusal(_ tree: Int64, _ reason: String) -> TreeDefinition.Refusal {
    TreeDefinition.Refusal(reason: "in tree \(tree), \(reason)")
  }
}
