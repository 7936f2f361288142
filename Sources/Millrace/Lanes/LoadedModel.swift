import ModelRuntime

/// A model of the configuration, loaded, whose inputs and outputs are what the configuration says.
struct LoadedModel {
  /// The columns of an input that one feature fills.
  struct FeaturePlace: Sendable {
    /// Index of the input in the model's signature.
    let input: Int
    let column: Int
    let width: Int
  }

  let settings: Configuration.Model
  let model: any Model
  /// With the widths that the configuration's features give them.
  let inputs: [TensorSpec]
  /// In the order in which the configuration names the features.
  let features: [FeaturePlace]
  let outputs: [PredictionWriter.Output]

  init(_ settings: Configuration.Model, of configuration: Configuration) throws(ConfigurationError) {
    let source = configuration.source
    self.settings = settings
    do throws(ModelError) {
      model = try ONNXModel(
        path: settings.resolvedPath, name: settings.name.value, version: settings.version?.value,
        options: ONNXOptions(intraOpThreads: settings.intraOpThreads.value))
    } catch {
      throw ConfigurationError([source.diagnostic(error.message, at: settings.path.location)])
    }
    let configured = settings.inputs.map { input in
      ConfiguredInput(
        name: input.name.value,
        features: input.features.flatMap { [ConfiguredInput.FeatureKind?](repeating: $0.vector == nil ? nil : .number, count: $0.width) })
    }
    let signature = model.signature
    switch signature.fit(configured) {
    case .fits(let specs): inputs = specs
    case .mismatches(let mismatches):
      throw ConfigurationError(
        mismatches.map { mismatch in
          let place = mismatch.input.map { settings.inputs[$0].name.location } ?? settings.path.location
          return source.diagnostic(mismatch.message, at: place, help: "the model is \(signature)")
        })
    }
    features = settings.inputs.flatMap { input in
      let index = signature.inputIndex(named: input.name.value) ?? 0
      var column = 0
      return input.features.map { feature in
        defer { column += feature.width }
        return FeaturePlace(input: index, column: column, width: feature.width)
      }
    }
    var outputs: [PredictionWriter.Output] = []
    var faults: [Diagnostic] = []
    for output in settings.outputs {
      guard let tensor = signature.outputIndex(named: output.tensor) else {
        let known = signature.outputs.map { "'\($0.name)'" }.joined(separator: ", ")
        faults.append(
          source.diagnostic("the model has no output '\(output.tensor)'", at: output.selector.location, help: "it has \(known)"))
        continue
      }
      let spec = signature.outputs[tensor]
      if let index = output.index, let width = spec.width, index >= width {
        faults.append(
          source.diagnostic(
            "output \(spec) has \(width) columns, so index \(index) is beyond its last", at: output.selector.location,
            help: "indices count from 0"))
      }
      outputs.append(PredictionWriter.Output(name: output.name.value, tensor: tensor, column: output.index))
    }
    if !faults.isEmpty { throw ConfigurationError(faults) }
    self.outputs = outputs
  }
}
