/// A parsed YAML value: aliases and merge keys resolved, variables interpolated, each part with its place.
struct ConfigurationNode: Sendable {
  enum Content: Sendable {
    case scalar(Scalar)
    case list([ConfigurationNode])
    case mapping([Entry])
    /// A value whose fault has been reported.
    case invalid
  }

  struct Entry: Sendable {
    let key: Located<String>
    let value: ConfigurationNode
  }

  struct Scalar: Sendable {
    /// The kind of a plain scalar by YAML's core schema; a quoted one is a string.
    enum Kind: Sendable {
      case null, bool, integer, float, string
    }

    let text: String
    let isQuoted: Bool
    let origin: Interpolation.Origin

    /// Whether the scalar holds `${…}`. Such a one is whatever its place asks for: YAML wants it quoted where braces have a meaning.
    var isInterpolated: Bool { origin != .literal }
    var kind: Kind { isQuoted || isInterpolated ? .string : Self.kind(ofPlain: text) }
  }

  let location: SourceLocation
  let content: Content

  init(location: SourceLocation, content: Content) {
    self.location = location
    self.content = content
  }

  /// A key as a node, to be read as the name that it is.
  init(name: Located<String>) {
    self.init(location: name.location, content: .scalar(.init(text: name.value, isQuoted: true, origin: .literal)))
  }

  /// The value as messages show it: `the integer 3`, `a list`. Says nothing of a secret.
  var shown: String {
    switch content {
    case .list: "a list"
    case .mapping: "a mapping"
    case .invalid: "nothing"
    case .scalar(let scalar): scalar.shown
    }
  }
}

extension ConfigurationNode.Scalar {
  static func kind(ofPlain text: String) -> Kind {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE", "false", "False", "FALSE": return .bool
    default: break
    }
    if text.wholeMatch(of: /[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+/) != nil { return .integer }
    if text.wholeMatch(of: /[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/) != nil { return .float }
    return text.wholeMatch(of: /[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)/) != nil ? .float : .string
  }

  /// The text alone, for messages: numbers and the like need no quotes.
  var shownText: String { origin == .secret ? "a secret" : String(text.prefix(40)) }

  var shown: String {
    if origin == .secret { return "a secret" }
    return switch kind {
    case .null: "nothing"
    case .bool: "the boolean \(text)"
    case .integer: "the integer \(shownText)"
    case .float: "the number \(shownText)"
    case .string: "the string \(text.shown)"
    }
  }
}
