/// Values that the file writes in YAML and that go on as JSON.
extension OrderedJSON {
  /// A YAML value as JSON; nil: the fault has been reported.
  static func read(_ node: ConfigurationNode, _ place: ConfigurationReader.Place, _ reader: inout ConfigurationReader) -> OrderedJSON? {
    switch node.content {
    case .invalid:
      reader.reject(node, place, expected: "a value", help: "")
      return nil
    case .list(let items):
      let values = items.enumerated().map { read($1, place.item($0, at: $1.location), &reader) }
      return values.contains(nil) ? nil : .array(values.compactMap(\.self))
    case .mapping(let entries):
      let members = entries.map { entry in
        read(entry.value, place.key(entry.key.value, at: entry.key.location), &reader).map { Member(name: entry.key.value, value: $0) }
      }
      return members.contains(nil) ? nil : .object(members.compactMap(\.self))
    case .scalar(let scalar):
      switch scalar.kind {
      case .null: return .null
      case .bool: return .bool(scalar.text.lowercased() == "true")
      case .string: return .string(scalar.text)
      case .integer, .float:
        if let number = number(ofPlain: scalar.text) { return .number(number) }
        reader.report("\(place.label) is no number that JSON has: \(scalar.shownText)", at: node.location, help: "quote it, or use null")
        return nil
      }
    }
  }

  /// A number as JSON writes it, of one as YAML may: `+5`, `.5`, `5.`, `007`, `0x1F` or `0o17`.
  private static func number(ofPlain text: String) -> String? {
    if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16).map(String.init) }
    if text.hasPrefix("0o") { return UInt64(text.dropFirst(2), radix: 8).map(String.init) }
    if text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/) != nil { return text }
    if let integer = Int64(text) { return String(integer) }
    guard let real = Double(text), real.isFinite else { return nil }
    return "\(real)"
  }

  /// The JSON on one line.
  var compact: String {
    switch self {
    case .array(let items): "[\(items.map(\.compact).joined(separator: ","))]"
    case .object(let members): "{\(members.map { "\(OrderedJSON.string($0.name).text):\($0.value.compact)" }.joined(separator: ","))}"
    default: text
    }
  }
}

extension ConfigurationType where Value == OrderedJSON {
  /// How an event is written: as a mapping or a list. Others are written as `raw`.
  static let event = ConfigurationType(label: "mapping", schema: ["type": ["object", "array"]]) { node, place, reader in
    switch node.content {
    case .mapping, .list: return OrderedJSON.read(node, place, &reader)
    default:
      reader.reject(node, place, expected: "a mapping", help: "write the event as {NAME: VALUE}, or its text as raw: '…'")
      return nil
    }
  }
}

extension ConfigurationType where Value == String {
  /// Any scalar, as its text: also an empty one, one of several lines, or `17`.
  static let anyText = ConfigurationType(label: "text", schema: ["type": ["string", "number", "boolean"]], show: { .string($0) }) {
    node, place, reader in
    reader.scalar(node, place, expected: "a text", help: "quote it")?.text
  }
}

extension ConfigurationType where Value == Double {
  /// A number as short as it can be: `1` rather than `1.0`.
  private static func shown(_ value: Double) -> String { Int64(exactly: value).map(String.init) ?? "\(value)" }

  static func number(_ range: ClosedRange<Double>) -> Self {
    let (low, high) = (shown(range.lowerBound), shown(range.upperBound))
    let schema: OrderedJSON = ["type": "number", "minimum": .number(low), "maximum": .number(high)]
    let allowed = "allowed: \(low) to \(high)"
    return ConfigurationType(
      label: "number, \(low) to \(high)", schema: ["anyOf": [schema, ["type": "string", "pattern": "\\$\\{"]]], show: { .number("\($0)") }
    ) { node, place, reader in
      guard let scalar = reader.scalar(node, place, expected: "a number", help: allowed) else { return nil }
      guard scalar.kind == .integer || scalar.kind == .float || scalar.isInterpolated, let value = Double(scalar.text) else {
        reader.reject(node, place, expected: "a number", help: allowed)
        return nil
      }
      if range.contains(value) { return value }
      reader.report("\(place.label) is out of range: \(scalar.shownText)", at: node.location, help: allowed)
      return nil
    }
  }
}

extension ConfigurationType where Value == Int64 {
  /// A time with its offset, as milliseconds since 1970-01-01 UTC.
  static let timestamp = ConfigurationType(label: "RFC 3339 time", schema: ["type": "string"]) { node, place, reader in
    let help = "write a time with its offset, for example 2026-01-31T23:30:00Z"
    guard let scalar = reader.scalar(node, place, expected: "a time", help: help) else { return nil }
    if let milliseconds = RecordTime.milliseconds(of: scalar.text) { return milliseconds }
    reader.report("\(place.label) cannot be \(scalar.shown)", at: node.location, help: help)
    return nil
  }
}
