import KafkaClient

/// librdkafka properties with the places where they were written. Printing hides what is secret.
package struct KafkaSettings: Sendable {
  /// One property, verbatim.
  package struct Property: Sendable {
    package let name: Located<String>
    package let value: Located<String>
    /// Whether the value came from a file of secrets or a variable that is one, whatever the property is.
    let isFromSecret: Bool
  }

  /// The properties, in the order of the file.
  package private(set) var properties: [Property] = []

  init(_ properties: [Property] = []) {
    self.properties = properties
  }

  /// The settings of one property that no file holds.
  init(name: String, value: String) {
    self.init([Property(name: Located(name), value: Located(value), isFromSecret: false)])
  }

  package subscript(name: String) -> String? { property(named: name)?.value.value }

  package func property(named name: String) -> Property? { properties.last { $0.name.value == name } }

  /// The properties for librdkafka: values in the clear. Not for logs.
  package var values: KafkaProperties {
    KafkaProperties(
      Dictionary(properties.map { ($0.name.value, $0.value.value) }, uniquingKeysWith: { $1 }),
      secrets: Set(properties.filter { $0.isFromSecret || SecretNames.isSensitive($0.name.value) }.map(\.name.value)))
  }

  func overridden(by other: KafkaSettings) -> KafkaSettings {
    KafkaSettings(properties.filter { other[$0.name.value] == nil } + other.properties)
  }
}

extension KafkaSettings.Property: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The value as it may be printed.
  package var shownValue: String {
    isFromSecret || SecretNames.isSensitive(name.value) ? SecretNames.mask : SecretNames.withoutUserInfo(value.value)
  }

  package var description: String { "\(name.value)=\(shownValue)" }
  package var debugDescription: String { description }
  /// The property with its secret masked: `dump` and test failures print by reflection.
  package var customMirror: Mirror { Mirror(self, children: ["name": name.value, "value": shownValue]) }
}

extension KafkaSettings: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { properties.map(\.description).joined(separator: " ") }
  package var debugDescription: String { description }
}
