/// A member of a prediction, read back from its JSON.
enum PredictionValue: Decodable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case list([PredictionValue])
  case object([String: PredictionValue])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .string(text)
    } else if let list = try? value.decode([PredictionValue].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: PredictionValue].self))
    }
  }

  /// The value as messages show it.
  var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): value.rounded() == value && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    case .string(let text): OrderedJSON.string(text).text
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
