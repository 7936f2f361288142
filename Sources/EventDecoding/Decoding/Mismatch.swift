import Texts

extension DecodingFault {
  /// A value of another form than its place needs.
  package struct Mismatch: Sendable, Equatable {
    package enum Expected: Sendable, Equatable {
      case value(FeatureType)
      /// A number that fits the type.
      case range(FeatureType)
      /// So many numbers.
      case numbers(Int)
      /// An array of so many numbers.
      case array(Int)
      case string(FeatureVector.Encoding)
      case numbersWithCommas
      case base64
      /// So many float32 values as bytes.
      case floats(Int)
    }

    package enum Found: Sendable, Equatable {
      case nothing
      case null
      case bool(Bool)
      case int(Int64)
      case uint(UInt64)
      case double(Double)
      /// The beginning of a string.
      case string(String)
      /// The beginning of a string of which only the content is wrong.
      case text(String)
      /// What has no short form, by the name of its kind.
      case kind(String)
      case count(Int)
      case bytes(Int)
    }

    package let expected: Expected
    package let found: Found
    /// Where in an array or a string of numbers.
    package let index: Int?

    init(_ expected: Expected, found: Found, index: Int? = nil) {
      self.expected = expected
      self.found = found
      self.index = index
    }

    func words(quotingValues: Bool) -> String {
      let place = index.map { " at index \($0)" } ?? ""
      switch (expected, found) {
      case (.range(let type), _):
        let number = index != nil ? "the number\(place)" : quotingValues ? found.words(quotingValues: true) : "the value"
        return "\(number) does not fit \(type.rawValue) (\(type.range))"
      case (.numbersWithCommas, .text(let text)):
        return "expected \(expected), found something else\(place)" + (quotingValues ? " of \(JSONString.quoted(text))" : "")
      default: return "expected \(expected), found \(found.words(quotingValues: quotingValues))\(place)"
      }
    }
  }
}

extension DecodingFault.Mismatch.Expected: CustomStringConvertible {
  package var description: String {
    switch self {
    case .value(let type): type.expectation
    case .range(let type): "a number that fits \(type.rawValue)"
    case .numbers(let count): "\(count) numbers"
    case .array(let count): "an array of \(count) numbers"
    case .string(let encoding): "a string of \(encoding.rawValue)"
    case .numbersWithCommas: "numbers with commas between"
    case .base64: "base64"
    case .floats(let count): "\(count) float32 values in \(count * 4) bytes"
    }
  }
}

extension DecodingFault.Mismatch.Found {
  func words(quotingValues: Bool) -> String {
    switch self {
    case .nothing: "nothing"
    case .null: "null"
    case .bool(let flag): quotingValues ? "\(flag)" : "a bool"
    case .int(let integer): quotingValues ? "the number \(integer)" : "the number"
    case .uint(let integer): quotingValues ? "the number \(integer)" : "the number"
    case .double(let real): quotingValues ? "the number \(real)" : "the number"
    case .string(let text): quotingValues ? "the string \(JSONString.quoted(text))" : "the string"
    case .text(let text): quotingValues ? JSONString.quoted(text) : "something else"
    case .kind(let name): name
    case .count(let count): "\(count)"
    case .bytes(let count): "\(count) bytes"
    }
  }
}
