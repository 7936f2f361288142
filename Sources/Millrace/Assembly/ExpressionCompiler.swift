import CEL
import EventDecoding

/// Compiles the expressions of one decoding program, and collects what is wrong with them.
struct ExpressionCompiler {
  let configuration: Configuration
  var fields = FieldPlan()
  var faults: [Diagnostic] = []
  /// What compiles, and may mean something else than was meant.
  var doubts: [Diagnostic] = []

  init(_ configuration: Configuration) { self.configuration = configuration }

  mutating func compile(_ source: Located<String>, expecting: ExpressionType? = nil) -> Expression? {
    do throws(ExpressionError) {
      let expression = try Expression(source.value, fields: &fields, expecting: expecting)
      for doubt in expression.doubts {
        let place = location(line: doubt.line, column: doubt.column, in: source)
        doubts.append(configuration.source.diagnostic(doubt.message, at: place, help: doubt.help, severity: .warning))
      }
      return expression
    } catch {
      let place = location(line: error.line, column: error.column, in: source)
      faults.append(configuration.source.diagnostic(error.message, at: place))
      return nil
    }
  }

  /// The column counts within a line of the expression; the place in the file counts from its beginning.
  private func location(line: Int, column: Int, in source: Located<String>) -> SourceLocation {
    let linesBefore = source.value.split(separator: "\n", omittingEmptySubsequences: false).prefix(line - 1)
    return configuration.source.location(ofColumn: linesBefore.reduce(column) { $0 + $1.unicodeScalars.count + 1 }, in: source)
  }

  mutating func feature(_ feature: Configuration.Feature) -> FeatureDefinition? {
    guard let expression = compile(feature.expression) else { return nil }
    let missing: MissingPolicy =
      switch feature.missing.value {
      case .error: .error
      case .nan: .nan
      case .number(let number): .number(number)
      case .bool(let bool): .bool(bool)
      case .string(let string): .string(string)
      }
    let vector = feature.vector.map { vector in
      FeatureVector(length: vector.length.value, encoding: FeatureVector.Encoding(vector.encoding.value))
    }
    return FeatureDefinition(name: feature.name.value, expression: expression, missing: missing, vector: vector)
  }
}

extension Configuration {
  /// Where the file may mean something else than was meant, in its order: routes, features and members whose numbers have two meanings.
  /// Nothing that stops a lane.
  package func warnings() -> [Diagnostic] {
    var expressions = ExpressionCompiler(self)
    for route in routes { _ = route.when.flatMap { expressions.compile($0) } }
    for feature in models.flatMap(\.inputs).flatMap(\.features) { _ = expressions.feature(feature) }
    for source in [event.id].compactMap(\.self) + publish.include.map(\.expression) { _ = expressions.compile(source) }
    // An alias shows its anchor's again.
    var seen: Set<Diagnostic> = []
    return expressions.doubts.filter { seen.insert($0).inserted }.sorted { $0.location < $1.location }
  }
}
