import Texts

/// Why an expression has no value. What it found is kept apart from the words that are made of it: `description` quotes values,
/// `shown` quotes nothing that came in through a variable.
public struct EvaluationFault: Error, Sendable {
  enum Reason: Sendable {
    case event(EventFault)
    case noSuchField(FieldPath)
    /// A part of the event, in words of the expression.
    case unreadablePart(String, UnreadablePart)
    /// - Parameter isWritten: the key stands in the expression itself.
    case noSuchKey(Value, isWritten: Bool)
    /// In the map of texts, by its name.
    case noSuchEntry(String, String, isWritten: Bool)
    case noUTF8Entry(String, String, isWritten: Bool)
    /// A variable.
    case noValue(String)
    /// A variable that the caller left out.
    case notGiven(String)
    case indexOutOfRange(Value, count: Int)
    /// A position in a string.
    case positionOutOfRange(Int64)
    case noOverload(String, [RuntimeType])
    /// The result of an operation, in words.
    case overflow(String)
    /// What a function was called with, in its language's words.
    case beyond(String, argument: String)
    case divisionByZero
    case modulusByZero
    /// A text that no value of a type can be read from.
    case unreadable(String, as: String)
    case unknownZone(String)
    /// Words of the library, which may quote the pattern.
    case faultyPattern(String)
    case unknownClause(Unicode.Scalar)
    case unshowable(Unicode.Scalar, RuntimeType)
    /// Words that quote no value: types, names and numbers of the expression alone.
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

  /// A field that is there and can't be read.
  package static func unreadableField(_ path: FieldPath, _ part: UnreadablePart) -> EvaluationFault {
    EvaluationFault(.unreadablePart("\(path)", part))
  }
}

extension EvaluationFault: CustomStringConvertible {
  public var description: String { words(quotingValues: true) }

  /// For where values must not go: a status page, a trace.
  public var shown: String { words(quotingValues: false) }

  /// With its column in the source of its expression.
  package func description(in source: String) -> String { placed(description, in: source) }

  /// As `shown`, with its column.
  package func shown(in source: String) -> String { placed(shown, in: source) }

  private func placed(_ words: String, in source: String) -> String {
    position.map { "\(ExpressionError(words, at: $0, in: source))" } ?? words
  }

  private func words(quotingValues: Bool) -> String {
    /// A value from outside, or what stands for it.
    func value(_ text: @autoclosure () -> String) -> String { quotingValues ? text() : "…" }
    func key(_ text: @autoclosure () -> String, _ isWritten: Bool) -> String { isWritten ? text() : value(text()) }
    return switch reason {
    case .event(let fault): "\(fault.text)"
    case .noSuchField(let path): "no such key: \(path)"
    case .unreadablePart(let place, let part): "\(place) can't be read: \(part.words(quotingValues: quotingValues))"
    case .noSuchKey(let name, let isWritten): "no such key: \(key(name.text, isWritten))"
    case .noSuchEntry(let map, let name, let isWritten): "no such key: \(map)[\(key(JSONString.quoted(name), isWritten))]"
    case .noUTF8Entry(let map, let name, let isWritten): "\(map)[\(key(JSONString.quoted(name), isWritten))] is not UTF-8"
    case .noValue(let name): "the record has no \(name)"
    case .notGiven(let name): "no value was given for '\(name)'"
    case .indexOutOfRange(let index, let count): "index \(value(index.text)) is out of range of a list of \(count)"
    case .positionOutOfRange(let position): "position \(value("\(position)")) is out of range of the string"
    case .noOverload(let function, let types): "no such overload: \(Signature.call(function, types.map(\.plainName)))"
    case .overflow(let what): "\(what) is out of range"
    case .beyond(let function, let argument): "\(function)(\(value(argument))) is out of range"
    case .divisionByZero: "division by zero"
    case .modulusByZero: "modulus by zero"
    case .unreadable(let text, let type): "\(quotingValues ? Value.string(text).text : "\"…\"") can't be read as \(type)"
    case .unknownZone(let name):
      "unknown time zone \(quotingValues ? JSONString.quoted(name) : "\"…\""): write an offset as +02:00 or a name as Europe/Paris"
    case .faultyPattern(let why): quotingValues ? "the regular expression is faulty: \(why)" : "the regular expression is faulty"
    case .unknownClause(let verb): "unknown format clause '%\(value("\(verb)"))'"
    case .unshowable(let verb, let type): "the format clause '%\(value("\(verb)"))' can't show \(type.plainName.withArticle)"
    case .invalid(let message): message
    case .tooExpensive: "the expression takes too many steps"
    }
  }
}
