/// A model input as the configuration describes it: these features, in this order, are one row of it.
package struct ConfiguredInput: Sendable, Hashable {
  package let name: String
  /// What is known of each feature's value before any record is read; `nil`: could be anything.
  package let features: [FeatureKind?]

  package enum FeatureKind: String, Sendable, Hashable {
    case number, bool, string
  }

  package init(name: String, features: [FeatureKind?]) {
    self.name = name
    self.features = features
  }
}

/// One way in which a configuration does not fit a model.
package struct SignatureMismatch: Sendable, Hashable {
  /// Which of the configured inputs is at fault, and which of its features; `nil`: the configuration as a whole.
  package let input: Int?
  package let feature: Int?
  package let message: String
}

extension ModelSignature {
  /// The model's inputs, in its order and with their widths known, if these configured inputs fit it; else every mismatch.
  package func fit(_ configured: [ConfiguredInput]) -> SignatureFit {
    var mismatches: [SignatureMismatch] = []
    var specs: [TensorSpec] = []
    for (index, input) in configured.enumerated() where inputIndex(named: input.name) == nil {
      let names = inputs.map { "'\($0.name)'" }.joined(separator: ", ")
      mismatches.append(
        SignatureMismatch(input: index, feature: nil, message: "the model has no input '\(input.name)'; it has \(names)"))
    }
    for spec in inputs {
      let given = configured.indices.filter { configured[$0].name == spec.name }
      guard let index = given.first else {
        let message = "the model's input \(spec) is not configured"
        mismatches.append(SignatureMismatch(input: nil, feature: nil, message: message))
        continue
      }
      for repeated in given.dropFirst() {
        mismatches.append(
          SignatureMismatch(input: repeated, feature: nil, message: "the model's input '\(spec.name)' is configured twice"))
      }
      let features = configured[index].features
      mismatches += Self.kindMismatches(spec, features).map { feature, message in
        SignatureMismatch(input: index, feature: feature, message: message)
      }
      if let known = spec.withWidth(features.count) {
        specs.append(known)
      } else {
        mismatches.append(SignatureMismatch(input: index, feature: nil, message: Self.widthMismatch(spec, features.count)))
      }
    }
    return mismatches.isEmpty ? .fits(specs) : .mismatches(mismatches)
  }

  private static func widthMismatch(_ spec: TensorSpec, _ features: Int) -> String {
    let given = "\(spec.elementType.rawValue)[N, \(features)]"
    let needed = spec.width.map { $0 == 1 ? "1 feature" : "\($0) features" } ?? "another number of features"
    return "the model's input '\(spec.name)' is \(spec.typeAndShape), but the configuration gives \(given): "
      + "\(features == 1 ? "1 feature" : "\(features) features") where it takes \(needed)"
  }

  private static func kindMismatches(
    _ spec: TensorSpec, _ features: [ConfiguredInput.FeatureKind?]
  ) -> [(feature: Int, message: String)] {
    features.enumerated().compactMap { index, kind in
      guard let kind, (kind == .string) != (spec.elementType == .string) else { return nil }
      return (
        index,
        "feature \(index + 1) of input '\(spec.name)' is a \(kind.rawValue), but the model's input is \(spec.typeAndShape)"
      )
    }
  }
}

/// Whether a configuration fits a model.
package enum SignatureFit: Sendable, Hashable {
  /// What ``InputTensors`` are made of.
  case fits([TensorSpec])
  case mismatches([SignatureMismatch])
}
