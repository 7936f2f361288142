import CEL
import EventDecoding
import Testing

/// The value of an expression as JSON, or `error: ` and the message: what the tests compare.
func evaluate(
  _ source: String, event: String? = nil, headers: [(name: String, value: String)] = [], record: RecordView = RecordView(value: nil)
) -> String {
  do throws(ExpressionEvaluator.Failure) {
    return try ExpressionEvaluator.json(source, event: event, headers: headers, record: record)
  } catch {
    return "error: \(error)"
  }
}

/// A row of a table: an expression, and its value as JSON; or the beginning of `error: ` and a message.
struct Row: Sendable, CustomTestStringConvertible {
  let source: String
  let expected: String

  init(_ source: String, _ expected: String) {
    self.source = source
    self.expected = expected
  }

  var testDescription: String { source }

  func check(event: String? = nil, headers: [(name: String, value: String)] = [], sourceLocation: SourceLocation = #_sourceLocation) {
    let found = evaluate(source, event: event, headers: headers)
    if expected == "error" {
      #expect(found.hasPrefix("error: "), "\(source)", sourceLocation: sourceLocation)
    } else {
      #expect(found == expected, "\(source)", sourceLocation: sourceLocation)
    }
  }
}

/// Foundation has a type of the same name.
typealias Expression = CEL.Expression
