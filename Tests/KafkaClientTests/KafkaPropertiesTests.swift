import Synchronization
import Testing

@testable import KafkaClient

@Suite struct KafkaPropertiesTests {
  @Test func anUnknownPropertyIsAnErrorThatNamesItAndItsValue() {
    let error = #expect(throws: KafkaError.self) {
      try KafkaProducer(["bootstrap.servers": "127.0.0.1:1", "linger.mss": "5"]).close()
    }
    #expect(error?.code == .invalidArgument)
    #expect(error?.description.contains("linger.mss") == true)
    #expect(error?.description.contains("\"5\"") == true)
  }

  @Test func aValueThatLibrdkafkaRefusesIsAnErrorThatNamesBoth() {
    let error = #expect(throws: KafkaError.self) {
      try KafkaConsumer(["bootstrap.servers": "127.0.0.1:1", "group.id": "g", "auto.offset.reset": "newest"]).close()
    }
    #expect(error?.description.contains("auto.offset.reset") == true)
    #expect(error?.description.contains("newest") == true)
  }

  @Test func propertiesThatContradictEachOtherAreAnError() {
    let error = #expect(throws: KafkaError.self) {
      try KafkaProducer(["bootstrap.servers": "127.0.0.1:1", "enable.idempotence": "true", "acks": "1"]).close()
    }
    #expect(error?.description.contains("acks") == true)
  }

  @Test(arguments: ["ssl.ca.location", "ssl.certificate.location", "ssl.key.location"])
  func aFileThatIsMissingIsNamedWithItsProperty(_ name: String) {
    let properties: KafkaProperties = ["bootstrap.servers": "127.0.0.1:1", "security.protocol": "SSL", name: "/nowhere/a.pem"]
    let error = #expect(throws: KafkaError.self) { try KafkaProducer(properties).close() }
    #expect(error?.reason.contains(name) == true && error?.reason.contains("'/nowhere/a.pem'") == true, "\(error as Any)")
    // A wrong password looks like a wrong file.
    #expect(error?.reason.contains("ssl.key.password") == (name == "ssl.key.location"), "\(error as Any)")
  }

  @Test func withoutBrokersTheErrorSaysHowToNameThem() {
    let error = #expect(throws: KafkaError.self) { try KafkaProducer([:]).close() }
    #expect(error?.description.contains("bootstrap.servers") == true)
  }

  @Test func aConsumerWithoutGroupIsAnErrorThatNamesTheProperty() {
    let error = #expect(throws: KafkaError.self) { try KafkaConsumer(["bootstrap.servers": "127.0.0.1:1"]).close() }
    #expect(error?.description.contains("group.id") == true)
  }

  @Test(arguments: ["sasl.passwords", "ssl.secret.key", "unknown"])
  func aSecretIsNotInTheErrorOfAPropertyThatDoesNotExist(_ property: String) throws {
    let properties: KafkaProperties = ["bootstrap.servers": "127.0.0.1:1", "sasl.password": "hunter2", property: "my hunter2"]
    let error = try #require(throws: KafkaError.self) { try KafkaProducer(properties).close() }
    #expect(error.context.contains(property))
    #expect(!error.description.contains("hunter2"), "\(error)")
    #expect(error.description.contains("redacted"))
  }

  @Test func aSecretIsNeitherInErrorsNorInTheLog() throws {
    let lines = Mutex<[KafkaLogLine]>([])
    let secret = "correct-horse-battery"
    // The log names what a secret is also used for.
    let properties: KafkaProperties = [
      "bootstrap.servers": "127.0.0.1:1", "sasl.password": secret, "ssl.key.password": secret, "client.id": secret, "debug": "all",
    ]
    let producer = try KafkaProducer(properties) { line in lines.withLock { $0.append(line) } }
    producer.close()
    let text = lines.withLock { $0.map(\.description).joined(separator: "\n") }
    #expect(text.contains("redacted"))
    #expect(!text.contains(secret))
  }

  /// Replacing until nothing is left to replace would never end.
  @Test(.timeLimit(.minutes(1)), arguments: ["red", "act", "<redacted>"])
  func aSecretMayBePartOfItsMask(_ secret: String) {
    let text = SecretMask(of: ["sasl.password": secret]).redacted("the password \(secret), and \(secret) again")
    #expect(text == "the password <redacted>, and <redacted> again")
  }

  @Test func aPropertyThatIsMarkedIsMaskedWhateverItsName() throws {
    let lines = Mutex<[KafkaLogLine]>([])
    var properties = KafkaProperties(["client.id": "planted-name"], secrets: ["client.id"])
    properties.merge(["bootstrap.servers": "127.0.0.1:1", "debug": "all"])
    #expect(properties.shown("client.id") == "<redacted>" && properties.shown("debug") == "all")
    let producer = try KafkaProducer(properties) { line in lines.withLock { $0.append(line) } }
    producer.close()
    let text = lines.withLock { $0.map(\.description).joined(separator: "\n") }
    #expect(text.contains("redacted"))
    #expect(!text.contains("planted-name"), "\(text)")
    // What takes a marked property's place is no secret.
    properties.merge(["client.id": "plain"])
    #expect(properties.shown("client.id") == "plain")
  }

  /// In the words of librdkafka and of OpenSSL.
  @Test(arguments: [
    (KafkaError.Code.transport, "Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)", "bootstrap.servers"),
    (
      .transport, "Receive failed: error:0A00045C:SSL routines::tlsv13 alert certificate required: SSL alert number 116",
      "ssl.certificate.location and ssl.key.location"
    ),
    (
      .ssl, "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified",
      "ssl.ca.location"
    ),
    (.transport, "error:0A000086:SSL routines::certificate verify failed (after 2ms in state SSL_HANDSHAKE)", "the broker's certificate"),
    (.transport, "Disconnected: verify that security.protocol is correctly configured", "check security.protocol"),
    (.authentication, "SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism", "set sasl.mechanisms"),
    (.authentication, "SASL authentication error: Authentication failed", "sasl.username and sasl.password"),
    (.invalidArgument, "Invalid sasl.kerberos.kinit.cmd value: Property not available", "set sasl.mechanisms"),
  ])
  func theAdviceGoesByTheReasonWhereTheCodeSaysLittle(_ code: KafkaError.Code, _ reason: String, _ advice: String) {
    let error = KafkaError(code, reason: reason, context: "connecting to Kafka")
    #expect(error.advice.contains(advice), "\(error.advice)")
  }

  @Test(arguments: [
    (KafkaError.Code.authentication, "SASL authentication error: Authentication failed", true),
    (.authentication, "SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: (n/a)", true),
    // The connection broke.
    (.authentication, "SASL PLAIN mechanism handshake failed: Local: Broker transport failure: (n/a)", false),
    (.ssl, "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed", true),
    (.ssl, "SSL handshake failed: SSL transport error: Broken pipe", false),
    (.transport, "error:0A000086:SSL routines::certificate verify failed (after 2ms in state SSL_HANDSHAKE)", true),
    (.transport, "Receive failed: error:0A00045C:SSL routines::tlsv13 alert certificate required: SSL alert number 116", true),
    (.transport, "SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?", false),
    (.allBrokersDown, "1/1 brokers are down", false),
  ])
  func aRefusalIsToldFromAConnectionThatBreaks(_ code: KafkaError.Code, _ reason: String, _ isRefusal: Bool) {
    #expect(KafkaError(code, reason: reason, context: "consumer").isRefusal == isRefusal)
  }

  @Test func withoutAMechanismTheErrorSaysThatItIsKerberos() {
    let error = #expect(throws: KafkaError.self) {
      try KafkaProducer(["bootstrap.servers": "127.0.0.1:1", "security.protocol": "SASL_PLAINTEXT"]).close()
    }
    #expect(error?.advice.contains("sasl.mechanisms") == true, "\(error as Any)")
  }

  @Test func errorsKeepCodeNameReasonAndContext() {
    let error = KafkaError(.queueFull, context: "here")
    #expect(error.code.name == "_QUEUE_FULL")
    #expect(error.description == "here: \(error.reason) (_QUEUE_FULL)")
    #expect(KafkaError.Code(rawValue: 3) == .unknownTopicOrPartition)
    #expect(KafkaError(.unknownTopic, context: "").advice == "; create the topic, or correct its name" && error.advice.isEmpty)
    // A code that this librdkafka doesn't know has a name all the same.
    #expect(!KafkaError.Code(rawValue: 12_345).name.isEmpty)
  }
}
