import CRdKafka

/// A librdkafka configuration that is being put together. Whatever isn't handed to a client is destroyed.
struct ClientConfiguration: ~Copyable {
  /// Properties that name the brokers.
  private static let brokers = ["bootstrap.servers", "metadata.broker.list", "test.mock.num.brokers"]

  /// nil once a client has taken it.
  private(set) var handle: OpaquePointer?
  let secrets: SecretMask

  /// Sets `properties` over `defaults`. Throws at the first property that librdkafka doesn't know or accept, and names it.
  /// - Parameter connects: false for a client that is to know no brokers.
  init(_ properties: KafkaProperties, defaults: KafkaProperties = [:], connects: Bool = true) throws(KafkaError) {
    let properties = connects ? properties : properties.filter { !Self.brokers.contains($0) }
    handle = rd_kafka_conf_new()
    secrets = SecretMask(of: properties)
    if connects, !Self.brokers.contains(where: { properties[$0]?.isEmpty == false }) {
      let help = "name the Kafka brokers as host:port[,host:port…]"
      throw KafkaError(.invalidArgument, reason: help, context: "kafka property bootstrap.servers")
    }
    for (name, value) in defaults.values.sorted(by: { $0.key < $1.key }) where properties[name] == nil {
      try set(name, value, isSecret: false)
    }
    // In order, so that the first error is the same one each time.
    for (name, value) in properties.values.sorted(by: { $0.key < $1.key }) {
      try set(name, value, isSecret: properties.isSecret(name))
    }
  }

  deinit {
    if let handle { rd_kafka_conf_destroy(handle) }
  }

  private func set(_ name: String, _ value: String, isSecret: Bool) throws(KafkaError) {
    let (result, text) = attempt(name, value)
    if result == RD_KAFKA_CONF_OK { return }
    let shown = isSecret ? SecretMask.mask : "\"\(secrets.redacted(value))\""
    let reason =
      result == RD_KAFKA_CONF_UNKNOWN
      ? "librdkafka \(String(cString: rd_kafka_version_str())) has no such property"
      : isSecret ? "librdkafka does not accept the value" : secrets.redacted(text)
    throw KafkaError(.invalidArgument, reason: reason, context: "kafka property \(name) = \(shown)")
  }

  /// Sets a property where the library knows it; false where it doesn't.
  func setIfKnown(_ name: String, _ value: String) -> Bool {
    attempt(name, value).result == RD_KAFKA_CONF_OK
  }

  func value(of name: String) -> String? {
    var size = 0
    guard rd_kafka_conf_get(handle, name, nil, &size) == RD_KAFKA_CONF_OK, size > 0 else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { text in
      text[0] = 0
      rd_kafka_conf_get(handle, name, text.baseAddress, &size)
      return text.baseAddress.map { String(cString: $0) }
    }
  }

  /// Hands the configuration to a new client.
  mutating func makeClient(_ type: rd_kafka_type_t) throws(KafkaError) -> OpaquePointer {
    let configuration = handle
    let (client, text) = withErrorText { rd_kafka_new(type, configuration, $0, $1) }
    guard let client else {
      let reason = secrets.redacted(text) + fileHint(text)
      throw KafkaError(KafkaError.Code(rd_kafka_last_error()), reason: reason, context: "kafka properties")
    }
    handle = nil
    return client
  }

  /// The file that could not be read, to be added to OpenSSL's words, which don't name it; empty for other errors.
  private func fileHint(_ text: String) -> String {
    let name = String(text.prefix { $0 != " " })
    guard name.hasSuffix(".location"), let path = value(of: name) else { return "" }
    let isKey = name == "ssl.key.location"
    return "; is '\(path)' there, readable, and of the right kind?"
      + (isKey ? " Is ssl.key.password right, and does the key belong to the certificate?" : "")
  }

  private func attempt(_ name: String, _ value: String) -> (result: rd_kafka_conf_res_t, text: String) {
    withErrorText { rd_kafka_conf_set(handle, name, value, $0, $1) }
  }
}

/// Runs `body` with room for librdkafka's error text, and returns its result with the text.
func withErrorText<Result>(_ body: (UnsafeMutablePointer<CChar>?, Int) -> Result) -> (Result, String) {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { text in
    text[0] = 0
    let result = body(text.baseAddress, text.count)
    return (result, text.baseAddress.map { String(cString: $0) } ?? "")
  }
}
