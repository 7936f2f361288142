import Texts

/// Collects the faults that are found while declared values are read out of a parsed file.
struct ConfigurationReader {
  /// The key that is being read: its names for messages, and where a fault of its absence is reported.
  struct Place: Sendable {
    /// The path, such as `lanes.bulk.workers`; empty at the top.
    var path: String
    /// The key in words: `'workers' in lanes.bulk`.
    var label: String
    var location: SourceLocation

    func key(_ name: String, at location: SourceLocation) -> Place {
      Place(
        path: path.isEmpty ? name : "\(path).\(name)", label: path.isEmpty ? "'\(name)'" : "'\(name)' in \(path)", location: location)
    }

    func item(_ index: Int, at location: SourceLocation) -> Place {
      Place(path: "\(path)[\(index)]", label: "\(path)[\(index)]", location: location)
    }
  }

  let source: SourceText
  private(set) var diagnostics: [Diagnostic]
  /// How many values could not be read, for faults found now or while parsing: what depends on them is not checked.
  private(set) var faultCount = 0

  init(_ source: SourceText, diagnostics: [Diagnostic] = []) {
    self.source = source
    self.diagnostics = diagnostics
  }

  mutating func report(_ message: String, at location: SourceLocation, help: String) {
    faultCount += 1
    diagnostics.append(source.diagnostic(message, at: location, help: help))
  }

  /// Reports a value of the wrong kind. `expected` completes "must be".
  mutating func reject(_ node: ConfigurationNode, _ place: Place, expected: String, help: String) {
    switch node.content {
    case .invalid: faultCount += 1
    case .scalar(let scalar) where scalar.kind == .null:
      report("\(place.label) has no value", at: node.location, help: "give it \(expected), or remove it")
    default:
      report("\(place.label) must be \(expected), not \(node.shown)", at: node.location, help: help)
    }
  }

  mutating func scalar(_ node: ConfigurationNode, _ place: Place, expected: String, help: String) -> ConfigurationNode.Scalar? {
    if case .scalar(let scalar) = node.content, scalar.kind != .null { return scalar }
    reject(node, place, expected: expected, help: help)
    return nil
  }

  mutating func list(_ node: ConfigurationNode, _ place: Place, help: String) -> [ConfigurationNode]? {
    if case .list(let items) = node.content { return items }
    reject(node, place, expected: "a list", help: help)
    return nil
  }

  mutating func mapping(_ node: ConfigurationNode, _ place: Place, help: String) -> [ConfigurationNode.Entry]? {
    if case .mapping(let entries) = node.content { return entries }
    reject(node, place, expected: "a mapping", help: help)
    return nil
  }

  /// A hint for an unknown name: "did you mean" when one is near, what there is otherwise.
  static func suggestion(for name: String, among candidates: [String], words: String) -> String {
    if let near = Suggestion.nearest(to: name, in: candidates) { return "did you mean '\(near)'?" }
    return candidates.isEmpty ? "there are no \(words)" : "\(words): \(candidates.joined(separator: ", "))"
  }
}
