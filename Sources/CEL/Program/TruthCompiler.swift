/// Conditions that need no values: comparisons and tests of event fields, texts and variables in place with literals, and what joins them.
extension Compiler {
  /// The truth of a term whose value has been compiled already. Parts are found through that value's node, never compiled again.
  mutating func truth(_ term: Term, value: Int32) throws(SyntaxFault) -> Int32 {
    if usesTruths, let special = try specialTruth(term, value) { return parts.add(special) }
    return parts.add(Node(operation: .general, position: term.position, a: value))
  }

  private mutating func specialTruth(_ term: Term, _ value: Int32) throws(SyntaxFault) -> Node? {
    let node = parts.nodes[Int(value)]
    let position = term.position
    switch term.kind {
    case .literal(.bool(let flag)): return Node(operation: .certain, detail: flag ? 1 : 0, position: position)
    case .logical(let logical, let operands):
      var truths: [Int32] = []
      for (index, operand) in operands.enumerated() {
        truths.append(try truth(operand, value: parts.children[Int(node.a) + index]))
      }
      let operation: Node.Operation = logical == .and ? .allOf : .anyOf
      return Node(operation: operation, position: position, a: parts.add(children: truths), b: Int32(truths.count))
    case .not(let operand): return Node(operation: .inverse, position: position, a: try truth(operand, value: node.a))
    case .conditional(_, let yes, let no):
      return Node(
        operation: .choice, position: position, a: node.a, b: try truth(yes, value: node.b), c: try truth(no, value: node.c))
    case .relation(let relation, let left, let right): return self.relation(relation, left, right, value, position)
    case .isIn(let element, let container): return isIn(element, container, position)
    case .has:
      if node.operation == .hasSlot { return Node(operation: .slotIsThere, position: position, a: node.a, b: node.b) }
      if node.operation == .hasEntry { return Node(operation: .entryIsThere, position: position, a: node.a) }
      return nil
    case .call(let function, let arguments): return test(function, arguments, node, position)
    default:
      return node.operation == .slot ? Node(operation: .slotIsTrue, position: position, a: node.a) : nil
    }
  }

  // MARK: Sources

  private mutating func textSource(_ term: Term) -> (source: TextSource, index: Int32)? {
    if let path = Self.path(term) { return (.slot, slot(path)) }
    if let name = Self.entry(term) { return (.entry, parts.add(name: name)) }
    guard case .variable(let variable) = term.kind, case .inPlace(let place) = variable.access else { return nil }
    return place.layout == .text || place.layout == .optionalBytes ? (.variable, place.code) : nil
  }

  private mutating func numberSource(_ term: Term) -> Int32? {
    if let path = Self.path(term) { return slot(path) }
    guard case .variable(let variable) = term.kind, case .inPlace(let place) = variable.access else { return nil }
    return place.layout == .int32 || place.layout == .int64 ? NumberSource.variable(place) : nil
  }

  /// The kind of field and the bits of a literal number.
  private func number(_ value: Value) -> (kind: Int32, bits: UInt64)? {
    switch value {
    case .int(let integer): (FieldKind.int, UInt64(bitPattern: integer))
    case .uint(let integer): (FieldKind.uint, integer)
    case .double(let real): (FieldKind.double, real.bitPattern)
    default: nil
    }
  }

  // MARK: Conditions

  private mutating func relation(_ relation: Relation, _ left: Term, _ right: Term, _ value: Int32, _ position: Int32) -> Node? {
    if case .literal(let literal) = right.kind { return compare(left, relation, literal, position) }
    if case .literal(let literal) = left.kind { return compare(right, relation.mirrored, literal, position) }
    guard let left = Self.path(left), let right = Self.path(right) else { return nil }
    return Node(
      operation: .slotRelation, detail: relation.rawValue, position: position, a: slot(left), b: slot(right), c: value)
  }

  private mutating func compare(_ term: Term, _ relation: Relation, _ literal: Value, _ position: Int32) -> Node? {
    if let (kind, bits) = number(literal) {
      guard let source = numberSource(term) else { return nil }
      return Node(operation: .numberRelation, detail: relation.rawValue, position: position, a: source, b: kind, bits: bits)
    }
    switch literal {
    case .string(let text):
      guard let (source, index) = textSource(term) else { return nil }
      return Node(
        operation: .textRelation, detail: relation.rawValue, position: position, a: source.rawValue, b: index, c: parts.add(text: text))
    case .bool, .null:
      guard relation == .equal || relation == .notEqual, let path = Self.path(term) else { return nil }
      var kind = FieldKind.null
      if case .bool(let flag) = literal { kind = flag ? FieldKind.true : FieldKind.false }
      return Node(operation: .slotIsKind, detail: relation == .equal ? 0 : 1, position: position, a: slot(path), b: kind)
    default: return nil
    }
  }

  private mutating func isIn(_ element: Term, _ container: Term, _ position: Int32) -> Node? {
    if container.isTextMap, case .literal(.string(let name)) = element.kind, !name.utf8.contains(0) {
      return Node(operation: .entryIsThere, position: position, a: parts.add(name: name))
    }
    guard case .literal(.list(let elements)) = container.kind, !elements.isEmpty else { return nil }
    let texts = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
    if texts.count == elements.count {
      guard let (source, index) = textSource(element) else { return nil }
      let first = Int32(parts.texts.count)
      for text in texts { _ = parts.add(text: text) }
      return Node(operation: .textIn, position: position, a: source.rawValue, b: index, c: first, d: Int32(texts.count))
    }
    let numbers = elements.compactMap(number)
    guard numbers.count == elements.count, let source = numberSource(element) else { return nil }
    var candidates: [Int32] = []
    for (kind, bits) in numbers {
      candidates.append(
        parts.add(
          Node(operation: .numberRelation, detail: Relation.equal.rawValue, position: position, a: source, b: kind, bits: bits)))
    }
    return Node(
      operation: .numberIn, position: position, a: source, b: parts.add(children: candidates), c: Int32(candidates.count))
  }

  private mutating func test(_ function: Function, _ arguments: [Term], _ node: Node, _ position: Int32) -> Node? {
    guard arguments.count == 2, case .literal(.string(let text)) = arguments[1].kind else { return nil }
    switch function {
    case .contains, .startsWith, .endsWith:
      guard let (source, index) = textSource(arguments[0]) else { return nil }
      return Node(
        operation: .textTest, detail: function.rawValue, position: position, a: source.rawValue, b: index, c: parts.add(text: text))
    case .matches:
      guard let (source, index) = textSource(arguments[0]) else { return nil }
      return Node(operation: .textMatches, position: position, a: source.rawValue, b: index, c: node.b)
    default: return nil
    }
  }
}
