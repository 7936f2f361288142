import Millrace
import Testing

/// A column inside an expression becomes a place in the file, however the expression is written.
@Suite struct ConfigurationPlaceTests {
  private func place(of needle: String, in text: String, environment: [String: String] = [:]) throws -> String {
    let configuration = try ConfigurationFixture.configuration(text, environment: environment)
    let id = try #require(configuration.event.id)
    let range = try #require(id.value.firstRange(of: needle))
    let column = id.value[..<range.lowerBound].unicodeScalars.count + 1
    let location = configuration.source.location(ofColumn: column, in: id)
    return "\(location.line):\(location.column)"
  }

  @Test(arguments: [
    ConfigurationFault("event: {id: event.a + X}", "1:23"),
    ConfigurationFault("event:\n  id: event.a + X # why", "2:17"),
    ConfigurationFault("event: {id: 'event.a[''k''] + X'}", "1:31"),
    ConfigurationFault("event: {id: \"event.a[\\\"k\\\"] + X\"}", "1:31"),
    ConfigurationFault("event: {id: \"\\u0061\\x62\\U00000063 + X\"}", "1:37"),
    ConfigurationFault("event:\n  id: event.a\n    + X", "3:7"),
    ConfigurationFault("event:\n  id: 'event.a\n\n    + X'", "4:7"),
    ConfigurationFault("event:\n  id: \"event.a \\\n    + X\"", "3:7"),
    ConfigurationFault("event:\n  id: |\n    event.a\n    + X", "4:7"),
    ConfigurationFault("event:\n  id: |-\n      event.a\n        + X\n", "4:11"),
    ConfigurationFault("event:\n  id: >\n    event.a\n    + X\n", "4:7"),
    ConfigurationFault("event:\n  id: >-\n    event.a\n\n    + X\n", "5:7"),
    ConfigurationFault("event:\n  id: >-\n    event.a\n      more\n    + X\n", "5:7"),
    ConfigurationFault("event:\n  id: &a event.a + X", "2:20"),
    ConfigurationFault("event:\n  id: &a !!str\n    event.a + X", "3:15"),
    ConfigurationFault("event: {id: 'é😀 + X'}", "1:19"),
  ])
  func everyStyleOfScalar(_ fault: ConfigurationFault) throws {
    #expect(try place(of: "X", in: fault.text) == fault.expected)
  }

  @Test func whatIsInterpolatedStandsAtItsVariable() throws {
    let environment = ["FIELD": "event.amount"]
    let text = "event: {id: '${FIELD} + X'}"
    #expect(try place(of: "X", in: text, environment: environment) == "1:25")
    #expect(try place(of: "amount", in: text, environment: environment) == "1:14")
    #expect(try place(of: "X", in: "event: {id: '$${ + X'}") == "1:20")
    #expect(try place(of: "X", in: "event: {id: '${NONE:-event.a} + X'}") == "1:33")
  }

  @Test func theEndOfAnExpressionIsOnePastIt() throws {
    let configuration = try ConfigurationFixture.configuration("event: {id: 'event.a +'}")
    let id = try #require(configuration.event.id)
    #expect("\(configuration.source.location(ofColumn: 10, in: id))" == "config/test.yaml:1:23")
    #expect(configuration.source.location(ofColumn: 99, in: id) == id.location)
    #expect(configuration.source.location(ofColumn: 0, in: id) == id.location)
  }

  @Test func aLaterStageReportsWithTheLineAndACaret() throws {
    let configuration = try ConfigurationFixture.configuration("event:\n  id: event.a ++ 1")
    let id = try #require(configuration.event.id)
    let location = configuration.source.location(ofColumn: 10, in: id)
    let diagnostic = configuration.source.diagnostic("unexpected '+'", at: location, help: "remove it")
    #expect(
      diagnostic.description == """
        config/test.yaml:2:16: error: unexpected '+'
          2 |   id: event.a ++ 1
            |                ^
          help: remove it
        """)
  }
}
