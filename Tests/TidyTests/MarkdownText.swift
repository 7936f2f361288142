/// A Markdown file's lines, told apart: prose, or inside a fence.
struct MarkdownText {
  struct Line {
    let number: Int
    let text: Substring
    let isFenced: Bool
    /// What its fence says it is: `swift`, `sh`; empty outside of fences.
    var language = ""
  }

  let path: String
  let lines: [Line]

  init(path: String, _ text: String) {
    self.path = path
    var fence: Substring?
    var language = ""
    var lines: [Line] = []
    for (index, text) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let mark = text.trimmed.prefix { $0 == "`" || $0 == "~" }
      if let open = fence {
        if mark.count >= open.count, mark.first == open.first, text.trimmed.dropFirst(mark.count).trimmed.isEmpty {
          fence = nil
        } else {
          lines.append(Line(number: index + 1, text: text, isFenced: true, language: language))
        }
      } else if mark.count >= 3, !text.trimmed.dropFirst(mark.count).contains("`") {
        fence = mark
        language = String(text.trimmed.dropFirst(mark.count).trimmed)
      } else {
        lines.append(Line(number: index + 1, text: text, isFenced: false))
      }
    }
    self.lines = lines
  }

  /// What follows `#` in a link to a heading of this page, made as GitHub makes it.
  var anchors: Set<String> {
    var anchors: Set<String> = []
    for line in lines where !line.isFenced {
      for match in line.text.matches(of: #/(?:id|name)="([^"]+)"/#) { anchors.insert(String(match.1)) }
      guard let heading = line.text.wholeMatch(of: #/#{1,6}\s+(.*?)\s*#*\s*/#)?.1 else { continue }
      let title = heading.replacing(#/\[([^\]]*)\]\([^)]*\)/#) { $0.1 }
      let slug = String(title.lowercased().compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : nil })
      var unique = slug
      var count = 0
      while !anchors.insert(unique).inserted {
        count += 1
        unique = "\(slug)-\(count)"
      }
    }
    return anchors
  }
}
