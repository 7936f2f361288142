/// The type of an expression as far as it is known before any event; `dyn` if only the event tells.
public enum ExpressionType: String, Sendable, CaseIterable {
  case dyn, null, bool, int, uint, double, string, bytes, list, map, timestamp, duration, type, optional

  init(_ type: StaticType) {
    self =
      switch type {
      case .dyn, .parameter: .dyn
      case .null: .null
      case .bool: .bool
      case .int: .int
      case .uint: .uint
      case .double: .double
      case .string: .string
      case .bytes: .bytes
      case .timestamp: .timestamp
      case .duration: .duration
      case .type: .type
      case .list: .list
      case .map: .map
      case .optional: .optional
      }
  }
}
