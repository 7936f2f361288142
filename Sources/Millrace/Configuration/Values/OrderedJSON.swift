import Texts

/// JSON as a tree that keeps the order of members: what is generated from it must not change from run to run.
enum OrderedJSON: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([OrderedJSON])
  case object([Member])

  struct Member: Sendable, Hashable {
    let name: String
    let value: OrderedJSON
  }

  /// The JSON, indented by two spaces a level.
  var text: String { render(indentation: "") }

  /// The value as a person reads it: a string without its quotes.
  var plain: String {
    if case .string(let text) = self { text } else { text }
  }

  private func render(indentation: String) -> String {
    let inner = indentation + "  "
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .number(let text): return text
    case .string(let text): return JSONString.quoted(text)
    case .array(let items):
      let isFlat = items.allSatisfy { if case .object = $0 { false } else { true } }
      if isFlat { return "[" + items.map { $0.render(indentation: inner) }.joined(separator: ", ") + "]" }
      return "[\n" + items.map { inner + $0.render(indentation: inner) }.joined(separator: ",\n") + "\n\(indentation)]"
    case .object(let members):
      if members.isEmpty { return "{}" }
      let lines = members.map { "\(inner)\(JSONString.quoted($0.name)): \($0.value.render(indentation: inner))" }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indentation)}"
    }
  }
}

extension OrderedJSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(integerLiteral value: Int) { self = .number(String(value)) }
  init(arrayLiteral elements: OrderedJSON...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, OrderedJSON)...) { self = .object(elements.map { Member(name: $0.0, value: $0.1) }) }

  /// An object with members put behind its own.
  func adding(_ members: [Member]) -> OrderedJSON {
    guard case .object(let own) = self else { return self }
    return .object(own + members)
  }
}
