import CELFields

/// Values that may be missing.
extension Program {
  /// The value of a path that may end early: nil where a part that was asked for optionally is not there.
  @inline(never)
  func optionalSlot(_ node: Node, _ context: borrowing Activation, _ frame: inout Frame) throws(EvaluationFault) -> Value? {
    if Self.field(node.a, context) != nil { return try slot(node, context, &frame) }
    guard context.eventFault == nil, let fields = context.fields else {
      throw EvaluationFault(.event(context.eventFault ?? EventFault("there is no event")), at: node.position)
    }
    if Int32(fields[Int(node.a)].kind) == FieldKind.unreadable { return try slot(node, context, &frame) }
    for holder in 0..<Int(node.c) {
      let slot = children[Int(node.b) + 2 * holder]
      let wanted = children[Int(node.b) + 2 * holder + 1]
      let kind = slot < 0 ? context.containers.root(context.containers.context) : Int32(fields[Int(slot)].kind)
      if kind == wanted { continue }
      // Beyond the first holder everything is optional: what isn't there ends the path, what is of another kind can't hold the rest.
      if kind == FieldKind.absent, holder > 0 { return nil }
      let path = paths[slot] ?? FieldPath()
      if kind == FieldKind.absent { throw EvaluationFault(.noSuchField(path), at: node.position) }
      // An object takes an index for a key that it can't have.
      if kind == FieldKind.map { return nil }
      throw EvaluationFault(.invalid("\(path) is no \(wanted == FieldKind.map ? "object" : "array")"), at: node.position)
    }
    return nil
  }

  @inline(never)
  func optionalMap(_ node: Node, _ context: borrowing Activation, _ frame: inout Frame) throws(EvaluationFault) -> Value {
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
