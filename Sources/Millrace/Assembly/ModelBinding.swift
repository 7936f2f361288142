import EventDecoding
import Foundation
import ModelRuntime

/// A model of the configuration, loaded, and how it is bound to a lane: which feature fills which column of its inputs, and which of its
/// outputs are published. Its inputs and outputs are what the configuration says. Immutable.
struct ModelBinding: Sendable {
  /// The columns of an input that one feature fills.
  struct FeaturePlace: Sendable {
    /// Index of the input in the model's signature.
    let input: Int
    let column: Int
    let width: Int
  }

  var model: any Model
  /// What fills the inputs, in the order of the configuration; with format tensor, the payload.
  let definitions: [Configuration.Feature]
  /// With the widths that the configuration's features give them.
  let inputs: [TensorSpec]
  /// Where each of the definitions is written.
  let features: [FeaturePlace]
  let outputs: [PublishedOutput]
  /// Whether the model keeps the rows of a batch apart, as far as that is known.
  let rowProbe: RowProbe.Outcome

  /// - Parameter own: stands for the file at the settings' path.
  init(_ settings: Configuration.Model, of configuration: Configuration, own: (any Model)? = nil) throws(ConfigurationError) {
    let source = configuration.source
    do throws(ModelError) {
      if let own {
        model = own
      } else {
        model = try ONNXModel(
          path: settings.resolvedPath, name: settings.name.value, version: settings.version?.value,
          options: ONNXOptions(intraOpThreads: settings.intraOpThreads.value, compilesTrees: settings.trees.value == .compiled))
      }
    } catch {
      let isThere = FileManager.default.fileExists(atPath: settings.resolvedPath)
      let help = isThere ? nil : "put the model there, or correct the path: it counts from the configuration file's folder"
      throw ConfigurationError([source.diagnostic(error.message, at: settings.path.location, help: help)])
    }
    let signature = model.signature
    let given = configuration.event.format.value.isModelInput ? try Self.payloadInput(settings, signature, source) : settings.inputs
    let configured = given.map { input in
      ConfiguredInput(
        name: input.name.value,
        features: input.features.flatMap { [ConfiguredInput.FeatureKind?](repeating: $0.vector == nil ? nil : .number, count: $0.width) })
    }
    switch signature.fit(configured) {
    case .fits(let specs): inputs = specs
    case .mismatches(let mismatches):
      throw ConfigurationError(
        mismatches.map { mismatch in
          let place = mismatch.input.map { given[$0].name.location } ?? settings.path.location
          return source.diagnostic(mismatch.message, at: place, help: "the model is \(signature)")
        })
    }
    definitions = given.flatMap(\.features)
    features = given.flatMap { input in
      let index = signature.inputIndex(named: input.name.value) ?? 0
      var column = 0
      return input.features.map { feature in
        defer { column += feature.width }
        return FeaturePlace(input: index, column: column, width: feature.width)
      }
    }
    var outputs: [PublishedOutput] = []
    var faults: [Diagnostic] = []
    for output in settings.outputs {
      guard let tensor = signature.outputIndex(named: output.tensor) else {
        let known = signature.outputs.map { "'\($0.name)'" }.joined(separator: ", ")
        faults.append(
          source.diagnostic("the model has no output '\(output.tensor)'", at: output.selector.location, help: "it has \(known)"))
        continue
      }
      let spec = signature.outputs[tensor]
      // An output whose number of dimensions is not known has none by its signature.
      if let width = spec.width, !spec.shape.isEmpty { faults += Self.faults(output, spec, columns: width, source) }
      outputs.append(PublishedOutput(name: output.name.value, tensor: tensor, column: output.index))
    }
    if !faults.isEmpty { throw ConfigurationError(faults) }
    self.outputs = outputs
    let found = try Self.probe(model, inputs, settings, of: configuration)
    rowProbe = found.outcome
    for (output, place) in zip(settings.outputs, outputs) {
      guard let columns = found.columns[place.tensor] else { continue }
      faults += Self.faults(output, signature.outputs[place.tensor], columns: columns, source)
    }
    if !faults.isEmpty { throw ConfigurationError(faults) }
  }

  /// What is wrong with the column of an output that has so many.
  private static func faults(
    _ output: Configuration.ModelOutput, _ spec: TensorSpec, columns: Int, _ source: SourceText
  ) -> [Diagnostic] {
    guard let index = output.index, index >= columns else { return [] }
    let message = "output \(spec) has \(columns) columns, so index \(index) is beyond its last"
    return [source.diagnostic(message, at: output.selector.location, help: "indices count from 0")]
  }

  /// Runs rows through the model: alone, and together unless no lane ever has more than one in a batch.
  private static func probe(
    _ model: any Model, _ inputs: [TensorSpec], _ settings: Configuration.Model, of configuration: Configuration
  ) throws(ConfigurationError) -> RowProbe.Finding {
    let name = settings.name.value
    let together = configuration.lanes.contains { lane in
      lane.maxBatchSize.value > 1 && (lane.model.value == name || lane.fallback?.model?.value == name)
    }
    let outputs = settings.outputs.compactMap { model.signature.outputIndex(named: $0.tensor) }
    do throws(RowProbe.Fault) {
      return try RowProbe(model, inputs: inputs, outputs: outputs, together: together).run()
    } catch {
      let output = error.output.flatMap { index in settings.outputs.first { $0.tensor == model.signature.outputs[index].name } }
      throw ConfigurationError([
        configuration.source.diagnostic(
          error.message, at: output?.selector.location ?? settings.path.location, help: help(error.kind, together))
      ])
    }
  }

  private static func help(_ kind: RowProbe.Fault.Kind, _ together: Bool) -> String {
    let alone = together ? ", or give every lane that uses the model max_batch_size: 1" : ""
    return switch kind {
    case .shape:
      "records are told apart by the first dimension: publish another output, or export the model again with the rows first "
        + "(a Transpose before the output, a sum or squeeze that names its dimensions)"
    case .values:
      "export the model so that it scores each row by itself (a softmax or mean over the rows, batch statistics and dynamic "
        + "quantization don't)\(alone)"
    case .run: "export the model again with a dynamic number of rows"
    }
  }

  /// The format tensor: the payload is one row of the model's only input, as wide as the model says.
  private static func payloadInput(
    _ settings: Configuration.Model, _ signature: ModelSignature, _ source: SourceText
  ) throws(ConfigurationError) -> [Configuration.ModelInput] {
    var input = settings.inputs.first ?? Configuration.ModelInput()
    let place = settings.inputs.first?.name.location ?? settings.path.location
    guard let spec = signature.inputs.first(where: { $0.name == input.name.value || settings.inputs.isEmpty }),
      signature.inputs.count == 1
    else {
      let message = "event.format is tensor, and a tensor payload fills a model's only input; this model has another signature"
      throw ConfigurationError([source.diagnostic(message, at: place, help: "the model is \(signature)")])
    }
    guard let width = spec.width else {
      let message = "event.format is tensor, and the width of the model's input \(spec) is open"
      throw ConfigurationError([
        source.diagnostic(message, at: place, help: "export the model with a fixed width, or use event.format json and a vector")
      ])
    }
    guard spec.elementType == .float32 || spec.elementType == .float64 else {
      let message = "event.format is tensor, and float32 values don't fit the model's input \(spec)"
      throw ConfigurationError([source.diagnostic(message, at: place, help: "use event.format json")])
    }
    var feature = Configuration.Feature()
    feature.name = Located(spec.name, at: place)
    feature.expression = Located("event", at: place)
    var vector = Configuration.Feature.Vector()
    vector.length = Located(width, at: place)
    feature.vector = vector
    input.name = Located(spec.name, at: place)
    input.writtenFeatures = [feature]
    return [input]
  }
}

/// A member of the prediction that is read from an output of the model.
struct PublishedOutput: Sendable {
  let name: String
  /// Index of the tensor in the model's signature.
  let tensor: Int
  /// Column of the tensor's row; nil publishes the whole row, a number for one column and an array for more.
  let column: Int?
}

extension ModelBinding {
  /// Where each feature is written: its columns of these tensors, in the order of the features.
  func columns(of tensors: InputTensors) -> [FeatureColumn] {
    features.map { place in
      let block = tensors.block(place.input)
      return FeatureColumn(
        base: block.base + place.column * block.elementType.byteWidth, rowStride: block.rowStride,
        elementType: FeatureType(block.elementType), width: place.width,
        store: { row, bytes in tensors.setString(input: place.input, row: row, column: place.column, bytes) })
    }
  }

  /// The first output that is a number, whose distribution is kept.
  var scoreOutput: PublishedOutput? {
    outputs.first { model.signature.outputs[$0.tensor].elementType != .string }
  }
}
