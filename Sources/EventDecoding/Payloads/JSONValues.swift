import CEL
import CELFields
import JSONFields

/// JSON text to values. Numbers keep JSON's leniency; of a name that occurs twice in an object the last value counts. What no value can
/// hold is there as a part that can't be read.
package enum JSONValues {
  private enum Kind {
    case list
    case map
  }

  private enum Key {
    case text(String)
    case unreadable(UnreadablePart)
  }

  /// A list or map whose elements are being read.
  private struct Open {
    let kind: Kind
    var missing: Int
    var elements: [Value] = []
    var members: [(key: String, value: Value)] = []
    /// Members whose names can't be read.
    var nameless: [(key: UnreadablePart, value: Value)] = []
    var key = Key.text("")
  }

  /// Nil if the text is not valid JSON.
  package static func value(_ json: UnsafeBufferPointer<UInt8>) -> Value? {
    var count = 0
    guard let tokens = mr_json_tokens(json.baseAddress, json.count, &count), count > 0 else { return nil }
    // Without recursion: how deep JSON nests is the sender's choice, the thread's stack is not.
    var open: [Open] = []
    var position = 0
    while true {
      let token = tokens[position]
      position += 1
      var finished: Value
      switch UInt32(token.kind) {
      case CEL_LIST.rawValue:
        open.append(Open(kind: .list, missing: token.count))
        open[open.count - 1].elements.reserveCapacity(token.count)
        guard token.count == 0 else { continue }
        finished = close(open.removeLast())
      case CEL_MAP.rawValue:
        open.append(Open(kind: .map, missing: token.count))
        open[open.count - 1].members.reserveCapacity(token.count)
        guard token.count == 0 else {
          open[open.count - 1].key = key(tokens[position])
          position += 1
          continue
        }
        finished = close(open.removeLast())
      default:
        finished = scalar(token)
      }
      while true {
        guard let top = open.indices.last else { return finished }
        switch open[top].kind {
        case .list: open[top].elements.append(finished)
        case .map:
          switch open[top].key {
          case .text(let name): open[top].members.append((name, finished))
          case .unreadable(let name): open[top].nameless.append((name, finished))
          }
        }
        open[top].missing -= 1
        if open[top].missing > 0 {
          if open[top].kind == .map {
            open[top].key = key(tokens[position])
            position += 1
          }
          break
        }
        finished = close(open.removeLast())
      }
    }
  }

  private static func close(_ container: Open) -> Value {
    switch container.kind {
    case .list: .list(container.elements)
    case .map where container.nameless.isEmpty: .map(ValueMap(members: container.members))
    case .map: .map(ValueMap(members: container.members).adding(unreadable: container.nameless))
    }
  }

  private static func key(_ token: mr_token) -> Key {
    UInt32(token.kind) == CEL_UNREADABLE.rawValue ? .unreadable(UnreadablePart(json: text(token))) : .text(text(token))
  }

  private static func scalar(_ token: mr_token) -> Value {
    switch UInt32(token.kind) {
    case CEL_FALSE.rawValue: .bool(false)
    case CEL_TRUE.rawValue: .bool(true)
    case CEL_INT.rawValue: .number(.int(token.integer))
    case CEL_UINT.rawValue: .number(.uint(token.uinteger))
    case CEL_DOUBLE.rawValue: .number(.double(token.real))
    case CEL_STRING.rawValue: .string(text(token))
    case CEL_UNREADABLE.rawValue: .unreadable(UnreadablePart(json: text(token)))
    default: .null
    }
  }

  private static func text(_ token: mr_token) -> String {
    String(decoding: UnsafeBufferPointer(start: token.text, count: token.count), as: UTF8.self)
  }

  /// The value of an extracted field; nil if it is absent, or is a list or map that is not valid JSON.
  static func value(_ field: cel_field) -> Value? {
    switch UInt32(field.kind) {
    case CEL_NULL.rawValue: .null
    case CEL_FALSE.rawValue: .bool(false)
    case CEL_TRUE.rawValue: .bool(true)
    case CEL_INT.rawValue: .number(.int(field.integer))
    case CEL_UINT.rawValue: .number(.uint(field.uinteger))
    case CEL_DOUBLE.rawValue: .number(.double(field.real))
    case CEL_STRING.rawValue: .string(String(decoding: UnsafeBufferPointer(start: field.text, count: field.text_length), as: UTF8.self))
    case CEL_LIST.rawValue, CEL_MAP.rawValue: value(UnsafeBufferPointer(start: field.raw, count: field.raw_length))
    default: nil
    }
  }
}
