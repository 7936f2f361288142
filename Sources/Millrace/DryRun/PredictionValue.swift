import CEL

/// A member of a prediction, read back from its JSON.
enum PredictionValue {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case list([PredictionValue])
  case object([String: PredictionValue])
  /// What was copied from the event and no value can hold, as JSON.
  case unreadable(String)

  init(_ value: Value) {
    switch value.strict {
    case .bool(let flag): self = .bool(flag)
    case .string(let text): self = .string(text)
    case .list(let elements): self = .list(elements.map(Self.init))
    case .map(let map):
      let members = zip(map.keys, map.values).map { key, value in (Self.name(key), Self(value)) }
      self = .object(Dictionary(members) { $1 })
    case .unreadable(let part): self = .unreadable(part.json)
    default: self = value.doubleValue.map(Self.number) ?? .null
    }
  }

  private static func name(_ key: Value) -> String {
    switch key {
    case .string(let text): text
    case .unreadable(let part): part.json
    default: ""
    }
  }

  /// The value as messages show it.
  var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): value.rounded() == value && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    case .string(let text): OrderedJSON.string(text).text
    case .unreadable(let json): json
    case .list(let values): "[\(values.map(\.text).joined(separator: ","))]"
    case .object(let members): "{\(members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(separator: ","))}"
    }
  }

  /// Whether the value is the expected one, numbers within a tolerance.
  func matches(_ expected: OrderedJSON, tolerance: Double) -> Bool {
    switch (self, expected) {
    case (.null, .null): true
    case (.bool(let found), .bool(let wanted)): found == wanted
    case (.number(let found), .number(let text)): Double(text).map { abs($0 - found) <= tolerance } ?? false
    case (.string(let found), .string(let wanted)): found == wanted
    case (.list(let found), .array(let wanted)):
      found.count == wanted.count && zip(found, wanted).allSatisfy { $0.matches($1, tolerance: tolerance) }
    case (.object(let found), .object(let wanted)):
      found.count == wanted.count && wanted.allSatisfy { found[$0.name]?.matches($0.value, tolerance: tolerance) ?? false }
    default: false
    }
  }
}

extension OrderedJSON {
  var hasNumbers: Bool {
    switch self {
    case .number: true
    case .array(let items): items.contains(where: \.hasNumbers)
    case .object(let members): members.contains { $0.value.hasNumbers }
    default: false
    }
  }
}
