/// Turns a checked expression into a program, and its constant paths into slots of a plan.
struct Compiler {
  var parts = ProgramParts()
  var fields: FieldPlan
  /// Off only to compare the two ways of evaluation: then every truth goes through values.
  var usesTruths = true

  static func compile(
    _ term: Term, _ variables: Variables, fields: inout FieldPlan, usesTruths: Bool = true
  ) throws(SyntaxFault) -> Program {
    var compiler = Compiler(fields: fields)
    compiler.parts.variables = variables
    compiler.usesTruths = usesTruths
    let value = try compiler.value(term)
    let truth = try compiler.truth(term, value: value)
    fields = compiler.fields
    return Program(compiler.parts, value: value, truth: truth)
  }

  private init(fields: FieldPlan) {
    self.fields = fields
  }

  // MARK: Values

  mutating func value(_ term: Term) throws(SyntaxFault) -> Int32 {
    let position = term.position
    if let path = Self.path(term) { return parts.add(Node(operation: .slot, position: position, a: slot(path))) }
    if let (path, certain) = Self.optionalPath(term) { return optionalSlot(path, certain, position) }
    if let name = Self.entry(term) { return parts.add(Node(operation: .entry, position: position, a: parts.add(name: name))) }
    switch term.kind {
    case .literal(let value): return parts.add(Node(operation: .constant, position: position, a: parts.add(constant: value)))
    case .local(let local):
      parts.localCount = max(parts.localCount, local + 1)
      return parts.add(Node(operation: .local, position: position, a: Int32(local)))
    case .variable(let variable): return self.variable(variable, position)
    case .select(let operand, let field, let isOptional):
      let detail: UInt8 = isOptional ? 1 : 0
      if operand.isTextMap {
        return parts.add(Node(operation: .entry, detail: detail, position: position, a: parts.add(name: field)))
      }
      return parts.add(
        Node(operation: .select, detail: detail, position: position, a: try value(operand), b: parts.add(constant: .string(field))))
    case .has(let operand, let field): return try has(operand, field, position)
    case .index(let operand, let index, let isOptional):
      let detail: UInt8 = isOptional ? 1 : 0
      if operand.isTextMap {
        return parts.add(Node(operation: .entryNamed, detail: detail, position: position, a: try value(index)))
      }
      return parts.add(Node(operation: .index, detail: detail, position: position, a: try value(operand), b: try value(index)))
    case .call(let function, let arguments): return try call(function, arguments, position)
    case .list(let elements, let optional):
      let node = try list(.list, elements, position)
      return flag(node, elements.indices.map { optional.contains($0) })
    case .map(let entries, let optional):
      let node = try list(.map, entries.flatMap { [$0.key, $0.value] }, position)
      return flag(node, entries.indices.flatMap { [false, optional.contains($0)] })
    case .negate(let operand): return parts.add(Node(operation: .negate, position: position, a: try value(operand)))
    case .not(let operand): return parts.add(Node(operation: .not, position: position, a: try value(operand)))
    case .arithmetic(let operation, let left, let right):
      return parts.add(
        Node(operation: .arithmetic, detail: operation.rawValue, position: position, a: try value(left), b: try value(right)))
    case .relation(let relation, let left, let right):
      return parts.add(Node(operation: .relation, detail: relation.rawValue, position: position, a: try value(left), b: try value(right)))
    case .isIn(let element, let container):
      if container.isTextMap {
        return parts.add(Node(operation: .hasEntryNamed, position: position, a: try value(element)))
      }
      return parts.add(Node(operation: .isIn, position: position, a: try value(element), b: try value(container)))
    case .logical(let logical, let operands): return try list(.logical, operands, position, detail: logical.rawValue)
    case .conditional(let test, let yes, let no):
      let testValue = try value(test)
      return parts.add(
        Node(
          operation: .conditional, position: position, a: try truth(test, value: testValue), b: try value(yes), c: try value(no),
          d: testValue))
    case .comprehension(let comprehension, let firstLocal): return try iteration(comprehension, firstLocal, position)
    case .bind(let bound, let body, let local):
      parts.localCount = max(parts.localCount, local + 1)
      return parts.add(Node(operation: .bind, position: position, a: try value(bound), b: try value(body), c: Int32(local)))
    case .optionalMap(let operand, let body, let local, let isFlat):
      parts.localCount = max(parts.localCount, local + 1)
      return parts.add(
        Node(
          operation: .optionalMap, detail: isFlat ? 1 : 0, position: position, a: try value(operand), b: try value(body), c: Int32(local)))
    }
  }

  private mutating func variable(_ variable: Variables.Variable, _ position: Int32) -> Int32 {
    switch variable.access {
    case .event: return parts.add(Node(operation: .slot, position: position, a: slot(FieldPath())))
    case .texts: return parts.add(Node(operation: .texts, position: position))
    case .value(let index): return parts.add(Node(operation: .given, position: position, a: Int32(index)))
    case .inPlace(let place): return parts.add(Node(operation: .variable, position: position, a: place.code))
    }
  }

  private mutating func has(_ operand: Term, _ field: String, _ position: Int32) throws(SyntaxFault) -> Int32 {
    if operand.isTextMap {
      return parts.add(Node(operation: .hasEntry, position: position, a: parts.add(name: field)))
    }
    if let path = Self.path(operand) {
      let holder = holder(path)
      return parts.add(Node(operation: .hasSlot, position: position, a: slot(FieldPath(path.components + [.key(field)])), b: holder))
    }
    return parts.add(Node(operation: .has, position: position, a: try value(operand), b: parts.add(constant: .string(field))))
  }

  private mutating func optionalSlot(_ path: FieldPath, _ certain: Int, _ position: Int32) -> Int32 {
    var holders: [Int32] = []
    for length in certain..<path.components.count {
      let kind: Int32
      if case .key = path.components[length] { kind = FieldKind.map } else { kind = FieldKind.list }
      holders += [holder(FieldPath(Array(path.components[..<length]))), kind]
    }
    return parts.add(
      Node(operation: .optionalSlot, position: position, a: slot(path), b: parts.add(children: holders), c: Int32(holders.count / 2)))
  }

  /// Notes which children of a list or map are optional.
  private mutating func flag(_ node: Int32, _ isOptional: [Bool]) -> Int32 {
    guard isOptional.contains(true) else { return node }
    parts.nodes[Int(node)].detail = 1
    parts.nodes[Int(node)].c = parts.add(children: isOptional.map { $0 ? 1 : 0 })
    return node
  }

  private mutating func list(
    _ operation: Node.Operation, _ terms: [Term], _ position: Int32, detail: UInt8 = 0
  ) throws(SyntaxFault) -> Int32 {
    var values: [Int32] = []
    for term in terms { values.append(try value(term)) }
    return parts.add(
      Node(operation: operation, detail: detail, position: position, a: parts.add(children: values), b: Int32(values.count)))
  }

  private mutating func call(_ function: Function, _ arguments: [Term], _ position: Int32) throws(SyntaxFault) -> Int32 {
    if function == .orValue, arguments.count == 2, Self.optionalPath(arguments[0]) != nil {
      return parts.add(Node(operation: .slotOr, position: position, a: try value(arguments[0]), b: try value(arguments[1])))
    }
    if arguments.count == 2, case .literal(.string(let text)) = arguments[1].kind {
      if function == .matches {
        let pattern = try pattern(text, arguments[1].position)
        return parts.add(Node(operation: .matches, position: position, a: try value(arguments[0]), b: pattern))
      }
      if function.isTimePart {
        guard let zone = try? Zone(text) else { throw SyntaxFault("unknown time zone '\(text)'", at: arguments[1].position) }
        parts.zones.append(zone)
        return parts.add(
          Node(
            operation: .zoned, detail: function.rawValue, position: position, a: try value(arguments[0]), b: Int32(parts.zones.count - 1)))
      }
    }
    switch arguments.count {
    case 1: return parts.add(Node(operation: .call1, detail: function.rawValue, position: position, a: try value(arguments[0])))
    case 2:
      return parts.add(
        Node(
          operation: .call2, detail: function.rawValue, position: position, a: try value(arguments[0]), b: try value(arguments[1])))
    default: return try list(.call, arguments, position, detail: function.rawValue)
    }
  }

  private static let mostPatterns = 100

  private mutating func pattern(_ text: String, _ position: Int32) throws(SyntaxFault) -> Int32 {
    guard parts.patterns.count < Self.mostPatterns else {
      throw SyntaxFault("an expression has at most \(Self.mostPatterns) regular expressions", at: position)
    }
    do throws(EvaluationFault) {
      return parts.add(pattern: try Pattern(text))
    } catch {
      throw SyntaxFault("\(error)", at: position)
    }
  }

  private mutating func iteration(
    _ comprehension: Comprehension<Term>, _ firstLocal: Int, _ position: Int32
  ) throws(SyntaxFault) -> Int32 {
    parts.localCount = max(parts.localCount, firstLocal + comprehension.variables.count)
    let range = try value(comprehension.range)
    let before = parts.nodes.count
    var condition: Int32 = -1
    if let test = comprehension.condition { condition = try value(test) }
    var result: Int32 = -1
    if let term = comprehension.result { result = try value(term) }
    parts.iterations.append(
      Iteration(
        kind: comprehension.kind, range: range, firstLocal: Int32(firstLocal), hasTwoVariables: comprehension.variables.count == 2,
        condition: condition, result: result, weight: 1 + parts.nodes.count - before))
    return parts.add(Node(operation: .comprehension, position: position, a: Int32(parts.iterations.count - 1)))
  }
}
