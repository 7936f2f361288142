extension Configuration {
  /// A model and how events become its inputs and its outputs become predictions.
  public struct Model: Sendable {
    public internal(set) var name = Located("")
    /// As written. `resolvedPath` is what to open.
    public internal(set) var path = Located("")
    /// `path` taken relative to the configuration file's folder.
    public internal(set) var resolvedPath = ""
    /// nil: the model repository or the file's own metadata tells.
    public internal(set) var version: Located<String>?
    /// Empty only with `event: {format: tensor}`.
    public internal(set) var inputs: [ModelInput] = []
    /// In the order of the file; never empty.
    public internal(set) var outputs: [ModelOutput] = []
    public internal(set) var intraOpThreads = Located(1)

    init() {}
  }

  /// One input tensor: its columns, from left to right.
  public struct ModelInput: Sendable {
    public internal(set) var name = Located("")
    /// Empty only with `event: {format: tensor}`.
    public internal(set) var features: [Feature] = []

    init() {}
  }

  /// A member of the prediction, read from a tensor: `probabilities[1]`.
  public struct ModelOutput: Sendable {
    public internal(set) var name: Located<String>
    /// As written; a fault of the tensor or of the index is reported here.
    public internal(set) var selector: Located<String>
    public internal(set) var tensor: String
    /// nil: all of the tensor's row.
    public internal(set) var index: Int?
  }
}
