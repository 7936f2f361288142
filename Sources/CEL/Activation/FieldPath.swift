/// Where a value lies in an event: `event.card.limit`, `event.items[0]["unit price"]`. The empty path is the event itself.
public struct FieldPath: Hashable, Sendable {
  /// One step of a path.
  public enum Component: Hashable, Sendable {
    /// A member of an object.
    case key(String)
    /// An element of an array, counted from 0.
    case index(Int)
  }

  /// The steps, from the event inward.
  public var components: [Component]

  /// Makes a path of its steps; none is the event itself.
  public init(_ components: [Component] = []) {
    self.components = components
  }
}

extension FieldPath.Component {
  // Keys are compared byte by byte, as JSON has them; to Swift, two spellings of the same letter are one string.

  public static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.key(let left), .key(let right)): left.utf8.elementsEqual(right.utf8)
    case (.index(let left), .index(let right)): left == right
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .key(let key): for byte in key.utf8 { hasher.combine(byte) }
    case .index(let index): hasher.combine(index)
    }
  }
}

extension FieldPath: CustomStringConvertible {
  /// The path as an expression spells it.
  public var description: String {
    components.reduce(into: "event") { text, component in
      switch component {
      case .key(let key) where Self.isIdentifier(key): text += "." + key
      case .key(let key): text += "[\"" + key.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"]"
      case .index(let index): text += "[\(index)]"
      }
    }
  }

  private static func isIdentifier(_ key: String) -> Bool {
    guard let first = key.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return key.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
  }
}
