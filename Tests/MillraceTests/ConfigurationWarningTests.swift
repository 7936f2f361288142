import Testing

@testable import Millrace

/// Where a configuration can be used, and may mean something else than was meant.
@Suite struct ConfigurationWarningTests {
  @Test func aNumberOfTwoMeaningsIsToldWithItsPlaceAndWhatToDo() throws {
    let configuration = try ConfigurationFixture.configuration(
      """
      routes:
        - {lane: urgent, when: 'event.?n.orValue(7) / 2 > 3'}
        - {lane: bulk}
      lanes: {urgent: {model: fraud}, bulk: {model: fraud}}
      publish: {topic: predictions, include: [{whole: type(event.n) == int}, {half: event.n / 2}]}
      \(DryRunFixture.matrix("event.a, event.b, 'math.least(event.c, 1) / 3'"))
      """)
    let warnings = configuration.warnings()
    #expect(warnings.allSatisfy { $0.severity == .warning && $0.help?.isEmpty == false })
    #expect(warnings.count == 3)
    let lines = warnings.map { warning in configuration.source.lines[warning.location.line - 1] }
    for (warning, (line, text)) in zip(warnings, zip(lines, ["/ 2 > 3", "== int", "/ 3"])) {
      let rest = line[(warning.location.column - 1)...].prefix(text.unicodeScalars.count)
      #expect(String(String.UnicodeScalarView(rest)) == text, "\(warning)")
    }
    let first = try #require(warnings.first).description
    #expect(first.contains(": warning: '/' has a remainder here where no operand comes from the event"))
    #expect(first.contains(" | ") && first.contains("^") && first.contains("\n  help: write double(…) around both operands"))
    #expect(try LaneCompiler(configuration).lanes().count == 2)
  }

  @Test func aConfigurationWithoutSuchNumbersHasNone() throws {
    #expect(try ConfigurationFixture.configuration("publish: {topic: p, include: [{e: event.amount / 100}]}").warnings() == [])
  }
}
