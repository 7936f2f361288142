/// What the folders of `Sources/Millrace` may know of each other: each names only types of itself and of those before it, so that there is
/// no circle between them and the tree can be read from the top.
enum RoomRules {
  static let folder = "Sources/Millrace/"
  static let order = [
    "Time", "Batching", "Observation", "Scoring", "Configuration", "Offsets", "Assembly", "Publishing", "Cluster", "Intake", "Worker",
    "Replay", "DryRun", "Redrive", "Comparison",
  ]
  /// Folders whose types a record passes on its way.
  static let workersPath: Set<String> = ["Batching", "Scoring", "Offsets", "Assembly", "Publishing", "Intake", "Worker"]
  static let storedPropertiesMax = 15

  /// Types of a later room that a file names.
  static func findings(_ files: [SwiftText], order: [String] = order) -> [Finding] {
    var declaredIn: [Substring: String] = [:]
    var nested: [String: Set<Substring>] = [:]
    for file in files {
      guard let room = room(of: file) else { continue }
      for line in file.code {
        guard let match = line.prefixMatch(of: declaration) else { continue }
        if match.indent.isEmpty { declaredIn[match.name] = room } else { nested[room, default: []].insert(match.name) }
      }
    }
    return files.flatMap { file -> [Finding] in
      guard let room = room(of: file) else { return [] }
      guard let place = order.firstIndex(of: room) else { return [Finding(file.path, 1, "\(room) is not in the order of rooms")] }
      return file.code.enumerated().flatMap { index, line in
        line.matches(of: #/(?:^|[^.\w])(?<name>[A-Z]\w*)/#).compactMap { match in
          guard let other = declaredIn[match.name], other != room, !(nested[room] ?? []).contains(match.name),
            let otherPlace = order.firstIndex(of: other), otherPlace > place
          else { return nil }
          return Finding(file.path, index + 1, "\(room) comes before \(other), and names its \(match.name)")
        }
      }
    }
  }

  /// Types on the worker's path that own too much.
  static func crowdedTypes(_ file: SwiftText) -> [Finding] {
    guard let room = room(of: file), workersPath.contains(room) else { return [] }
    var open: [(name: Substring, depth: Int, line: Int, count: Int)] = []
    var findings: [Finding] = []
    var depth = 0
    for (index, line) in file.code.enumerated() {
      if let match = line.prefixMatch(of: declaration), match.kind == "class" || match.kind == "struct" {
        open.append((match.name, depth, index + 1, 0))
      } else if let last = open.last, depth == last.depth + 1, line.prefixMatch(of: storedProperty) != nil, !line.contains(accessor) {
        open[open.count - 1].count += 1
      }
      depth += line.count { $0 == "{" } - line.count { $0 == "}" }
      while let last = open.last, depth <= last.depth {
        open.removeLast()
        if last.count > storedPropertiesMax {
          let message = "\(last.name) has \(last.count) stored properties, at most \(storedPropertiesMax): it is two types"
          findings.append(Finding(file.path, last.line, message))
        }
      }
    }
    return findings
  }

  private static func room(of file: SwiftText) -> String? {
    guard file.path.hasPrefix(folder) else { return nil }
    let parts = file.path.dropFirst(folder.count).split(separator: "/")
    return parts.count > 1 ? String(parts[0]) : nil
  }

  private static var declaration: Regex<(Substring, indent: Substring, kind: Substring, name: Substring)> {
    #/
      (?<indent>\s*) (?:@\w+\ )* (?:(?:public|package|private|fileprivate|final|indirect)\ )*
      (?<kind>struct|class|enum|protocol|typealias|actor)\ (?<name>\w+)
    /#
  }

  private static var storedProperty: Regex<Substring> {
    #/
      \s* (?:@\w+(?:\([^)]*\))?\ )*
      (?:(?:(?:public|package|private|fileprivate|internal)(?:\(set\))?|unowned(?:\(\w+\))?|weak|lazy|final)\ )*
      (?:let|var)\ .*
    /#
  }

  /// A computed property, or one that only looks stored: its line opens or holds a body.
  private static var accessor: Regex<Substring> { #/\{(?:\s*$| [^}]*\}\s*$)/# }
}
