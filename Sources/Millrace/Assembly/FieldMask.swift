import CEL
import EventDecoding

/// The paths of `event.mask`, and which expressions would let their values out.
struct FieldMask {
  /// What is written instead: the expression of the string `***`.
  static let substitute = Located("\"***\"")
  private let paths: [FieldPath]

  /// Reports what is no path of the event, and an id that a mask would hide.
  init(_ configuration: Configuration, _ compiler: inout ExpressionCompiler) {
    var paths: [FieldPath] = []
    for item in configuration.event.mask {
      var fields = FieldPlan()
      let expression = try? Expression(item.value, fields: &fields)
      if let path = expression?.path, !path.components.isEmpty {
        paths.append(path)
      } else {
        compiler.faults.append(
          configuration.source.diagnostic(
            "'mask' in event holds no path of the event: \(item.value.shown)", at: item.location,
            help: "write a path, for example event.card.number"))
      }
    }
    self.paths = paths
    if let id = configuration.event.id, hides(id) {
      compiler.faults.append(
        configuration.source.diagnostic(
          "'id' in event reads what 'mask' hides", at: id.location, help: "an event's identity goes into its prediction: choose another"))
    }
  }

  /// Whether the expression reads a masked path, a part of one, or what holds one.
  func hides(_ expression: Located<String>) -> Bool {
    if paths.isEmpty { return false }
    var fields = FieldPlan()
    // What doesn't compile is reported where it is compiled for use.
    guard (try? Expression(expression.value, fields: &fields)) != nil else { return false }
    return fields.paths.contains { read in
      paths.contains { $0.components.starts(with: read.components) || read.components.starts(with: $0.components) }
    }
  }
}
