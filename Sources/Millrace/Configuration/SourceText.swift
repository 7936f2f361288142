/// A configuration file's text, by lines.
public struct SourceText: Sendable {
  public let file: String
  public let text: String

  public init(file: String, text: String) {
    self.file = file
    self.text = text
  }
}
