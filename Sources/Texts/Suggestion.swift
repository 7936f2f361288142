/// Finds what was meant by a name that is unknown.
package enum Suggestion {
  /// The candidate that is nearest, if one is near enough to have been meant.
  package static func nearest(to name: String, in candidates: some Sequence<String>) -> String? {
    let limit = max(1, name.count / 3)
    var best: (name: String, cost: Int)?
    for candidate in candidates {
      // maxDelay and max-delay are max_delay to whoever wrote them.
      let distance = folded(candidate) == folded(name) ? 0 : distance(Array(name), Array(candidate))
      guard distance <= limit else { continue }
      // Of two that are as near, the one that begins alike: the first letter is seldom wrong.
      let cost = distance * 2 + (candidate.first == name.first ? 0 : 1)
      if cost < best?.cost ?? .max { best = (candidate, cost) }
    }
    return best?.name
  }

  private static func folded(_ name: String) -> String {
    name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." }
  }

  /// The edit distance of two names: insertions, deletions, replacements and swaps of neighbours.
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    // Nothing that long is a slip of the finger, and the table grows with the product.
    guard left.count <= 64, right.count <= 64 else { return .max }
    var older: [Int] = []
    var previous = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      for column in 0..<right.count {
        let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
        var cost = min(previous[column + 1] + 1, current[column] + 1, replaced)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          cost = min(cost, older[column - 1] + 1)
        }
        current.append(cost)
      }
      (older, previous) = (previous, current)
    }
    return previous[right.count]
  }
}
