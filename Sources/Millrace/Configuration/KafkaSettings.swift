/// librdkafka properties with the places where they were written. Printing hides what is secret.
public struct KafkaSettings: Sendable {
  /// One property, verbatim.
  public struct Property: Sendable {
    public let name: Located<String>
    public let value: Located<String>
    /// The value came out of a file of secrets, whatever the property is.
    let isFromFile: Bool
  }

  /// In the order of the file.
  public private(set) var properties: [Property] = []

  init(_ properties: [Property] = []) {
    self.properties = properties
  }

  public subscript(name: String) -> String? { property(named: name)?.value.value }

  public func property(named name: String) -> Property? { properties.last { $0.name.value == name } }

  /// What librdkafka gets: values in the clear. Not for logs.
  public var values: [String: String] {
    Dictionary(properties.map { ($0.name.value, $0.value.value) }, uniquingKeysWith: { $1 })
  }

  func overridden(by other: KafkaSettings) -> KafkaSettings {
    KafkaSettings(properties.filter { other[$0.name.value] == nil } + other.properties)
  }
}
