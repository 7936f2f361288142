import CELFields

/// What a condition says of a record: it holds, it doesn't, or it has no answer because a part of it failed.
@frozen
public enum Truth: UInt8, Sendable {
  case no
  case yes
  case fault

  @inline(__always)
  init(_ flag: Bool) {
    self = flag ? .yes : .no
  }
}

/// Conditions without values. Nothing here allocates, throws or counts references, but for `general`.
extension Program {
  func truth(_ index: Int32, _ context: borrowing Activation, _ frame: inout Frame) -> Truth {
    let node = nodes[Int(index)]
    switch node.operation {
    case .certain: return Truth(node.detail == 1)
    case .allOf: return joined(node, deciding: .no, context, &frame)
    case .anyOf: return joined(node, deciding: .yes, context, &frame)
    case .inverse:
      switch truth(node.a, context, &frame) {
      case .no: return .yes
      case .yes: return .no
      case .fault: return .fault
      }
    case .choice:
      switch truth(node.a, context, &frame) {
      case .yes: return truth(node.b, context, &frame)
      case .no: return truth(node.c, context, &frame)
      case .fault: return .fault
      }
    case .slotIsTrue:
      guard let field = Self.field(node.a, context) else { return .fault }
      let kind = Int32(field.pointee.kind)
      return kind == FieldKind.true ? .yes : kind == FieldKind.false ? .no : .fault
    case .slotIsKind:
      guard let field = Self.field(node.a, context) else { return .fault }
      return Truth((Int32(field.pointee.kind) == node.b) == (node.detail == 0))
    case .numberRelation: return numberRelation(node, context)
    case .numberIn: return numberIn(node, context)
    case .slotRelation: return slotRelation(node, context, &frame)
    case .textRelation: return textRelation(node, context)
    case .textTest, .textMatches: return textTest(node, context)
    case .textIn: return textIn(node, context)
    case .slotIsThere: return slotIsThere(node, context)
    case .entryIsThere: return Truth(entry(node.a, context).isThere)
    default: return general(node.a, context, &frame)
    }
  }

  /// A fault counts only if no operand decides.
  @inline(__always)
  private func joined(_ node: Node, deciding: Truth, _ context: borrowing Activation, _ frame: inout Frame) -> Truth {
    var result: Truth = deciding == .no ? .yes : .no
    for child in Int(node.a)..<Int(node.a + node.b) {
      let operand = truth(children[child], context, &frame)
      if operand == deciding { return deciding }
      if operand == .fault { result = .fault }
    }
    return result
  }

  @inline(never)
  private func general(_ index: Int32, _ context: borrowing Activation, _ frame: inout Frame) -> Truth {
    do throws(EvaluationFault) {
      if case .bool(let flag) = try value(index, context, &frame) { return Truth(flag) }
      return .fault
    } catch {
      return .fault
    }
  }

  // MARK: Fields

  /// A field that can be read; nil if it is absent or unreadable, or there is no event.
  @inline(__always)
  static func field(_ slot: Int32, _ context: borrowing Activation) -> UnsafePointer<cel_field>? {
    guard context.eventFault == nil, let fields = context.fields else { return nil }
    let field = fields + Int(slot)
    // The first kind and the last are those that have no value.
    return field.pointee.kind &- 1 < UInt8(FieldKind.map) ? field : nil
  }

  /// What a field holds that can't be read.
  @inline(never)
  static func unreadable(_ slot: Int32, _ context: borrowing Activation) -> UnreadablePart? {
    guard context.eventFault == nil, let field = context.fields.map({ $0 + Int(slot) }) else { return nil }
    return UnreadablePart(field)
  }

  /// Like `has`: a fault if what should hold the field is no object.
  func slotIsThere(_ node: Node, _ context: borrowing Activation) -> Truth {
    if Self.field(node.a, context) != nil { return .yes }
    guard context.eventFault == nil, let fields = context.fields else { return .fault }
    if Int32(fields[Int(node.a)].kind) == FieldKind.unreadable { return .yes }
    if node.b >= 0 { return Int32(fields[Int(node.b)].kind) == FieldKind.map ? .no : .fault }
    return context.containers.root(context.containers.context) == FieldKind.map ? .no : .fault
  }

  // MARK: Numbers

  @inline(__always)
  private func numberRelation(_ node: Node, _ context: borrowing Activation) -> Truth {
    if node.a < 0 { return variableRelation(node, context) }
    guard let field = Self.field(node.a, context) else { return .fault }
    let relation = Relation(rawValue: node.detail).unsafelyUnwrapped
    if let order = Self.order(field, node) { return Truth(relation.holds(order)) }
    // Not a number: unequal to any, and without an order.
    return relation == .equal ? .no : relation == .notEqual ? .yes : .fault
  }

  @inline(never)
  private func variableRelation(_ node: Node, _ context: borrowing Activation) -> Truth {
    guard let record = context.record else { return .fault }
    let integer = NumberSource.place(node.a).integer(in: record)
    return Truth(Relation(rawValue: node.detail).unsafelyUnwrapped.holds(Self.order(integer, node)))
  }

  @inline(never)
  private func numberIn(_ node: Node, _ context: borrowing Activation) -> Truth {
    for child in Int(node.b)..<Int(node.b + node.c) {
      let found = numberRelation(nodes[Int(children[child])], context)
      if found != .no { return found }
    }
    return .no
  }

  /// The order of an integer and a node's literal.
  @inline(__always)
  private static func order(_ integer: Int64, _ literal: Node) -> Order {
    switch literal.b {
    case FieldKind.int: ValueComparison.order(integer, Int64(bitPattern: literal.bits))
    case FieldKind.uint: ValueComparison.order(integer, literal.bits)
    default: ValueComparison.order(integer, Double(bitPattern: literal.bits))
    }
  }

  /// The order of a field and a node's literal; nil if the field is no number.
  @inline(__always)
  private static func order(_ field: UnsafePointer<cel_field>, _ literal: Node) -> Order? {
    switch Int32(field.pointee.kind) {
    case FieldKind.int: return order(field.pointee.integer, literal)
    case FieldKind.double:
      switch literal.b {
      case FieldKind.int: return ValueComparison.order(Int64(bitPattern: literal.bits), field.pointee.real).reversed
      case FieldKind.uint: return ValueComparison.order(literal.bits, field.pointee.real).reversed
      default: return ValueComparison.order(field.pointee.real, Double(bitPattern: literal.bits))
      }
    case FieldKind.uint:
      switch literal.b {
      case FieldKind.int: return ValueComparison.order(Int64(bitPattern: literal.bits), field.pointee.uinteger).reversed
      case FieldKind.uint: return ValueComparison.order(field.pointee.uinteger, literal.bits)
      default: return ValueComparison.order(field.pointee.uinteger, Double(bitPattern: literal.bits))
      }
    default: return nil
    }
  }

  @inline(never)
  private func slotRelation(_ node: Node, _ context: borrowing Activation, _ frame: inout Frame) -> Truth {
    guard let left = Self.field(node.a, context), let right = Self.field(node.b, context) else { return .fault }
    let relation = Relation(rawValue: node.detail).unsafelyUnwrapped
    switch (Int32(left.pointee.kind), Int32(right.pointee.kind)) {
    case (FieldKind.int, FieldKind.int):
      return Truth(relation.holds(ValueComparison.order(left.pointee.integer, right.pointee.integer)))
    case (FieldKind.double, FieldKind.double):
      return Truth(relation.holds(ValueComparison.order(left.pointee.real, right.pointee.real)))
    case (FieldKind.string, FieldKind.string):
      let left = UnsafeBufferPointer(start: left.pointee.text, count: left.pointee.text_length)
      let right = UnsafeBufferPointer(start: right.pointee.text, count: right.pointee.text_length)
      return Truth(relation.holds(ValueComparison.order(left, right)))
    default: return general(node.c, context, &frame)
    }
  }
}
