/// The secret values that a configuration holds, to be masked wherever they might be quoted: an expression that compares a header with a
/// token is shown without the token.
struct SecretTexts: Sendable {
  /// The length from which on a secret is masked: one of a letter or two would mask ordinary words.
  private static let minLength = 3
  /// The secrets, longest first, so that one that contains another is masked whole.
  private var texts: [String] = []

  mutating func add(_ secrets: [String]) {
    for secret in secrets where secret.unicodeScalars.count >= Self.minLength && !texts.contains(secret) { texts.append(secret) }
    texts.sort { $0.utf8.count > $1.utf8.count }
  }

  func redacted(_ text: String) -> String {
    texts.reduce(text) { $0.replacing($1, with: SecretNames.mask) }
  }
}

extension SecretTexts: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  var description: String { "\(texts.count) secrets" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: ["count": texts.count]) }
}
