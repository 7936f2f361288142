/// A syntax error of the YAML parser in words that help: its own say what it was doing, not what to change.
struct YAMLFault {
  let message: String
  let position: SourceText.Position
  let help: String

  init(problem: String, context: (text: String, start: SourceText.Position)?, at position: SourceText.Position, in source: SourceText) {
    let line = source.lines.indices.contains(position.line - 1) ? source.lines[position.line - 1] : []
    let here = line.indices.contains(position.column - 1) ? line[position.column - 1] : nil
    if let tab = line.prefix(while: { $0 == " " || $0 == "\t" }).firstIndex(of: "\t"), position.column - 1 >= tab {
      message = "a tab indents this line"
      self.position = .init(line: position.line, column: tab + 1)
      help = "YAML is indented with spaces"
      return
    }
    if let context, context.text == "while scanning a quoted scalar", problem.hasPrefix("found unexpected") {
      message = "this quote is never closed"
      self.position = context.start
      help = "close it; in single quotes, '' stands for a quote"
      return
    }
    self.position = position
    let place = context.map { ", \($0.text) that starts at line \($0.start.line)" } ?? ""
    message = "invalid YAML: \(problem)\(place)"
    switch problem {
    case "mapping values are not allowed in this context":
      help = "quote a value that holds ': ', or check the indentation"
    case "found character that cannot start any token":
      help = "quote a value that starts with \(here.map { String($0).shown } ?? "this character")"
    case "found undefined alias":
      help = "define the anchor with &NAME before its first alias"
    case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
      help = "close the bracket, or quote a value that holds , [ ] { or }"
    default:
      help = "check the indentation and the quotes here and on the line above"
    }
  }
}
