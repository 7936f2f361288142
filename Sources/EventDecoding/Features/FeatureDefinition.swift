import CEL

/// What stands in for a feature that a record doesn't have. JSON null counts as missing.
package enum MissingPolicy: Equatable, Sendable {
  /// The record is at fault.
  case error
  /// Not a number; for columns of floating point only.
  case nan
  case number(Double)
  case string(String)
  case bool(Bool)

  /// The number that stands in for one that is missing.
  var number: Double? {
    switch self {
    case .nan: .nan
    case .number(let number): number
    case .bool(let flag): flag ? 1 : 0
    case .error, .string: nil
    }
  }
}

/// Many numbers as one feature.
package struct FeatureVector: Equatable, Sendable {
  package enum Encoding: String, Sendable, CaseIterable {
    /// A JSON array of numbers.
    case array
    /// A string of numbers with commas between.
    case csv
    /// A string: base64 of little-endian float32.
    case base64
  }

  /// How many numbers; any other count is a fault.
  package let length: Int
  package let encoding: Encoding

  package init(length: Int, encoding: Encoding = .array) {
    self.length = length
    self.encoding = encoding
  }
}

/// One feature: an expression, and how its value becomes one or more elements of a tensor.
package struct FeatureDefinition: Sendable {
  /// What messages call it.
  package let name: String
  package let expression: Expression
  package let missing: MissingPolicy
  /// Nil: a single number, bool or string.
  package let vector: FeatureVector?

  package init(name: String, expression: Expression, missing: MissingPolicy = .error, vector: FeatureVector? = nil) {
    self.name = name
    self.expression = expression
    self.missing = missing
    self.vector = vector
  }

  /// How many elements of a row it takes.
  package var width: Int { vector?.length ?? 1 }

  func check() throws(DecodingProgramError) {
    if let vector, vector.length < 1 { throw DecodingProgramError(.feature(name, .emptyVector)) }
  }
}
