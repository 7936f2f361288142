/// The Swift that the docs show is Swift that the tests compile: between `// begin example: NAME` and `// end example`, to the letter.
enum ExampleRules {
  /// A block of a page that no test compiles.
  static func uncompiled(_ page: MarkdownText, examples: [String]) -> [Finding] {
    blocks(page).compactMap { block in
      let isForPackage = block.lines.allSatisfy { $0.contains(#/^\s*\.(product|package|library)\(/#) }
      let code = block.lines.drop { $0.hasPrefix("import ") || $0.isEmpty }.map { $0 + "\n" }.joined()
      if isForPackage || examples.contains(code) { return nil }
      return Finding(page.path, block.number, "no test has this between `// begin example` and `// end example`")
    }
  }

  /// An example of the tests that no page shows.
  static func unshown(_ file: SwiftText, pages: [MarkdownText]) -> [Finding] {
    let shown = Set(pages.flatMap(blocks).map { $0.lines.drop { $0.hasPrefix("import ") || $0.isEmpty }.map { $0 + "\n" }.joined() })
    return examples(file).filter { !shown.contains($0.code) }.map { Finding(file.path, $0.number, "no page shows this example") }
  }

  static func examples(_ file: SwiftText) -> [(number: Int, code: String)] {
    var examples: [(number: Int, code: String)] = []
    var isInside = false
    for (index, line) in file.lines.enumerated() {
      if line.hasPrefix("// begin example: ") {
        isInside = true
        examples.append((index + 1, ""))
      } else if line == "// end example" {
        isInside = false
      } else if isInside {
        examples[examples.count - 1].code += line + "\n"
      }
    }
    return examples
  }

  private static func blocks(_ page: MarkdownText) -> [(number: Int, lines: [Substring])] {
    var blocks: [(number: Int, lines: [Substring])] = []
    var last = 0
    for line in page.lines where line.isFenced && line.language == "swift" {
      if line.number != last + 1 { blocks.append((line.number, [])) }
      blocks[blocks.count - 1].lines.append(line.text)
      last = line.number
    }
    return blocks
  }
}
