/// The formats that payloads come in, by their names in a configuration. A format is a file in this folder, and a case here and in
/// `PayloadReader`.
package enum PayloadFormat: String, Sendable, CaseIterable {
  /// UTF-8 text.
  case json
  /// The payload is the features themselves: little-endian float32, of the vectors over `event` in their order, and nothing else.
  case tensor

  /// What a payload of the format is, as the reference page says it.
  package var summary: String {
    switch self {
    case .json: "a JSON document, out of which features are computed"
    case .tensor:
      "little-endian float32 values, one row of the model's only input; the model's `inputs` then lists no features"
    }
  }

  /// Whether a payload is a row of the model's only input as it stands, so that no features are computed.
  package var isModelInput: Bool {
    switch self {
    case .json: false
    case .tensor: true
    }
  }
}
