/// Lists and maps: making them, and what they hold.
extension Program {
  // MARK: Fields and elements

  /// A member, optional where it was asked for so or what holds it is optional.
  func select(_ node: Node, _ operand: Value) throws(EvaluationFault) -> Value {
    let name = constants[Int(node.b)]
    if case .optional(let held) = operand {
      guard let held else { return operand }
      return .optional(try readable(node, name, try field(node, held, name)))
    }
    let found = try readable(node, name, try field(node, operand, name))
    if node.detail == 1 { return .optional(found) }
    guard let found else { throw EvaluationFault(.noSuchKey(name, isWritten: true), at: node.position) }
    return found
  }

  func has(_ node: Node, _ operand: Value) throws(EvaluationFault) -> Bool {
    let name = constants[Int(node.b)]
    guard case .optional(let held) = operand else { return try field(node, operand, name) != nil }
    guard let held else { return false }
    return try field(node, held, name) != nil
  }

  private func field(_ node: Node, _ operand: Value, _ name: Value) throws(EvaluationFault) -> Value? {
    guard case .map(let map) = operand else {
      throw EvaluationFault(.invalid("\(operand.type.plainName.withArticle) has no field \(name.text)"), at: node.position)
    }
    return map[name]
  }

  /// A member or element that was found; a fault that names it if it can't be read.
  @inline(__always)
  private func readable(_ node: Node, _ name: Value, _ found: Value?) throws(EvaluationFault) -> Value? {
    guard case .unreadable(let part)? = found else { return found }
    let isWritten = node.operation == .select || nodes[Int(node.b)].operation == .constant
    throw EvaluationFault(.unreadablePart(isWritten ? "the part \(name.text)" : "a part of the event", part), at: node.position)
  }

  func index(_ node: Node, _ operand: Value, _ index: Value) throws(EvaluationFault) -> Value {
    if case .optional(let held) = operand {
      guard let held else { return operand }
      return .optional(try readable(node, index, try element(node, held, index)))
    }
    let found = try readable(node, index, try element(node, operand, index))
    if node.detail == 1 { return .optional(found) }
    if let found { return found }
    if case .list(let elements) = operand { throw EvaluationFault(.indexOutOfRange(index, count: elements.count), at: node.position) }
    throw EvaluationFault(.noSuchKey(index, isWritten: nodes[Int(node.b)].operation == .constant), at: node.position)
  }

  private func element(_ node: Node, _ operand: Value, _ index: Value) throws(EvaluationFault) -> Value? {
    switch operand {
    case .map(let map): return map[index]
    case .list(let elements):
      guard case .int(let position)? = MapKey(index) else { break }
      return elements.indices.contains(Int(position)) ? elements[Int(position)] : nil
    default: break
    }
    throw EvaluationFault(.noOverload("_[_]", [operand.type, index.type]), at: node.position)
  }

  func isIn(_ node: Node, _ element: Value, _ container: Value, _ meter: inout Meter) throws(EvaluationFault) -> Value {
    switch container {
    case .map(let map):
      try meter.charge(element.heft)
      return .bool(map[element] != nil)
    case .list(let elements):
      try meter.charge(elements.count / 4)
      var fault: EvaluationFault?
      for candidate in elements {
        do throws(EvaluationFault) {
          if try ValueComparison.equal(element, candidate, &meter) { return .bool(true) }
        } catch {
          // As in a chain of `||`: a part that can't be read matters only if no other element decides.
          guard case .unreadablePart = error.reason else { throw error }
          fault = fault ?? error.at(node.position)
        }
      }
      if let fault { throw fault }
      return .bool(false)
    default: throw EvaluationFault(.noOverload("in", [element.type, container.type]), at: node.position)
    }
  }

  // MARK: Literals

  /// The values without those that are optional and missing.
  func list(_ node: Node, _ values: [Value]) throws(EvaluationFault) -> [Value] {
    guard node.detail == 1 else { return values }
    var elements: [Value] = []
    for (index, value) in values.enumerated() {
      if let element = try held(node, index, value) { elements.append(element) }
    }
    return elements
  }

  func map(_ node: Node, _ values: [Value], _ meter: inout Meter) throws(EvaluationFault) -> ValueMap {
    var entries: [(key: Value, value: Value)] = []
    entries.reserveCapacity(values.count / 2)
    for index in stride(from: 0, to: values.count, by: 2) {
      if let value = try held(node, index + 1, values[index + 1]) { entries.append((values[index], value)) }
    }
    return try Self.map(entries, node.position, &meter)
  }

  static func map(
    _ entries: [(key: Value, value: Value)], _ position: Int32, _ meter: inout Meter
  ) throws(EvaluationFault) -> ValueMap {
    for entry in entries {
      try meter.charge(entry.key.heft)
      switch entry.key.strict {
      case .bool, .int, .uint, .string: continue
      case .unreadable(let part): throw EvaluationFault(.unreadablePart("a name in the event", part), at: position)
      default: throw EvaluationFault(.invalid("\(entry.key.type.plainName.withArticle) can't be the key of a map"), at: position)
      }
    }
    guard let map = ValueMap(distinct: entries) else { throw EvaluationFault(.invalid("a key occurs twice in the map"), at: position) }
    return map
  }

  /// What a child stands for: itself, or what it holds if it is written with a question mark.
  private func held(_ node: Node, _ child: Int, _ value: Value) throws(EvaluationFault) -> Value? {
    guard node.detail == 1, children[Int(node.c) + child] == 1 else { return value }
    guard case .optional(let held) = value else {
      throw EvaluationFault(.invalid("'?' needs an optional value, not \(value.type.plainName.withArticle)"), at: node.position)
    }
    return held
  }
}
