/// A compiled expression of the Common Expression Language (CEL). It may be evaluated by many threads at once.
///
/// Say which variables there are, compile once, and evaluate as often as there are values:
///
/// ```swift
/// import CEL
///
/// let variables = Variables(["user": .map, "limit": .int])
/// let rule = try Expression("user.age >= limit && user.name.startsWith('A')", variables: variables, expecting: .bool)
///
/// let user = Value.map(ValueMap(members: [("name", .string("Ada")), ("age", .int(36))]))
/// switch rule.evaluate(["user": user, "limit": .int(18)]) {
/// case .success(let value): print(try value.json())  // true
/// case .failure(let fault): print(rule.describe(fault))
/// }
/// ```
///
/// Compiling refuses what could only fail; what depends on the values fails when it is evaluated, with a fault that names its column.
/// Whatever the source says, both end: see ``ExpressionLimits``.
public final class Expression: Sendable {
  /// The text that it was compiled from.
  public let source: String
  /// The type of its value; `dyn` where that is known only once it is evaluated.
  public let type: ExpressionType
  /// The path through the event, if the expression is nothing else: `event.card.limit`.
  package let path: FieldPath?
  /// The slot of that path in the plan.
  package let slot: Int?
  /// The value, if it is the same whatever the variables are.
  public let constant: Value?
  /// Whether it reads the event.
  package let usesEvent: Bool
  /// Where it means more than one thing.
  package let doubts: [ExpressionDoubt]

  private let variables: Variables
  private let read: Set<String>
  private let program: Program
  private let limits: ExpressionLimits

  /// Compiles a source.
  /// - Parameters:
  ///   - source: an expression, `user.age >= 18`.
  ///   - variables: the names that it may use, with their types.
  ///   - expecting: a type that the value must have, where it is known.
  ///   - limits: what compiling and evaluating it may cost.
  /// - Throws: what is wrong with the source, and where.
  public convenience init(
    _ source: String, variables: Variables = Variables(), expecting: ExpressionType? = nil, limits: ExpressionLimits = ExpressionLimits()
  ) throws(ExpressionError) {
    var fields = FieldPlan()
    try self.init(source, variables: variables, fields: &fields, expecting: expecting, limits: limits)
  }

  /// Compiles a source and adds the paths of the event that it reads to the plan.
  /// - Parameter usesTruths: false only to compare the two ways of evaluation.
  package init(
    _ source: String, variables: Variables, fields: inout FieldPlan, expecting: ExpressionType?, limits: ExpressionLimits,
    usesTruths: Bool = true
  ) throws(ExpressionError) {
    do throws(SyntaxFault) {
      let checked = try TypeChecker.check(try Parser.parse(source, limits: limits), variables)
      var folding = Folding()
      let term = usesTruths ? folding.fold(checked) : checked
      let type = ExpressionType(term.type)
      if let expecting, expecting != .dyn, type != .dyn, type != expecting {
        throw SyntaxFault("expected \(expecting.rawValue.withArticle), and this is \(type.rawValue.withArticle)", at: term.position)
      }
      program = try Compiler.compile(term, variables, fields: &fields, usesTruths: usesTruths)
      let path = Compiler.path(term)
      self.path = path
      slot = path.map { fields.slot(for: $0) }
      if case .literal(let value) = term.kind { constant = value } else { constant = nil }
      let read = term.variables
      self.read = Set(read.map(\.name))
      usesEvent = read.contains { $0.access == .event }
      doubts = usesEvent ? NumberDoubts.find(in: checked).map { ExpressionDoubt($0, in: source) } : []
      self.variables = variables
      self.type = type
      self.source = source
      self.limits = limits
    } catch {
      throw ExpressionError(error.message, at: error.position, in: source)
    }
  }

  /// Whether the expression reads a variable.
  public func reads(_ variable: String) -> Bool { read.contains(variable) }

  /// The value with these variables. Every variable that was declared and is read has to be there, with a value of its declared type.
  public func evaluate(_ values: [String: Value] = [:]) -> Result<Value, EvaluationFault> {
    var given: [Value] = []
    for variable in variables.all {
      guard case .value = variable.access else { continue }
      let value = values[variable.name]
      if read.contains(variable.name) {
        guard let value else { return .failure(EvaluationFault(.notGiven(variable.name))) }
        guard variable.accepts(value) else {
          let found = value.type.plainName.withArticle
          let message = "'\(variable.name)' is \(variable.type.description.withArticle), and \(found) was given"
          return .failure(EvaluationFault(.invalid(message)))
        }
      }
      given.append(value ?? .null)
    }
    return given.withUnsafeBufferPointer { evaluate(Activation(values: $0.baseAddress)) }
  }

  /// Whether the expression holds for a record; a fault if it fails or is no bool. `evaluate` says why. Usual conditions allocate nothing.
  package func evaluateBool(_ context: borrowing Activation) -> Truth {
    var frame = Frame(localCount: program.localCount, steps: limits.steps)
    return program.truth(program.truth, context, &frame)
  }

  /// The value for a record.
  package func evaluate(_ context: borrowing Activation) -> Result<Value, EvaluationFault> {
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
  package func explain(_ context: borrowing Activation) -> String {
    switch evaluate(context) {
    case .failure(let fault): describe(fault)
    case .success(let value): "expected a bool, and the value is \(value.type.plainName.withArticle): \(value.text)"
    }
  }

  /// A fault with its column, for people.
  public func describe(_ fault: EvaluationFault) -> String { fault.description(in: source) }
}
