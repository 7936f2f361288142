import ModelRuntime

/// Checks a lane's fallback against the lane's model, once both are loaded.
struct FallbackCompiler {
  let source: SourceText
  let lane: Configuration.Lane
  /// The lane's own.
  let model: ModelBinding

  /// A model over the same inputs. The outputs are the lane's, in its order.
  func compile(_ fallback: ModelBinding, at place: SourceLocation) throws(ConfigurationError) -> Fallback {
    let path = "lanes.\(lane.name.value).fallback"
    guard model.inputs.map(Self.shape) == fallback.inputs.map(Self.shape) else {
      throw ConfigurationError([
        source.diagnostic(
          "the model in \(path) takes (\(Self.words(fallback.inputs))), and the lane's model (\(Self.words(model.inputs)))", at: place,
          help: "the fallback is fed what the lane's model is: export it with the same inputs, in the same order")
      ])
    }
    let outputs = model.outputs.compactMap { own in fallback.outputs.first { $0.name == own.name } }
    do throws(ModelError) {
      _ = try Scorer(fallback.model, inputs: model.inputs, outputs: outputs.map(\.tensor), capacity: 1)
    } catch {
      throw ConfigurationError([source.diagnostic("the model in \(path) can't take the lane's inputs: \(error.message)", at: place)])
    }
    return .model(fallback.model, outputs: outputs)
  }

  /// Fixed outputs, in the order of the lane's.
  func compile(_ fixed: [Configuration.FixedOutput]) throws(ConfigurationError) -> Fallback {
    var faults: [Diagnostic] = []
    let constants = model.outputs.compactMap { output -> FixedMember? in
      guard let value = fixed.first(where: { $0.name.value == output.name })?.value else { return nil }
      let spec = model.model.signature.outputs[output.tensor]
      if let needed = Self.need(spec, column: output.column, value.value) {
        faults.append(
          source.diagnostic(
            "'\(output.name)' in lanes.\(lane.name.value).fallback.outputs must be \(needed), not \(value.value.compact)",
            at: value.location, help: "the model's output is \(spec)"))
      }
      return FixedMember(name: output.name, value: value.value.compact)
    }
    if !faults.isEmpty { throw ConfigurationError(faults) }
    return .outputs(constants)
  }

  private static func shape(_ spec: TensorSpec) -> [String] {
    [spec.name, spec.elementType.rawValue] + spec.shape.dropFirst().map { $0.map(String.init) ?? "?" }
  }

  private static func words(_ specs: [TensorSpec]) -> String { specs.map(\.description).joined(separator: ", ") }

  /// nil: the value is what the output can be. Otherwise what it must be, in words.
  private static func need(_ spec: TensorSpec, column: Int?, _ value: OrderedJSON) -> String? {
    let width = column == nil ? spec.width : 1
    if case .array(let items) = value {
      if width == 1 { return word(spec.elementType) }
      let fits = items.allSatisfy { fit(spec.elementType, $0) } && width.map { $0 == items.count } ?? true
      return fits ? nil : "a list\(width.map { " of \($0)" } ?? ""), each \(word(spec.elementType))"
    }
    if let width, width != 1 { return "a list of \(width), each \(word(spec.elementType))" }
    return fit(spec.elementType, value) ? nil : word(spec.elementType)
  }

  private static func fit(_ type: ElementType, _ value: OrderedJSON) -> Bool {
    switch (type, value) {
    case (.float32, .number), (.float64, .number), (.bool, .bool), (.string, .string): true
    case (.int64, .number(let text)): Int64(text) != nil
    case (.int32, .number(let text)): Int32(text) != nil
    default: false
    }
  }

  private static func word(_ type: ElementType) -> String {
    switch type {
    case .float32, .float64: "a number"
    case .int64, .int32: "an integer"
    case .bool: "true or false"
    case .string: "a string"
    }
  }
}
