import Texts

/// Why an expression has no value for a record.
public struct EvaluationFault: Error, Sendable {
  enum Reason: Sendable {
    case event(EventFault)
    case noSuchField(FieldPath)
    case noSuchKey(Value)
    /// In the map of texts, by its name.
    case noSuchEntry(String, String)
    /// A variable.
    case noValue(String)
    /// A variable that the caller left out.
    case notGiven(String)
    case indexOutOfRange(Value, count: Int)
    case noOverload(String, [RuntimeType])
    case overflow(String)
    case divisionByZero
    case modulusByZero
    case invalid(String)
    case tooExpensive
  }

  let reason: Reason
  /// Where in the source the failing part begins, counted in UTF-8 bytes; nil if not known.
  var position: Int32?

  init(_ reason: Reason, at position: Int32? = nil) {
    self.reason = reason
    self.position = position
  }

  /// Whether the record lacks something that the expression reads: a field, a key, a header, an element, or a value other than null.
  public var isMissing: Bool {
    switch reason {
    case .noSuchField, .noSuchKey, .noSuchEntry, .indexOutOfRange: true
    case .noOverload(_, let types): types.contains(.null)
    default: false
    }
  }

  func at(_ position: Int32) -> EvaluationFault {
    EvaluationFault(reason, at: self.position ?? position)
  }
}

extension EvaluationFault: CustomStringConvertible {
  public var description: String {
    switch reason {
    case .event(let fault): "\(fault.text)"
    case .noSuchField(let path): "no such key: \(path)"
    case .noSuchKey(let key): "no such key: \(key.text)"
    case .noSuchEntry(let map, let name): "no such key: \(map)[\(JSONString.quoted(name))]"
    case .noValue(let name): "the record has no \(name)"
    case .notGiven(let name): "no value was given for '\(name)'"
    case .indexOutOfRange(let index, let count): "index \(index.text) is out of range of a list of \(count)"
    case .noOverload(let function, let types):
      "no such overload: \(Signature.call(function, types.map(\.plainName)))"
    case .overflow(let what): "\(what) is out of range"
    case .divisionByZero: "division by zero"
    case .modulusByZero: "modulus by zero"
    case .invalid(let message): message
    case .tooExpensive: "the expression takes too many steps"
    }
  }
}
