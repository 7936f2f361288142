import CSimdJSON

/// Values that may be missing.
extension Program {
  /// The value of a path that may end early: nil where a part that was asked for optionally is not there.
  @inline(never)
  func optionalSlot(_ node: Node, _ context: borrowing EvaluationContext, _ frame: inout Frame) throws(EvaluationFault) -> Value? {
    if Self.field(node.a, context) != nil { return try slot(node, context, &frame) }
    guard context.eventFault == nil, let fields = context.fields else {
      throw EvaluationFault(.event(context.eventFault ?? .noPayload), at: node.position)
    }
    for holder in 0..<Int(node.c) {
      let slot = children[Int(node.b) + 2 * holder]
      let wanted = children[Int(node.b) + 2 * holder + 1]
      let kind = slot < 0 ? Self.eventKind(context) : Int32(fields[Int(slot)].kind)
      if kind == wanted { continue }
      // Beyond the first holder everything is optional: what isn't there ends the path, what is of another kind can't hold the rest.
      if kind == FieldKind.absent, holder > 0 { return nil }
      let path = paths[slot] ?? FieldPath()
      if kind == FieldKind.absent { throw EvaluationFault(.noSuchField(path), at: node.position) }
      // An object takes an index for a key that it can't have.
      if kind == FieldKind.object { return nil }
      throw EvaluationFault(.invalid("\(path) is no \(wanted == FieldKind.object ? "object" : "array")"), at: node.position)
    }
    return nil
  }

  /// Whether the event itself is an object or an array, as its first character tells; else null stands for all other kinds.
  static func eventKind(_ context: borrowing EvaluationContext) -> Int32 {
    guard let payload = context.record.value else { return FieldKind.null }
    for byte in payload where byte > 0x20 {
      return byte == UInt8(ascii: "{") ? FieldKind.object : byte == UInt8(ascii: "[") ? FieldKind.array : FieldKind.null
    }
    return FieldKind.null
  }

  @inline(never)
  func optionalMap(_ node: Node, _ context: borrowing EvaluationContext, _ frame: inout Frame) throws(EvaluationFault) -> Value {
    let operand = try value(node.a, context, &frame)
    let name = node.detail == 1 ? "optFlatMap" : "optMap"
    guard case .optional(let held) = operand else { throw EvaluationFault(.noOverload(name, [operand.type]), at: node.position) }
    guard let held else { return operand }
    frame.locals[Int(node.c)] = held
    let result = try value(node.b, context, &frame)
    guard node.detail == 1 else { return .optional(result) }
    guard case .optional = result else { throw EvaluationFault(.noOverload(name, [operand.type, result.type]), at: node.position) }
    return result
  }
}
