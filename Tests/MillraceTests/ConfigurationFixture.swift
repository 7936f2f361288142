import Millrace
import Testing

/// Configurations for tests: a text that matters, completed by the sections that it leaves out. The text comes first, so that its line
/// numbers are the file's.
enum ConfigurationFixture {
  private static let sections = [
    "group: fraud",
    "topics: [transactions]",
    "kafka: {bootstrap.servers: embedded}",
    "lanes: {bulk: {model: fraud}}",
    "models: {fraud: {path: models/fraud, inputs: [{name: input, features: [event.amount]}], outputs: {score: scores}}}",
    "publish: {topic: predictions}",
    "dead_letter: {topic: transactions.dlq}",
  ]

  static func text(_ text: String) -> String {
    let given = Set(text.split(separator: "\n").map { $0.prefix { $0 != ":" }.filter { $0 != "\"" && $0 != "'" } })
    let rest = sections.filter { !given.contains(String($0.prefix { $0 != ":" })) }
    return ([text] + rest).joined(separator: "\n") + "\n"
  }

  static func configuration(_ text: String, environment: [String: String] = [:]) throws -> Configuration {
    try Configuration.parse(self.text(text), file: "config/test.yaml", environment: environment)
  }

  /// Each fault as `line:column: message | help`.
  static func faults(_ text: String, environment: [String: String] = [:]) -> [String] {
    do {
      _ = try configuration(text, environment: environment)
      return []
    } catch let error as ConfigurationError {
      return error.diagnostics.map { "\($0.location.line):\($0.location.column): \($0.message) | \($0.help ?? "no help")" }
    } catch {
      return ["\(error)"]
    }
  }

  /// The faults of a text that is the whole file.
  static func faults(ofFile text: String) -> [String] {
    do {
      _ = try Configuration.parse(text, file: "config/test.yaml")
      return []
    } catch {
      return error.diagnostics.map { "\($0.location.line):\($0.location.column): \($0.message) | \($0.help ?? "no help")" }
    }
  }
}

/// A text and the only fault in it, as `ConfigurationFixture.faults` shows it.
struct ConfigurationFault: Sendable, CustomTestStringConvertible {
  let text: String
  let expected: String

  init(_ text: String, _ expected: String) {
    self.text = text
    self.expected = expected
  }

  var testDescription: String { text }
}
