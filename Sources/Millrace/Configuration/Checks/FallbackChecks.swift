/// Checks a lane's fallback against its model, as far as the file tells. What only the model tells, `LaneCompiler` checks.
extension Configuration {
  func checkFallbacks(_ reader: inout ConfigurationReader) {
    for lane in lanes {
      let name = lane.name.value
      guard let fallback = lane.fallback else {
        let help = "add one, for example fallback: {outputs: {score: 0.5}}"
        if let onOpen = lane.breaker.onOpen, onOpen.value == .fallback {
          reader.report("'on_open' in lanes.\(name).breaker is fallback, and the lane has no fallback", at: onOpen.location, help: help)
        }
        if lane.onDeadline.value == .fallback {
          reader.report(
            "'on_deadline' in lanes.\(name) is fallback, and the lane has no fallback", at: lane.onDeadline.location, help: help)
        }
        continue
      }
      guard let own = model(named: lane.model.value) else { continue }
      if let model = fallback.model {
        check(model, of: lane, own, &reader)
      } else if fallback.writtenOutputs != nil {
        check(fallback, of: lane, own, &reader)
      }
    }
  }

  private func check(_ name: Located<String>, of lane: Lane, _ own: Model, _ reader: inout ConfigurationReader) {
    let path = "lanes.\(lane.name.value).fallback"
    guard let model = model(named: name.value) else {
      return reader.report(
        "unknown model \(name.value.shown) in \(path)", at: name.location,
        help: ConfigurationReader.suggestion(for: name.value, among: models.map(\.name.value), words: "models"))
    }
    if model.name.value == own.name.value {
      return reader.report(
        "the model in \(path) is the lane's own: \(name.value)", at: name.location, help: "name another, or use fixed outputs")
    }
    if model.inputs.map(Shape.init) != own.inputs.map(Shape.init) {
      reader.report(
        "the model in \(path) has other inputs than the lane's: \(model.inputs.words) instead of \(own.inputs.words)", at: name.location,
        help: "give both the same inputs and features, in the same order: the fallback is fed what the lane's model is")
    }
    for output in own.outputs where !model.outputs.contains(where: { $0.name.value == output.name.value }) {
      reader.report(
        "the model in \(path) has no output '\(output.name.value)', which the lane's predictions have", at: name.location,
        help: ConfigurationReader.suggestion(for: output.name.value, among: model.outputs.map(\.name.value), words: "its outputs"))
    }
  }

  private func check(_ fallback: Fallback, of lane: Lane, _ own: Model, _ reader: inout ConfigurationReader) {
    let path = "lanes.\(lane.name.value).fallback.outputs"
    let names = own.outputs.map(\.name.value)
    for output in fallback.outputs where !names.contains(output.name.value) {
      reader.report(
        "unknown output \(output.name.value.shown) in \(path)", at: output.name.location,
        help: ConfigurationReader.suggestion(for: output.name.value, among: names, words: "outputs of model \(own.name.value)"))
    }
    for name in names where !fallback.outputs.contains(where: { $0.name.value == name }) {
      reader.report(
        "missing output '\(name)' in \(path)", at: fallback.location, help: "give it a value: the lane's model \(own.name.value) has it")
    }
  }

  /// The part of a model's section that two models must share to be fed the same rows.
  private struct Shape: Equatable {
    struct Column: Equatable {
      let expression: String
      let missing: Feature.Missing
      let length: Int?
      let encoding: Feature.Vector.Encoding?
    }

    let name: String
    let columns: [Column]

    init(_ input: ModelInput) {
      name = input.name.value
      columns = input.features.map { feature in
        Column(
          expression: feature.expression.value, missing: feature.missing.value, length: feature.vector?.length.value,
          encoding: feature.vector?.encoding.value)
      }
    }
  }
}

extension [Configuration.ModelInput] {
  fileprivate var words: String {
    map { input in "\(input.name.value)(\(input.features.map(\.name.value).joined(separator: ", ")))" }.joined(separator: ", ")
  }
}
