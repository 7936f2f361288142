extension Configuration {
  /// A model and how events become its inputs and its outputs become predictions.
  package struct Model: Sendable {
    package enum Trees: String, CaseIterable, Sendable {
      case compiled, onnxruntime
    }

    package internal(set) var name = Located("")
    /// As written. `resolvedPath` is what to open.
    package internal(set) var path = Located("")
    /// The model's `path` taken relative to the configuration file's folder.
    package internal(set) var resolvedPath = ""
    /// The version that the file gives; nil: the model's own metadata tells.
    package internal(set) var version: Located<String>?
    /// The `inputs` of the section; nil: it has none.
    var writtenInputs: [ModelInput]?
    /// The outputs that go into the prediction, in the order of the file; never empty.
    package internal(set) var outputs: [ModelOutput] = []
    package internal(set) var intraOpThreads = Located(1)
    package internal(set) var trees = Located(Trees.compiled)

    /// The model's input tensors. Empty only with `event: {format: tensor}`.
    package var inputs: [ModelInput] { writtenInputs ?? [] }

    init() {}
  }

  /// One input tensor of a model: its columns, from left to right.
  package struct ModelInput: Sendable {
    package internal(set) var name = Located("")
    /// The `features` of the input; nil: it has none.
    var writtenFeatures: [Feature]?

    /// The features that fill the columns. Empty only with `event: {format: tensor}`.
    package var features: [Feature] { writtenFeatures ?? [] }

    init() {}
  }

  /// A member of the prediction, read from a tensor: `probabilities[1]`.
  package struct ModelOutput: Sendable {
    package internal(set) var name: Located<String>
    /// The tensor and index as the file writes them; a fault of them is reported here.
    package internal(set) var selector: Located<String>
    package internal(set) var tensor: String
    /// The place in the tensor's row; nil: all of the row.
    package internal(set) var index: Int?
  }
}

extension Configuration.Model {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "models.NAME",
    summary: "A model, what it is given, and which of its outputs become the prediction.",
    example: """
      models:
        fraud:
          path: models/fraud
          inputs:
            - name: input
              features: [event.amount, event.merchant.risk]
          outputs: {score: "probabilities[1]"}
      """,
    make: { Self() },
    keys: [
      .required(
        "path", \.path, .text("path"), example: "models/fraud",
        "The ONNX file, or the folder that holds it. A relative path counts from the configuration file's folder."),
      .optional(
        "version", \.version, .text("text", isLoose: true), without: "the model's own", example: "\"3\"",
        """
        The version that predictions carry. The model's own is the `model_version` in its file, else the first 12 digits of the SHA-256 of \
        the file, or of all its files where weights lie beside it.
        """),
      .optionalPart(
        "inputs", \.writtenInputs, Configuration.ModelInput.definition.type.list("inputs"),
        without: "required, unless `event.format` is `tensor`", example: "[{name: input, features: [event.amount]}]",
        "The model's input tensors."),
      .part(
        "outputs", \.outputs, Configuration.ModelOutput.type, example: "{score: \"probabilities[1]\"}",
        """
        The members of the prediction: each a name and an output tensor of the model, `TENSOR` for all of a record's row or \
        `TENSOR[INDEX]` for one number of it, counted from 0.
        """),
      .defaulted(
        "intra_op_threads", \.intraOpThreads, .integer(1...256), example: "1",
        "Threads that one run of the model may use. More than 1 pays off only for large models."),
      .defaulted(
        "trees", \.trees, .choice, example: "onnxruntime",
        """
        What runs the model's ensembles of decision trees (`TreeEnsembleClassifier`, `TreeEnsembleRegressor`): code that Millrace \
        compiles them to when it loads the model, or ONNX Runtime. Compiled trees are used only if they score the same, bit for bit; \
        `millrace check` says whether they do. They take one thread.
        """),
    ])
}

extension Configuration.ModelInput {
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "models.NAME.inputs[]",
    summary: "One input tensor of the model. A tensor of several columns takes its features from left to right.",
    example: """
      inputs:
        - name: input
          features:
            - event.amount
            - {feature: event.merchant.risk, missing: nan}
            - {vector: event.embedding, length: 64}
      """,
    make: { Self() },
    keys: [
      .required("name", \.name, .text("name of a tensor"), example: "input", "The tensor's name in the model."),
      .optionalPart(
        "features", \.writtenFeatures, Configuration.Feature.type.list("features"),
        without: "required, unless `event.format` is `tensor`", example: "[event.amount]",
        "What fills the tensor: expressions, or mappings with the keys below."),
    ])
}

extension Configuration.ModelOutput {
  static let type = ConfigurationType<[Self]>(
    label: "`NAME: TENSOR[INDEX]`",
    schema: ["type": "object", "minProperties": 1, "additionalProperties": ["type": "string", "minLength": 1]]
  ) { node, place, reader in
    let help = "write NAME: TENSOR or NAME: TENSOR[INDEX]"
    guard let entries = reader.mapping(node, place, help: help) else { return nil }
    if entries.isEmpty { reader.report("\(place.label) is empty", at: node.location, help: help) }
    return entries.compactMap { entry in
      let entryPlace = place.key(entry.key.value, at: entry.key.location)
      guard ConfigurationType<String>.name.read(ConfigurationNode(name: entry.key), entryPlace, &reader) != nil,
        let text = ConfigurationType<String>.text("tensor").read(entry.value, entryPlace, &reader)
      else { return nil }
      let selector = Located(text, at: entry.value.location)
      guard let match = text.wholeMatch(of: /(.*)\[([^\[\]]*)\]/) else {
        return Self(name: entry.key, selector: selector, tensor: text, index: nil)
      }
      guard let index = Int(match.2), index >= 0, !match.1.isEmpty else {
        reader.report(
          "\(entryPlace.label) has the index \(String(match.2).shown)", at: selector.location, help: "\(help); indices count from 0")
        return nil
      }
      return Self(name: entry.key, selector: selector, tensor: String(match.1), index: index)
    }
  }
}
