extension KafkaError {
  /// What to do where the configuration or the cluster has to be changed, as the end of a message; empty for other errors.
  package var advice: String {
    switch code {
    case .transport, .resolve, .allBrokersDown, .timedOut, .ssl, .authentication:
      Self.connectionAdvice.first { reason.contains($0.words) }?.advice ?? codeAdvice
    case .invalidArgument: Self.propertyAdvice.first { reason.contains($0.words) }?.advice ?? ""
    default: codeAdvice
    }
  }

  /// Whether client and broker refuse each other for their credentials or certificates: what is tried again is refused again until someone
  /// changes them.
  package var isRefusal: Bool {
    switch code {
    // A connection that breaks while the two get to know each other has these codes too.
    case .authentication: !reason.contains("handshake failed: Local:")
    case .ssl: !reason.contains("SSL transport error")
    case .transport: reason.contains("certificate verify failed") || reason.contains("SSL alert number")
    default: false
    }
  }

  /// Whether a broker refuses the record for what it is, by its size or timestamp: it won't have it later either.
  package var isRefusalOfRecord: Bool { code.isRefusalOfRecord }

  /// Whether the connection failed, rather than what was asked on it.
  package var isOfConnection: Bool { [.transport, .resolve, .ssl, .authentication].contains(code) }

  private var codeAdvice: String {
    switch code {
    case .transport, .resolve, .allBrokersDown, .timedOut: "; check `bootstrap.servers`, and that a broker listens there"
    case .ssl: "; check the properties under `kafka:` that begin with ssl, and security.protocol"
    case .authentication: "; check sasl.username and sasl.password, and that the broker knows the user by this mechanism"
    case .unknownTopic, .unknownTopicOrPartition: "; create the topic, or correct its name"
    case .topicAuthorizationFailed: "; grant the principal its rights on the topic"
    case .groupAuthorizationFailed: "; grant the principal Read on the group"
    case .messageTimedOut: "; look at the topic's brokers"
    default: ""
    }
  }

  /// Advice for properties of which no client can be made, by words of librdkafka's reason.
  private static let propertyAdvice: [(words: String, advice: String)] = [
    ("sasl.kerberos", "; set sasl.mechanisms: without it librdkafka takes GSSAPI, which is Kerberos"),
    ("sasl.username and sasl.password", "; give both a value"),
    ("Unsupported hash function", "; set sasl.mechanisms to SCRAM-SHA-256 or SCRAM-SHA-512"),
    ("Unsupported SASL mechanism", "; set sasl.mechanisms to PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI, in capitals"),
    (".location failed", "; correct the file or its path: a relative one counts from the folder in which millrace was started"),
  ]

  /// Advice for connections that fail, by words of librdkafka's reason, of which the first that fit count: the same code stands for a
  /// broker that is down and for one that closes the connection.
  private static let connectionAdvice: [(words: String, advice: String)] = [
    (
      "certificate verify failed",
      "; check ssl.ca.location, and that the name in `bootstrap.servers` is one of those in the broker's certificate"
    ),
    // What a broker answers to a client's certificate that is missing, expired, or not signed by whom it trusts.
    ("SSL alert number", "; the broker wants a certificate that it trusts: set ssl.certificate.location and ssl.key.location"),
    ("mechanism handshake failed", "; set sasl.mechanisms to one that the broker supports"),
    ("security.protocol", "; check security.protocol: the broker's listener may want TLS, SASL, both or neither"),
  ]
}
