/// The formats that payloads come in. A format is a file in this folder, and a case here, in `PayloadReader` and in the configuration.
public enum PayloadFormat: String, Sendable, CaseIterable {
  /// UTF-8 text.
  case json
  /// The payload is the features themselves: little-endian float32, of the vectors over `event` in their order, and nothing else.
  case tensor
}
