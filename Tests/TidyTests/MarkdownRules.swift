/// What the docs promise: links that lead somewhere, commands that exist.
enum MarkdownRules {
  /// `paths` are the tree's files and folders; `anchors` answers with the headings of a page.
  static func deadLinks(_ page: MarkdownText, paths: Set<String>, anchors: (String) -> Set<String>) -> [Finding] {
    targets(of: page).compactMap { line, target in
      if target.contains(#/^[a-zA-Z][a-zA-Z0-9+.-]*:|^\/\//#) { return nil }
      let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let file = parts[0].isEmpty ? page.path : resolve(parts[0], from: page.path)
      guard let file, paths.contains(file) else { return Finding(page.path, line, "dead link: there is no \(target)") }
      if parts.count == 2, file.hasSuffix(".md"), !anchors(file).contains(String(parts[1])) {
        return Finding(page.path, line, "dead link: \(file) has no heading for #\(parts[1])")
      }
      return nil
    }
  }

  /// Commands of `program`, as `program NAME`, that name none of `known`: in fences, and in code spans that start with the program.
  static func unknownCommands(_ page: MarkdownText, program: String, known: Set<String>) -> [Finding] {
    page.lines.flatMap { line in
      let codes = line.isFenced ? [line.text] : line.text.matches(of: #/`([^`]+)`/#).map(\.1)
      return codes.flatMap { commands(in: $0, of: program) }.filter { !known.contains($0) }.map {
        Finding(page.path, line.number, "there is no '\(program) \($0)'")
      }
    }
  }

  static func targets(of page: MarkdownText) -> [(line: Int, target: String)] {
    page.lines.filter { !$0.isFenced }.flatMap { line in
      let prose = line.text.replacing(#/`[^`]*`/#, with: "")
      let inline = prose.matches(of: #/\]\(\s*<?([^)>\s]+)/#).map(\.1)
      let references = prose.matches(of: #/^ {0,3}\[[^\]]+\]:\s*<?([^>\s]+)/#).map(\.1)
      let html = prose.matches(of: #/(?:href|src)="([^"]+)"/#).map(\.1)
      return (inline + references + html).map { (line.number, String($0)) }
    }
  }

  /// The first word after the program, wherever a shell would look for a command.
  static func commands(in code: Substring, of program: String) -> [String] {
    let uncommented = code.split(separator: #/(^|\s)#(\s|$)/#, maxSplits: 1, omittingEmptySubsequences: false)[0]
    return uncommented.split(separator: #/\|\||&&|[|;&()]/#).compactMap { part in
      var words = part.split(whereSeparator: \.isWhitespace)[...]
      while let word = words.first, word == "$" || word == "sudo" || word == "time" || word == "exec" || word.contains(#/^\w+=/#) {
        words.removeFirst()
      }
      guard let first = words.popFirst(), first == program || first.hasSuffix("/\(program)") else { return nil }
      guard let name = words.first, name.wholeMatch(of: #/[a-z][a-z-]*/#) != nil else { return nil }
      return String(name)
    }
  }

  /// Where a link leads, from the root; nil outside of the tree.
  private static func resolve(_ link: Substring, from page: String) -> String? {
    var parts = link.hasPrefix("/") ? [] : page.split(separator: "/").dropLast()
    for part in link.split(separator: "/") where part != "." {
      if part != ".." {
        parts.append(part)
      } else if parts.popLast() == nil {
        return nil
      }
    }
    return parts.joined(separator: "/").replacing("%20", with: " ")
  }
}
