/// Eight walks from roots to leaves, a step each at a time. Eight variables, so that they stay in registers.
struct TreeWalk {
  private var a, b, c, d, e, f, g, h: Int

  /// Of eight rows, down one tree.
  @inline(__always)
  init(root: Int) { (a, b, c, d, e, f, g, h) = (root, root, root, root, root, root, root, root) }

  /// Of one row, down eight trees.
  @inline(__always)
  init(_ trees: UnsafePointer<TreeEnsemble.Tree>) {
    (a, b, c, d) = (trees[0].root, trees[1].root, trees[2].root, trees[3].root)
    (e, f, g, h) = (trees[4].root, trees[5].root, trees[6].root, trees[7].root)
  }

  /// - Parameters:
  ///   - values: the first walk's value of column 0.
  ///   - apart: from one walk's value of a column to the next walk's: 1 for eight rows, 0 for one.
  @inline(__always)
  mutating func step(
    _ nodes: UnsafePointer<TreeEnsemble.Node>, _ values: UnsafePointer<Float>, apart: Int,
    isLower: (TreeEnsemble.Node, Int, Float) -> Bool
  ) {
    @inline(__always) func next(_ index: Int, _ lane: Int) -> Int {
      let node = nodes[index]
      return Int(isLower(node, index, values[Int(node.column) &+ lane &* apart]) ? node.lower : node.upper)
    }
    a = next(a, 0)
    b = next(b, 1)
    c = next(c, 2)
    d = next(d, 3)
    e = next(e, 4)
    f = next(f, 5)
    g = next(g, 6)
    h = next(h, 7)
  }

  /// Whether all have come to nodes of this number or beyond.
  @inline(__always)
  func have(reached first: Int) -> Bool {
    let ahead = (a &- first) | (b &- first) | (c &- first) | (d &- first)
    return ahead | (e &- first) | (f &- first) | (g &- first) | (h &- first) >= 0
  }

  /// Calls `visit` with each walk's node, from the first to the last.
  @inline(__always)
  func forEach(_ visit: (_ lane: Int, _ node: Int) -> Void) {
    visit(0, a)
    visit(1, b)
    visit(2, c)
    visit(3, d)
    visit(4, e)
    visit(5, f)
    visit(6, g)
    visit(7, h)
  }
}
