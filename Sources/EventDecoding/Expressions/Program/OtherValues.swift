/// The rarer values: of the record, of lists and maps.
extension Program {
  @inline(never)
  func other(_ node: Node, _ context: borrowing EvaluationContext, _ frame: inout Frame) throws(EvaluationFault) -> Value {
    switch node.operation {
    case .topic: return .string(String(decoding: context.record.topic, as: UTF8.self))
    case .partition: return .int(Int64(context.record.partition))
    case .offset: return .int(context.record.offset)
    case .key:
      try frame.meter.charge((context.record.key?.count ?? 0) / 64)
      return Self.key(context)
    case .timestamp:
      guard context.record.timestampMs >= 0, let time = Timestamp(milliseconds: context.record.timestampMs) else {
        throw EvaluationFault(.invalid("the record has no timestamp"), at: node.position)
      }
      return .timestamp(time)
    case .headers: return .map(try Self.headers(context, &frame.meter))
    case .optionalSlot: return .optional(try optionalSlot(node, context, &frame))
    case .header: return try header(node, String(cString: names[Int(node.a)].baseAddress.unsafelyUnwrapped), context, &frame.meter)
    case .headerNamed:
      let name = try value(node.a, context, &frame)
      guard case .string(let text) = name else { throw EvaluationFault(.noSuchKey(name), at: node.position) }
      return try header(node, text, context, &frame.meter)
    case .hasHeader: return .bool(header(node.a, context).isThere)
    case .hasHeaderNamed:
      guard case .string(let name) = try value(node.a, context, &frame), !name.utf8.contains(0) else { return .bool(false) }
      return .bool(name.withCString { [headers = context.record.headers] in Self.header($0, in: headers).isThere })
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

  // MARK: The record

  private static func key(_ context: borrowing EvaluationContext) -> Value {
    guard let key = context.record.key else { return .null }
    return text(UnsafeBufferPointer(start: key.baseAddress?.assumingMemoryBound(to: UInt8.self), count: key.count))
  }

  /// A string, or bytes if it is not UTF-8.
  private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> Value {
    String(validating: bytes, as: UTF8.self).map(Value.string) ?? .bytes(Array(bytes))
  }

  private func header(
    _ node: Node, _ name: String, _ context: borrowing EvaluationContext, _ meter: inout Meter
  ) throws(EvaluationFault) -> Value {
    let isOptional = node.detail == 1
    let found = name.utf8.contains(0) ? .absent : name.withCString { [headers = context.record.headers] in Self.header($0, in: headers) }
    guard case .value(let bytes) = found else {
      if isOptional { return .optional(nil) }
      throw EvaluationFault(.noSuchHeader(name), at: node.position)
    }
    try meter.charge(bytes.count / 64)
    guard bytes.baseAddress != nil else { return isOptional ? .optional(.null) : .null }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw EvaluationFault(.invalid("the header \(JSONText.quoted(name)) is not UTF-8"), at: node.position)
    }
    return isOptional ? .optional(.string(text)) : .string(text)
  }

  /// All headers as a map; of a name that occurs twice the last counts. A value that is not UTF-8 is there as bytes.
  private static func headers(_ context: borrowing EvaluationContext, _ meter: inout Meter) throws(EvaluationFault) -> ValueMap {
    let headers = context.record.headers
    var members: [(key: String, value: Value)] = []
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var length = 0
    while headers.at(headers.context, members.count, &name, &value, &length), let found = name {
      try meter.charge(1 + length / 16)
      let bytes = UnsafeBufferPointer(start: value?.assumingMemoryBound(to: UInt8.self), count: value == nil ? 0 : length)
      members.append((String(cString: found), value == nil ? .null : text(bytes)))
    }
    return ValueMap(members: members)
  }

  private func holderFault(_ node: Node, _ context: borrowing EvaluationContext) -> EvaluationFault {
    if let fault = context.eventFault { return EvaluationFault(.event(fault), at: node.position) }
    guard node.b >= 0, let path = paths[node.b] else { return EvaluationFault(.invalid("the event is no object"), at: node.position) }
    guard Self.field(node.b, context) == nil else { return EvaluationFault(.invalid("\(path) is no object"), at: node.position) }
    return EvaluationFault(.noSuchField(path), at: node.position)
  }
}
