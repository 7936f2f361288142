/// The type of an expression as far as it is known before any event; `dyn` if only the event tells.
public enum ExpressionType: String, Sendable, CaseIterable {
  case dyn, null, bool, int, uint, double, string, bytes, list, map, timestamp, duration, type, optional

  init(_ type: StaticType) {
    self =
      switch type {
      case .dyn, .parameter: .dyn
      case .null: .null
      case .bool: .bool
      case .int: .int
      case .uint: .uint
      case .double: .double
      case .string: .string
      case .bytes: .bytes
      case .timestamp: .timestamp
      case .duration: .duration
      case .type: .type
      case .list: .list
      case .map: .map
      case .optional: .optional
      }
  }
}

/// A compiled expression (CEL). It may be evaluated by many threads at once.
public final class Expression: Sendable {
  public let source: String
  public let type: ExpressionType
  /// The path, if the expression is nothing else: `event.card.limit`.
  public let path: FieldPath?
  /// The slot of that path in the plan.
  public let slot: Int?
  /// The value, if it is the same for every record.
  public let constant: Value?

  private let variables: Set<Variable>
  private let program: Program
  private let limits: ExpressionLimits

  /// Compiles a source and adds the paths of the event that it reads to the plan.
  /// - Parameter expecting: a type that the value must have, where it is known.
  public convenience init(
    _ source: String, fields: inout FieldPlan, expecting: ExpressionType? = nil, limits: ExpressionLimits = ExpressionLimits()
  ) throws(ExpressionError) {
    try self.init(source, fields: &fields, expecting: expecting, limits: limits, usesTruths: true)
  }

  init(
    _ source: String, fields: inout FieldPlan, expecting: ExpressionType?, limits: ExpressionLimits, usesTruths: Bool
  ) throws(ExpressionError) {
    do throws(SyntaxFault) {
      let checked = try TypeChecker.check(try Parser.parse(source, limits: limits))
      var folding = Folding()
      let term = usesTruths ? folding.fold(checked) : checked
      let type = ExpressionType(term.type)
      if let expecting, expecting != .dyn, type != .dyn, type != expecting {
        throw SyntaxFault("expected \(expecting.rawValue.withArticle), and this is \(type.rawValue.withArticle)", at: term.position)
      }
      program = try Compiler.compile(term, fields: &fields, usesTruths: usesTruths)
      path = Compiler.path(term)
      slot = path.map { fields.slot(for: $0) }
      if case .literal(let value) = term.kind { constant = value } else { constant = nil }
      variables = term.variables
      self.type = type
      self.source = source
      self.limits = limits
    } catch {
      throw ExpressionError(error.message, at: error.position, in: source)
    }
  }

  public var usesEvent: Bool { variables.contains(.event) }
  public var usesHeaders: Bool { variables.contains(.headers) }
  public var usesKey: Bool { variables.contains(.key) }

  /// Whether the expression holds for a record; a fault if it fails or is no bool. `evaluate` says why. Usual conditions allocate nothing.
  public func evaluateBool(_ context: borrowing EvaluationContext) -> Truth {
    var frame = Frame(localCount: program.localCount, steps: limits.steps)
    return program.truth(program.truth, context, &frame)
  }

  /// The value for a record.
  public func evaluate(_ context: borrowing EvaluationContext) -> Result<Value, EvaluationFault> {
    var frame = Frame(localCount: program.localCount, steps: limits.steps)
    if program.hasTruth {
      switch program.truth(program.truth, context, &frame) {
      case .yes: return .success(.bool(true))
      case .no: return .success(.bool(false))
      case .fault: frame = Frame(localCount: program.localCount, steps: limits.steps)
      }
    }
    do throws(EvaluationFault) {
      return .success(try program.value(program.value, context, &frame).strict)
    } catch {
      return .failure(error)
    }
  }

  /// Why `evaluateBool` gave a fault for a record, for people.
  public func explain(_ context: borrowing EvaluationContext) -> String {
    switch evaluate(context) {
    case .failure(let fault): describe(fault)
    case .success(let value): "expected a bool, and the value is \(value.type.plainName.withArticle): \(value.text)"
    }
  }

  /// A fault with its column, for people.
  public func describe(_ fault: EvaluationFault) -> String {
    guard let position = fault.position else { return fault.description }
    return "\(ExpressionError(fault.description, at: position, in: source))"
  }
}
