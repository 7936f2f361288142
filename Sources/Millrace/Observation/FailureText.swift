/// Why a record failed, in words: in full for its dead letter, which holds the record itself, and without its values for status pages and
/// traces, which go where dead letters may not. What is told apart stands in the faults' own types; text that is put together here from
/// both keeps them apart.
struct FailureText: Sendable, Equatable {
  let full: String
  let shown: String

  init(full: String, shown: String) {
    self.full = full
    self.shown = shown
  }

  /// Words that quote nothing of a record.
  init(_ text: String) { self.init(full: text, shown: text) }
}

extension FailureText: ExpressibleByStringInterpolation {
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var full = ""
    fileprivate var shown = ""

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) {
      full += literal
      shown += literal
    }

    mutating func appendInterpolation(_ text: FailureText) {
      full += text.full
      shown += text.shown
    }

    /// What quotes nothing of a record: names, numbers, places.
    mutating func appendInterpolation(_ value: some CustomStringConvertible) { appendLiteral("\(value)") }
  }

  init(stringLiteral text: String) { self.init(text) }
  init(stringInterpolation: StringInterpolation) { self.init(full: stringInterpolation.full, shown: stringInterpolation.shown) }
}
