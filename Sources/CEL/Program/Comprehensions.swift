/// The macros that iterate. Every round is paid for, so that nesting them can't run without end.
extension Program {
  @inline(never)
  func comprehension(_ node: Node, _ context: borrowing Activation, _ frame: inout Frame) throws(EvaluationFault) -> Value {
    let iteration = iterations[Int(node.a)]
    var rounds = try Rounds(value(iteration.range, context, &frame), iteration, node.position)
    switch iteration.kind {
    case .all, .exists: return try quantifier(node, iteration, &rounds, context, &frame)
    case .existsOne:
      var count = 0
      while try rounds.next(&frame) {
        if try condition(node, iteration, context, &frame) { count += 1 }
      }
      return .bool(count == 1)
    case .list:
      var elements: [Value] = []
      while try rounds.next(&frame) {
        guard try condition(node, iteration, context, &frame) else { continue }
        elements.append(iteration.result >= 0 ? try value(iteration.result, context, &frame) : frame.locals[Int(iteration.firstLocal)])
      }
      return .list(elements)
    case .map, .entries:
      var entries: [(key: Value, value: Value)] = []
      while try rounds.next(&frame) {
        guard try condition(node, iteration, context, &frame) else { continue }
        let result = try value(iteration.result, context, &frame)
        if iteration.kind == .map {
          entries.append((frame.locals[Int(iteration.firstLocal)], result))
          continue
        }
        guard case .map(let map) = result else {
          throw EvaluationFault(.noOverload("transformMapEntry", [result.type]), at: node.position)
        }
        try frame.meter.charge(map.count)
        entries.append(contentsOf: zip(map.keys, map.values).map { ($0, $1) })
      }
      return .map(try Self.map(entries, node.position, &frame.meter))
    }
  }

  /// Like `&&` and `||` over the elements: a fault counts only if no element decides.
  private func quantifier(
    _ node: Node, _ iteration: Iteration, _ rounds: inout Rounds, _ context: borrowing Activation, _ frame: inout Frame
  ) throws(EvaluationFault) -> Value {
    let deciding = iteration.kind == .exists
    var fault: EvaluationFault?
    while try rounds.next(&frame) {
      do throws(EvaluationFault) {
        if try condition(node, iteration, context, &frame) == deciding { return .bool(deciding) }
      } catch {
        if fault == nil { fault = error }
      }
    }
    if let fault { throw fault }
    return .bool(!deciding)
  }

  @inline(__always)
  private func condition(
    _ node: Node, _ iteration: Iteration, _ context: borrowing Activation, _ frame: inout Frame
  ) throws(EvaluationFault) -> Bool {
    guard iteration.condition >= 0 else { return true }
    let condition = try value(iteration.condition, context, &frame)
    guard case .bool(let flag) = condition else {
      throw EvaluationFault(.invalid("the condition of a macro is a bool, not \(condition.type.plainName.withArticle)"), at: node.position)
    }
    return flag
  }
}

/// The elements that a comprehension goes through.
private struct Rounds {
  private let elements: [Value]
  /// The values of a map, or nil for a list.
  private let values: [Value]?
  private let iteration: Iteration
  private var position = 0

  init(_ range: Value, _ iteration: Iteration, _ position: Int32) throws(EvaluationFault) {
    self.iteration = iteration
    switch range {
    case .list(let list): (elements, values) = (list, nil)
    case .map(let map): (elements, values) = (map.keys, map.values)
    default: throw EvaluationFault(.invalid("\(range.type.plainName.withArticle) has no elements to iterate over"), at: position)
    }
  }

  /// Sets the variables for the next round; false if there is none.
  mutating func next(_ frame: inout Frame) throws(EvaluationFault) -> Bool {
    guard position < elements.count else { return false }
    try frame.meter.charge(iteration.weight)
    let local = Int(iteration.firstLocal)
    if iteration.hasTwoVariables {
      frame.locals[local] = values == nil ? .int(Int64(position)) : elements[position]
      frame.locals[local + 1] = values?[position] ?? elements[position]
    } else {
      frame.locals[local] = elements[position]
    }
    position += 1
    return true
  }
}
