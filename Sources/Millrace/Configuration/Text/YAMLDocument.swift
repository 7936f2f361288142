import Yams

/// Parses YAML: a text becomes a tree of nodes, or the faults that prevent it. The one place that knows Yams.
struct YAMLDocument {
  /// How many nodes a document may have. An alias repeats its anchor: nested ones make a short text huge.
  private static let maxNodes = 100_000
  private static let maxDuplicates = 100

  var source: SourceText
  private(set) var diagnostics: [Diagnostic] = []
  private let interpolation: Interpolation
  private var nodeCount = 0
  /// Keys that were renamed so that Yams accepts a mapping that holds them twice.
  private var renamed: [SourceText.Position: String] = [:]

  init(_ source: SourceText, interpolation: Interpolation) {
    self.source = source
    self.interpolation = interpolation
  }

  /// Parses the text.
  /// - Returns: nil where nothing can be read, and the diagnostics say why. Otherwise they hold what is wrong inside.
  mutating func parse() -> ConfigurationNode? {
    guard checkCharacters() else { return nil }
    var lines = source.lines
    for attempt in 0...Self.maxDuplicates {
      do {
        let root = try Yams.compose(yaml: Self.text(of: lines), .default, .default, .utf8)
        guard let root, root.scalar?.string.isEmpty != true else {
          report("the file is empty", at: .init(line: 1, column: 1), help: "start with: group: NAME")
          return nil
        }
        return convert(root)
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        let start = SourceText.Position(line: context.mark.line, column: context.mark.column)
        guard attempt < Self.maxDuplicates, rename(key: keys.first ?? "", at: start, to: attempt, in: &lines) else {
          report("duplicate key \((keys.first ?? "").shown)", at: start, help: "keep one of them")
          return nil
        }
      } catch let error as YamlError {
        report(error)
        return nil
      } catch {
        report("invalid YAML: \(error)", at: .init(line: 1, column: 1), help: "see https://yaml.org/spec/1.2.2")
        return nil
      }
    }
    return nil
  }

  private mutating func report(_ message: String, at position: SourceText.Position, help: String) {
    diagnostics.append(source.diagnostic(message, at: source.location(position), help: help))
  }

  private static func text(of lines: [[Unicode.Scalar]]) -> String {
    var view = String.UnicodeScalarView()
    for (index, line) in lines.enumerated() {
      if index > 0 { view.append("\n") }
      view.append(contentsOf: line)
    }
    return String(view)
  }

  private mutating func checkCharacters() -> Bool {
    for (row, line) in source.lines.enumerated() {
      let bad = line.firstIndex { scalar in
        (scalar.value < 0x20 && scalar != "\t") || (0x7F...0x9F).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE
      }
      guard let bad else { continue }
      let code = String(line[bad].value, radix: 16, uppercase: true)
      let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
      report(
        "the character U+\(padded) is not allowed in YAML", at: .init(line: row + 1, column: bad + 1),
        help: "remove it, or write it as an escape in double quotes")
      return false
    }
    return true
  }

  /// Renames a duplicate key, at which Yams stops, naming one of the two places. A rename of the same width keeps every other place as it
  /// is, and lets the rest be read: then both places are known, and the other faults of the file too.
  private mutating func rename(key: String, at position: SourceText.Position, to number: Int, in lines: inout [[Unicode.Scalar]]) -> Bool {
    guard renamed[position] == nil, let stand = Unicode.Scalar(0xF0000 + UInt32(number)),
      let places = source.positions(of: key, at: position), let last = places.last, last.line == position.line,
      lines.indices.contains(position.line - 1), lines[position.line - 1].indices.contains(last.column - 1)
    else { return false }
    for place in places { lines[place.line - 1][place.column - 1] = stand }
    renamed[position] = key
    return true
  }

  private mutating func report(_ error: YamlError) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let position = SourceText.Position(line: mark.line, column: mark.column)
      if problem == "but found another document" {
        report("a second YAML document starts here", at: position, help: "a configuration is one document: remove the '---'")
        return
      }
      let fault = YAMLFault(
        problem: problem, context: context.map { ($0.text, .init(line: $0.mark.line, column: $0.mark.column)) }, at: position, in: source)
      report(fault.message, at: fault.position, help: fault.help)
    default:
      report("invalid YAML: \(error)", at: .init(line: 1, column: 1), help: "see https://yaml.org/spec/1.2.2")
    }
  }
}

extension YAMLDocument {
  private mutating func convert(_ node: Yams.Node) -> ConfigurationNode {
    let mark = node.mark
    let position = SourceText.Position(line: mark?.line ?? 1, column: mark?.column ?? 1)
    nodeCount += 1
    guard nodeCount <= Self.maxNodes else {
      if nodeCount == Self.maxNodes + 1 {
        report("the file grows beyond \(Self.maxNodes) values", at: position, help: "aliases of aliases multiply: write out what is needed")
      }
      return ConfigurationNode(location: source.location(position), content: .invalid)
    }
    return ConfigurationNode(location: source.location(position), content: content(of: node, at: position))
  }

  private mutating func content(of node: Yams.Node, at position: SourceText.Position) -> ConfigurationNode.Content {
    // `node.tag` would resolve a plain scalar's tag and so make a string of it.
    let tag =
      switch node {
      case .scalar(let scalar): scalar.tag.rawValue
      case .sequence(let list): list.tag.rawValue
      case .mapping(let mapping): mapping.tag.rawValue
      case .alias: ""
      }
    guard tag.isEmpty || tag == "!" || tag.hasPrefix("tag:yaml.org,2002:") else {
      report("the tag \(tag.shown) means nothing here", at: position, help: "remove it: values are plain YAML")
      return .invalid
    }
    switch node {
    case .scalar(let scalar): return content(of: scalar, at: position)
    case .sequence(let list): return .list(list.map { convert($0) })
    case .mapping(let mapping): return .mapping(entries(of: mapping))
    case .alias: return .invalid
    }
  }

  private mutating func content(of scalar: Yams.Node.Scalar, at position: SourceText.Position) -> ConfigurationNode.Content {
    let isQuoted = scalar.style != .plain || scalar.tag.rawValue == Tag.Name.str.rawValue
    guard Interpolation.isNeeded(for: scalar.string) else {
      return .scalar(.init(text: scalar.string, isQuoted: isQuoted, origin: .literal))
    }
    let scalars = Array(scalar.string.unicodeScalars)
    let positions = source.positions(of: scalar.string, at: position) ?? Array(repeating: position, count: scalars.count)
    do throws(Interpolation.Fault) {
      let output = try interpolation.expand(zip(scalars, positions).map { ($0, $1) }[...])
      source.rewritten[position] = output.positions
      source.secrets.add(output.secrets)
      return .scalar(.init(text: String(output.text), isQuoted: isQuoted, origin: output.origin))
    } catch {
      report(error.message, at: error.position, help: error.help)
      return .invalid
    }
  }

  private mutating func entries(of mapping: Yams.Node.Mapping) -> [ConfigurationNode.Entry] {
    var entries: [ConfigurationNode.Entry] = []
    var merged: [ConfigurationNode.Entry] = []
    for (keyNode, valueNode) in mapping {
      guard let key = key(of: keyNode) else { continue }
      let value = convert(valueNode)
      if key.value == "<<", keyNode.scalar?.style == .plain {
        merged += merge(value)
      } else if let first = entries.first(where: { $0.key.value == key.value }) {
        report(
          "duplicate key \(key.value.shown)", at: .init(line: key.location.line, column: key.location.column),
          help: "keep one of them: it is also at line \(first.key.location.line), column \(first.key.location.column)")
      } else {
        entries.append(.init(key: key, value: value))
      }
    }
    // What a mapping says itself goes before what it merges, and an earlier merge before a later one.
    for entry in merged where !entries.contains(where: { $0.key.value == entry.key.value }) { entries.append(entry) }
    return entries
  }

  private mutating func merge(_ value: ConfigurationNode) -> [ConfigurationNode.Entry] {
    switch value.content {
    case .mapping(let entries): return entries
    case .list(let list): return list.flatMap { merge($0) }
    case .invalid: return []
    case .scalar:
      report(
        "'<<' merges a mapping, not \(value.shown)", at: .init(line: value.location.line, column: value.location.column),
        help: "name an anchor: <<: *defaults")
      return []
    }
  }

  private mutating func key(of node: Yams.Node) -> Located<String>? {
    let position = SourceText.Position(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    guard let scalar = node.scalar else {
      report("a key must be a string, not \(convert(node).shown)", at: position, help: "write KEY: VALUE, or quote the key")
      return nil
    }
    if let original = renamed[position] { return Located(original, at: source.location(position)) }
    let value = ConfigurationNode.Scalar(text: scalar.string, isQuoted: scalar.style != .plain, origin: .literal)
    guard value.kind == .string else {
      report(
        "a key must be a string, not \(value.shown)", at: position,
        help: value.kind == .null ? "write KEY: VALUE" : "quote it: \"\(scalar.string)\"")
      return nil
    }
    return Located(scalar.string, at: source.location(position))
  }
}
