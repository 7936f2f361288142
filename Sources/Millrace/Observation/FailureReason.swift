/// Why a record failed, as it may be shown to whoever looks at a status page: what was expected, and nothing of the payload.
///
/// The dead letter's own header says it in full, beside the payload itself.
enum FailureReason {
  static func withoutValues(_ reason: String) -> String {
    var text = reason
    // Names of headers and fields are quoted inside brackets; other quotes are the payload's.
    let quotes = text.indices.filter { text[$0] == "\"" }
    if let first = quotes.first(where: { $0 == text.startIndex || text[text.index(before: $0)] != "[" && !text[$0...].hasPrefix("\"]") }),
      let last = quotes.last, last > first
    {
      text.replaceSubrange(first...last, with: "\"…\"")
    }
    // A payload's text may hold anything, line feeds and quotes too: whatever follows the first of these is left out.
    if let match = text.firstMatch(of: /(?s)found (?<kind>nothing|(?:the|an|a) [a-z]+)?.*/) {
      text = text[..<match.range.lowerBound] + "found \(match.output.kind ?? "something else")"
    }
    if let match = text.firstMatch(of: /(?s)^(?<place>[^:]*: ).* does not fit (?<type>.*)$/) {
      text = "\(match.output.place)the value does not fit \(match.output.type)"
    }
    return text
  }
}
