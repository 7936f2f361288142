/// A name that an expression can read. Later namespaces (tables, windows) become further roots here.
enum Variable: String, CaseIterable {
  case event, headers, key, topic, partition, offset, timestamp

  var type: StaticType {
    switch self {
    case .event: .dyn
    case .headers: .map(.string, .string)
    // A string, bytes if it is not UTF-8, null if the record has none.
    case .key: .dyn
    case .topic: .string
    case .partition, .offset: .int
    case .timestamp: .timestamp
    }
  }
}

/// The name that a misspelt one was probably meant to be.
enum Suggestion {
  /// `: did you mean 'x'?`, or nothing if no name is near.
  static func text(for name: String, among names: some Sequence<String>) -> String {
    let allowed = name.utf8.count <= 3 ? 1 : name.utf8.count <= 6 ? 2 : 3
    let nearest = names.map { ($0, distance(name, $0)) }.filter { $0.1 <= allowed }.min { ($0.1, $0.0) < ($1.1, $1.0) }
    return nearest.map { ": did you mean '\($0.0)'?" } ?? ""
  }

  /// How many letters to insert, delete, replace or swap with their neighbour. Case doesn't count.
  private static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.lowercased().utf8.prefix(40)), Array(right.lowercased().utf8.prefix(40)))
    var before: [Int] = []
    var previous = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      for column in 0..<right.count {
        let same = left[row] == right[column]
        var best = min(previous[column + 1] + 1, current[column] + 1, previous[column] + (same ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] { best = min(best, before[column - 1] + 1) }
        current.append(best)
      }
      (before, previous) = (previous, current)
    }
    return previous[right.count]
  }
}
