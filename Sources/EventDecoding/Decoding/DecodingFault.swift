import CEL

/// Why a record could not be decoded: what kind of fault, where, what was expected and what was found. Words are made of it where they are
/// needed: `description` for whoever holds the record, `shown` for where its values must not go.
package struct DecodingFault: Error, Sendable {
  /// Which part of the work failed.
  package enum Stage: String, Sendable {
    /// There is no payload, or it has the wrong size.
    case payload
    /// The payload is not valid JSON.
    case json
    /// A feature is missing or doesn't fit its tensor.
    case feature
    /// The id or an included member has no value.
    case member
  }

  package enum Kind: Sendable {
    /// The payload is NULL: a tombstone.
    case noPayload
    case emptyPayload
    case outOfMemory
    /// The payload is not what its format demands.
    case malformed(Syntax)
    case missing(Absence)
    /// The expression fails, with what it says of itself.
    case noValue(EvaluationFault)
    case mismatch(Mismatch)
  }

  package enum Place: Sendable, Equatable {
    case payload
    case feature(name: String, source: String)
    case member(source: String, isID: Bool)
  }

  /// How something is not there.
  package enum Absence: String, Sendable {
    case missing = "is missing"
    case null = "is null"
    case missingOrNull = "is missing or null"
    case noKey = "is NULL"
  }

  /// What is wrong with the form of a payload.
  package struct Syntax: Sendable, Equatable {
    /// The name of the format.
    package let format: String
    /// The byte of the payload, counted from 0; nil if there is no single one.
    package let offset: Int?
    /// The rule that is broken, in words that quote nothing.
    package let rule: String
    /// The beginning of what stands there instead, where that helps.
    package let found: String?
  }

  package let kind: Kind
  package let place: Place

  init(_ kind: Kind, at place: Place = .payload) {
    self.kind = kind
    self.place = place
  }

  static var noPayload: Self { Self(.noPayload) }
  static var emptyPayload: Self { Self(.emptyPayload) }

  package var stage: Stage {
    switch (place, kind) {
    case (.payload, .malformed), (.payload, .outOfMemory): .json
    case (.payload, _): .payload
    case (.feature, _): .feature
    case (.member, _): .member
    }
  }

  /// What the place needs, if something else is there.
  package var expected: Mismatch.Expected? {
    if case .mismatch(let mismatch) = kind { mismatch.expected } else { nil }
  }

  /// What is there, if it is not what the place needs.
  package var found: Mismatch.Found? {
    if case .mismatch(let mismatch) = kind { mismatch.found } else { nil }
  }

  /// The byte of the payload where the fault was found, counted from 0; nil if it has no single place.
  package var offset: Int? {
    if case .malformed(let syntax) = kind { syntax.offset } else { nil }
  }
}

extension DecodingFault: CustomStringConvertible {
  /// In full, for whoever holds the record: with what was found.
  package var description: String { words(quotingValues: true) }

  /// Which kind of value was found, and nothing of it: for a status page, a trace.
  package var shown: String { words(quotingValues: false) }

  /// The least that helps: which part of the record is at fault. For a dead letter whose value is kept back.
  package var brief: String {
    switch (place, kind) {
    case (_, .malformed(let syntax)): "the payload is not valid \(syntax.format)" + (syntax.offset.map { ": byte \($0)" } ?? "")
    case (.payload, _): shown
    case (.feature, _): "\(place) is missing or does not fit"
    case (.member, _): "\(place) has no value"
    }
  }

  private func words(quotingValues: Bool) -> String {
    switch kind {
    case .noPayload: return "the record has no payload: it is a tombstone"
    case .emptyPayload: return "the record's payload is empty"
    case .outOfMemory: return "there is no memory to read the payload"
    case .malformed(let syntax):
      let byte = syntax.offset.map { "byte \($0): " } ?? ""
      let found = syntax.found.map { ", found \(quotingValues ? $0 : "something else")" } ?? ""
      return "the payload is not valid \(syntax.format): \(byte)\(syntax.rule)\(found)"
    case .missing(let absence): return "\(place) \(absence.rawValue)"
    case .noValue(let fault):
      let source = place.source ?? ""
      return "\(place) has no value: \(quotingValues ? fault.description(in: source) : fault.shown(in: source))"
    case .mismatch(let mismatch): return "\(place): \(mismatch.words(quotingValues: quotingValues))"
    }
  }
}

extension DecodingFault.Place: CustomStringConvertible {
  /// The expression, if there is one.
  var source: String? {
    switch self {
    case .payload: nil
    case .feature(_, let source), .member(let source, _): source
    }
  }

  /// A feature by its name, and its expression where that says more.
  package var description: String {
    switch self {
    case .payload: "the payload"
    case .feature(let name, let source): name == source ? "feature \(name)" : "feature '\(name)' (\(source))"
    case .member(let source, let isID): isID ? "the id \(source)" : source
    }
  }
}
