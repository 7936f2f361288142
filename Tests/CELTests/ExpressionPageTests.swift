import Foundation
import Testing

@testable import CEL
import EventDecoding

/// docs/reference/expressions.md says what the language is.
@Suite struct ExpressionPageTests {
  private let page: String

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    page = try String(contentsOf: root.appendingPathComponent("docs/reference/expressions.md"), encoding: .utf8)
  }

  private func section(_ title: String) -> Substring {
    let start = page.firstRange(of: "## \(title)\n")?.upperBound ?? page.endIndex
    return page[start...].prefix(upTo: page[start...].firstRange(of: "\n## ")?.lowerBound ?? page.endIndex)
  }

  @Test func itNamesEveryVariableWithItsType() {
    let rows = section("Variables").matches(of: #/\| `(\w+)` \| ([\w(), ]+) \|/#).map { "\($0.1): \($0.2)" }
    let types = ["dyn", "map(string, string)", "dyn", "string", "int", "int", "timestamp"]
    #expect(rows == zip(Variables.record.names, types).map { "\($0): \($1)" })
  }

  @Test func itNamesEveryFunctionAndNoOther() {
    let lists = section("Functions").split(separator: "- **Macros**")
    let named = lists[0].matches(of: #/`([\w.]+)`/#).map { String($0.1) }
    #expect(Set(named) == Set(Catalogue.functions.keys))
    #expect(named.count == Set(named).count)
    for macro in lists[1].matches(of: #/`([\w.]+)`/#).map({ String($0.1) }) {
      // A macro that is called as none of its forms says how it is written.
      let call = macro == "has" ? "has()" : macro == "cel.bind" ? "cel.bind()" : "[1].\(macro)()"
      let answer = evaluate(call)
      #expect(answer.contains("is written") || answer.contains("takes"), "\(macro): \(answer)")
    }
  }

  @Test func itsExamplesHaveTheValuesThatItGives() {
    let rows = section("Where it differs from CEL").matches(of: #/(?m)^\| `(.+)` \| (?:`(.+)`|error) \|$/#)
    #expect(rows.count == 13)
    for row in rows {
      let found = evaluate(String(row.1).replacing("\\|", with: "|"), event: #"{"n": 5, "half": 2.5}"#)
      if let value = row.2 { #expect(found == String(value), "\(row.1)") } else { #expect(found.hasPrefix("error"), "\(row.1)") }
    }
  }

  @Test func itsLimitsAreThoseOfTheCode() {
    let limits = ExpressionLimits()
    for number in [limits.length, limits.depth, limits.steps] { #expect(section("Limits").contains(": \(number) ")) }
  }
}
