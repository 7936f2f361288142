import CELFields

/// Evaluation with values, for whatever is no plain condition.
extension Program {
  func value(_ index: Int32, _ context: borrowing Activation, _ frame: inout Frame) throws(EvaluationFault) -> Value {
    let node = nodes[Int(index)]
    switch node.operation {
    case .constant: return constants[Int(node.a)]
    case .local:
      let local = frame.locals[Int(node.a)]
      if case .unreadable(let part) = local { throw EvaluationFault(.unreadablePart("a part of the event", part), at: node.position) }
      return local
    case .slot: return try slot(node, context, &frame)
    case .slotOr:
      guard let held = try optionalSlot(nodes[Int(node.a)], context, &frame) else { return try value(node.b, context, &frame) }
      return held
    case .conditional:
      switch truth(node.a, context, &frame) {
      case .yes: return try value(node.b, context, &frame)
      case .no: return try value(node.c, context, &frame)
      case .fault: throw try conditionFault(node, context, &frame)
      }
    case .arithmetic:
      let left = try value(node.a, context, &frame)
      let right = try value(node.b, context, &frame)
      return try arithmetic(node, left, right, &frame)
    case .relation:
      let left = try value(node.a, context, &frame)
      let right = try value(node.b, context, &frame)
      return try relation(node, left, right, &frame)
    case .logical: return try logical(node, context, &frame)
    case .comprehension: return try comprehension(node, context, &frame)
    case .bind:
      frame.locals[Int(node.c)] = try value(node.a, context, &frame)
      return try value(node.b, context, &frame)
    case .call1, .call2, .call, .matches, .zoned: return try call(node, context, &frame)
    default: return try other(node, context, &frame)
    }
  }

  @inline(never)
  private func conditionFault(
    _ node: Node, _ context: borrowing Activation, _ frame: inout Frame
  ) throws(EvaluationFault) -> EvaluationFault {
    let condition = try value(node.d, context, &frame)
    return EvaluationFault(.noOverload("?:", [condition.type]), at: node.position)
  }

  @inline(__always)
  private func arithmetic(_ node: Node, _ left: Value, _ right: Value, _ frame: inout Frame) throws(EvaluationFault) -> Value {
    let operation = ArithmeticOperator(rawValue: node.detail).unsafelyUnwrapped
    do throws(EvaluationFault) {
      return try Arithmetic.apply(operation, left, right, &frame.meter)
    } catch {
      throw error.at(node.position)
    }
  }

  @inline(__always)
  private func relation(_ node: Node, _ left: Value, _ right: Value, _ frame: inout Frame) throws(EvaluationFault) -> Value {
    let relation = Relation(rawValue: node.detail).unsafelyUnwrapped
    switch relation {
    case .equal: return .bool(try ValueComparison.equal(left, right, &frame.meter))
    case .notEqual: return .bool(try !ValueComparison.equal(left, right, &frame.meter))
    default:
      try frame.meter.charge(min(left.heft, right.heft))
      guard let order = ValueComparison.order(left, right) else {
        throw EvaluationFault(.noOverload(relation.symbol, [left.type, right.type]), at: node.position)
      }
      return .bool(relation.holds(order))
    }
  }

  /// A fault counts only if no operand decides.
  @inline(never)
  private func logical(_ node: Node, _ context: borrowing Activation, _ frame: inout Frame) throws(EvaluationFault) -> Value {
    let logical = Logical(rawValue: node.detail).unsafelyUnwrapped
    var fault: EvaluationFault?
    for child in Int(node.a)..<Int(node.a + node.b) {
      do throws(EvaluationFault) {
        let operand = try value(children[child], context, &frame)
        guard case .bool(let flag) = operand else {
          throw EvaluationFault(.noOverload(logical == .and ? "&&" : "||", [operand.type]), at: node.position)
        }
        if flag == logical.deciding { return .bool(flag) }
      } catch {
        if fault == nil { fault = error }
      }
    }
    if let fault { throw fault }
    return .bool(!logical.deciding)
  }

  @inline(never)
  private func call(_ node: Node, _ context: borrowing Activation, _ frame: inout Frame) throws(EvaluationFault) -> Value {
    // Copied out first: where an argument fails, the position is its own.
    switch node.operation {
    case .call1:
      let argument = try value(node.a, context, &frame)
      do throws(EvaluationFault) { return try function(node).apply(argument, &frame.meter) } catch { throw error.at(node.position) }
    case .call2:
      let first = try value(node.a, context, &frame)
      let second = try value(node.b, context, &frame)
      do throws(EvaluationFault) { return try function(node).apply(first, second, &frame.meter) } catch { throw error.at(node.position) }
    case .matches:
      let operand = try value(node.a, context, &frame)
      guard case .string(let text) = operand else {
        throw EvaluationFault(.noOverload("matches", [operand.type, .string]), at: node.position)
      }
      try frame.meter.charge(operand.heft)
      return .bool(text.withBytes { text in patternHandles[Int(node.b)]._withUnsafeGuaranteedRef { $0.matches(text) } })
    case .zoned:
      let time = try value(node.a, context, &frame)
      guard case .timestamp = time, let part = try TimeFunctions.apply(function(node), time, zone: zones[Int(node.b)]) else {
        throw EvaluationFault(.noOverload(function(node).name, [time.type, .string]), at: node.position)
      }
      return part
    default:
      let arguments = try values(node, context, &frame)
      do throws(EvaluationFault) { return try function(node).apply(arguments, &frame.meter) } catch { throw error.at(node.position) }
    }
  }

  private func function(_ node: Node) -> Function {
    Function(rawValue: node.detail).unsafelyUnwrapped
  }

  /// The values of a node's children.
  func values(_ node: Node, _ context: borrowing Activation, _ frame: inout Frame) throws(EvaluationFault) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(Int(node.b))
    for child in Int(node.a)..<Int(node.a + node.b) { values.append(try value(children[child], context, &frame)) }
    return values
  }

  @inline(__always)
  func slot(_ node: Node, _ context: borrowing Activation, _ frame: inout Frame) throws(EvaluationFault) -> Value {
    guard let field = Self.field(node.a, context) else { throw slotFault(node, context) }
    switch Int32(field.pointee.kind) {
    case FieldKind.int: return .number(.int(field.pointee.integer))
    case FieldKind.double: return .number(.double(field.pointee.real))
    case FieldKind.string: try frame.meter.charge(field.pointee.text_length / 64)
    case FieldKind.list, FieldKind.map: try frame.meter.charge(field.pointee.raw_length / 16)
    default: break
    }
    guard let value = Self.value(field, context) else {
      throw EvaluationFault(.event(EventFault("a value of the event can't be read")), at: node.position)
    }
    return value
  }

  /// Why a slot has no value.
  @inline(never)
  private func slotFault(_ node: Node, _ context: borrowing Activation) -> EvaluationFault {
    if let fault = context.eventFault { return EvaluationFault(.event(fault), at: node.position) }
    let path = paths[node.a] ?? FieldPath()
    guard let part = Self.unreadable(node.a, context) else { return EvaluationFault(.noSuchField(path), at: node.position) }
    return EvaluationFault.unreadableField(path, part).at(node.position)
  }

  /// The value of a field, whose numbers are lenient; nil if it is a list or map that can't be read.
  private static func value(_ field: UnsafePointer<cel_field>, _ context: borrowing Activation) -> Value? {
    switch Int32(field.pointee.kind) {
    case FieldKind.false: return .bool(false)
    case FieldKind.true: return .bool(true)
    case FieldKind.int: return .number(.int(field.pointee.integer))
    case FieldKind.uint: return .number(.uint(field.pointee.uinteger))
    case FieldKind.double: return .number(.double(field.pointee.real))
    case FieldKind.string:
      return .string(String(decoding: UnsafeBufferPointer(start: field.pointee.text, count: field.pointee.text_length), as: UTF8.self))
    case FieldKind.list, FieldKind.map:
      return withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { [containers = context.containers] memory in
        guard let value = memory.baseAddress, containers.read(containers.context, field, value) else { return nil }
        return value.move()
      }
    default: return .null
    }
  }
}
