/// The rarer values: of variables, of lists and maps.
extension Program {
  @inline(never)
  func other(_ node: Node, _ context: borrowing Activation, _ frame: inout Frame) throws(EvaluationFault) -> Value {
    switch node.operation {
    case .given:
      guard let values = context.values else { throw noValue(node) }
      return values[Int(node.a)]
    case .variable: return try variable(node, context, &frame.meter)
    case .texts: return .map(try Self.texts(context, &frame.meter))
    case .optionalSlot: return .optional(try optionalSlot(node, context, &frame))
    case .entry: return try entry(node, String(cString: names[Int(node.a)].baseAddress.unsafelyUnwrapped), context, &frame.meter)
    case .entryNamed:
      let name = try value(node.a, context, &frame)
      guard case .string(let text) = name else { throw EvaluationFault(.noSuchKey(name, isWritten: false), at: node.position) }
      return try entry(node, text, context, &frame.meter)
    case .hasEntry: return .bool(entry(node.a, context).isThere)
    case .hasEntryNamed:
      guard case .string(let name) = try value(node.a, context, &frame), !name.utf8.contains(0) else { return .bool(false) }
      return .bool(name.withCString { [texts = context.texts] in Self.entry($0, in: texts).isThere })
    case .hasSlot:
      switch slotIsThere(node, context) {
      case .yes: return .bool(true)
      case .no: return .bool(false)
      case .fault: throw holderFault(node, context)
      }
    case .select: return try select(node, try value(node.a, context, &frame))
    case .has: return .bool(try has(node, try value(node.a, context, &frame)))
    case .index:
      let operand = try value(node.a, context, &frame)
      let index = try value(node.b, context, &frame)
      try frame.meter.charge(index.heft)
      return try self.index(node, operand, index)
    case .isIn:
      let element = try value(node.a, context, &frame)
      let container = try value(node.b, context, &frame)
      return try isIn(node, element, container, &frame.meter)
    case .list: return .list(try list(node, try values(node, context, &frame)))
    case .map: return .map(try map(node, try values(node, context, &frame), &frame.meter))
    case .optionalMap: return try optionalMap(node, context, &frame)
    case .negate:
      let operand = try value(node.a, context, &frame)
      do throws(EvaluationFault) { return try Arithmetic.negate(operand) } catch { throw error.at(node.position) }
    case .not:
      let operand = try value(node.a, context, &frame)
      guard case .bool(let flag) = operand else { throw EvaluationFault(.noOverload("!", [operand.type]), at: node.position) }
      return .bool(!flag)
    default: preconditionFailure("\(node.operation) is no value")
    }
  }

  // MARK: Variables

  /// A variable that is read in place.
  private func variable(_ node: Node, _ context: borrowing Activation, _ meter: inout Meter) throws(EvaluationFault) -> Value {
    guard let record = context.record else { throw noValue(node) }
    let place = VariablePlace(code: node.a)
    switch place.layout {
    case .int32, .int64: return .int(place.integer(in: record))
    case .milliseconds:
      let milliseconds = place.integer(in: record)
      guard milliseconds >= 0, let time = Timestamp(milliseconds: milliseconds) else { throw noValue(node) }
      return .timestamp(time)
    case .text, .optionalBytes:
      guard let bytes = place.bytes(in: record) else { return .null }
      try meter.charge(bytes.count / 64)
      return Self.text(bytes)
    }
  }

  private func noValue(_ node: Node) -> EvaluationFault {
    let access = node.operation == .given ? Variables.Access.value(Int(node.a)) : .inPlace(VariablePlace(code: node.a))
    return EvaluationFault(.noValue(variables.all.first { $0.access == access }?.name ?? ""), at: node.position)
  }

  /// A string, or bytes if it is not UTF-8.
  private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> Value {
    String(validating: bytes, as: UTF8.self).map(Value.string) ?? .bytes(Array(bytes))
  }

  private func entry(
    _ node: Node, _ name: String, _ context: borrowing Activation, _ meter: inout Meter
  ) throws(EvaluationFault) -> Value {
    let isOptional = node.detail == 1
    let found = name.utf8.contains(0) ? .absent : name.withCString { [texts = context.texts] in Self.entry($0, in: texts) }
    guard case .value(let bytes) = found else {
      if isOptional { return .optional(nil) }
      throw EvaluationFault(.noSuchEntry(textMap, name, isWritten: node.operation == .entry), at: node.position)
    }
    try meter.charge(bytes.count / 64)
    guard bytes.baseAddress != nil else { return isOptional ? .optional(.null) : .null }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw EvaluationFault(.noUTF8Entry(textMap, name, isWritten: node.operation == .entry), at: node.position)
    }
    return isOptional ? .optional(.string(text)) : .string(text)
  }

  /// What the map of texts is called.
  private var textMap: String { variables.all.first { $0.access == .texts }?.name ?? "" }

  /// The whole map of texts; of a name that occurs twice the last counts. A value that is not UTF-8 is there as bytes.
  private static func texts(_ context: borrowing Activation, _ meter: inout Meter) throws(EvaluationFault) -> ValueMap {
    guard let texts = context.texts?.pointee else { return ValueMap(members: []) }
    var members: [(key: String, value: Value)] = []
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var length = 0
    while texts.at(texts.context, members.count, &name, &value, &length), let found = name {
      try meter.charge(1 + length / 16)
      let bytes = UnsafeBufferPointer(start: value?.assumingMemoryBound(to: UInt8.self), count: value == nil ? 0 : length)
      members.append((String(cString: found), value == nil ? .null : text(bytes)))
    }
    return ValueMap(members: members)
  }

  private func holderFault(_ node: Node, _ context: borrowing Activation) -> EvaluationFault {
    if let fault = context.eventFault { return EvaluationFault(.event(fault), at: node.position) }
    guard node.b >= 0, let path = paths[node.b] else { return EvaluationFault(.invalid("the event is no object"), at: node.position) }
    guard Self.field(node.b, context) == nil, Self.unreadable(node.b, context) == nil else {
      return EvaluationFault(.invalid("\(path) is no object"), at: node.position)
    }
    return EvaluationFault(.noSuchField(path), at: node.position)
  }
}
