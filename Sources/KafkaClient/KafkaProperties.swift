/// librdkafka's configuration properties by name, verbatim, and which of them must not be shown.
package struct KafkaProperties: Hashable, Sendable {
  /// The properties' values by name, in the clear: not for logs.
  package private(set) var values: [String: String]
  /// Properties whose values are secrets although their names don't say so.
  private var marked: Set<String>

  /// - Parameter secrets: names of properties whose values are masked in logs and errors, as those of passwords are anyway.
  package init(_ values: [String: String], secrets: Set<String> = []) {
    self.values = values
    marked = secrets
  }

  package subscript(name: String) -> String? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// The value of a property as it may be printed; nil if it is not set.
  package func shown(_ name: String) -> String? {
    values[name].map { isSecret(name) ? SecretMask.mask : SecretMask(of: self).redacted($0) }
  }

  package func filter(_ isIncluded: (String) -> Bool) -> KafkaProperties {
    KafkaProperties(values.filter { isIncluded($0.key) }, secrets: marked.filter(isIncluded))
  }

  /// Takes over the properties of `others`, in place of those of the same name.
  package mutating func merge(_ others: KafkaProperties) {
    values.merge(others.values) { $1 }
    marked = marked.filter { others[$0] == nil }.union(others.marked)
  }

  func isSecret(_ name: String) -> Bool { marked.contains(name) || SecretMask.isSecret(name) }
}

extension KafkaProperties: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, String)...) {
    self.init(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}

/// Masks the values of secret properties in texts that might quote them.
struct SecretMask: Sendable {
  static let mask = "<redacted>"
  private let values: [String]

  init(of properties: KafkaProperties) {
    // Longest first, so that a secret that contains another is masked whole. One of a letter or two would mask ordinary
    // words.
    values = properties.values.filter { properties.isSecret($0.key) && $0.value.utf8.count > 2 }.values
      .sorted { $0.utf8.count > $1.utf8.count }
  }

  static func isSecret(_ property: String) -> Bool {
    let name = property.lowercased()
    return name.contains("password") || name.contains("secret") || name == "ssl.key.pem" || name == "sasl.oauthbearer.config"
  }

  /// The text with its secrets masked: each in one pass, because the mask may contain one.
  func redacted(_ text: String) -> String {
    values.reduce(text) { $0.replacing($1, with: SecretMask.mask) }
  }
}
