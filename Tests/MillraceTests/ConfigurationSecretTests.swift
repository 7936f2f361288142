import Foundation
import KafkaClient
import Testing

@testable import Millrace

@Suite struct ConfigurationSecretTests {
  private static let planted = "hunter2"

  @Test(arguments: [
    "sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "ssl.ca.pem", "ssl.certificate.pem",
    "sasl.oauthbearer.config",
  ])
  func propertiesThatHoldSecretsAreMasked(_ name: String) throws {
    let configuration = try ConfigurationFixture.configuration(
      "kafka: {bootstrap.servers: 'h:1', \(name): \(Self.planted), ssl.key.location: /k.pem, sasl.username: me}")
    #expect(configuration.kafka[name] == Self.planted)
    var dumped = ""
    dump(configuration.kafka, to: &dumped)
    #expect("\(configuration.source)" == "config/test.yaml")
    #expect(Mirror(reflecting: configuration.source).children.compactMap(\.label) == ["file"])
    for text in [
      "\(configuration)", "\(configuration.kafka)", configuration.summary().joined(separator: "\n"), dumped,
      String(reflecting: configuration.kafka),
    ] {
      #expect(!text.contains(Self.planted))
    }
    #expect(configuration.kafka.description == "bootstrap.servers=h:1 \(name)=*** ssl.key.location=/k.pem sasl.username=me")
  }

  /// Some are another client's, and some need a librdkafka with libcurl.
  @Test(arguments: [
    "sasl.oauthbearer.client.secret", "sasl.jaas.config", "ssl_key", "SASL_PASSWORD", "oauth.token", "basic.auth.credentials",
  ])
  func propertiesThatAreNoneHideTheirSecretsToo(_ name: String) {
    #expect(SecretNames.isSensitive(name))
    let text = ConfigurationFixture.text("kafka: {bootstrap.servers: 'h:1', \(name): \(Self.planted)}")
    do {
      #expect(!"\(try Configuration.parse(text, file: "a.yaml"))".contains(Self.planted))
    } catch {
      #expect(!"\(error)".contains(Self.planted))
    }
  }

  @Test(arguments: ["bootstrap.servers", "client.id", "sasl.username", "sasl.oauthbearer.token.endpoint.url", "sasl.mechanism"])
  func otherPropertiesStayReadable(_ name: String) {
    #expect(!SecretNames.isSensitive(name))
  }

  @Test func whatComesFromAFileOrASecretVariableIsMaskedWhereverItGoes() throws {
    let path = NSTemporaryDirectory() + "millrace-\(UUID().uuidString)"
    try Self.planted.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let configuration = try ConfigurationFixture.configuration(
      """
      kafka:
        bootstrap.servers: ${HOST}:1
        client.id: x-${file:\(path)}
        client.rack: ${DB_PASSWORD}
        ssl.cipher.suites: ${NONE:-${DB_PASSWORD}}
      """,
      environment: ["HOST": "broker", "DB_PASSWORD": Self.planted])
    #expect(
      configuration.kafka.description == "bootstrap.servers=broker:1 client.id=*** client.rack=*** ssl.cipher.suites=***")
    #expect(configuration.kafka["client.id"] == "x-\(Self.planted)")
    // librdkafka's log lines and errors are masked by what its client is given.
    for name in ["client.id", "client.rack", "ssl.cipher.suites"] { #expect(configuration.kafka.values.shown(name) == "<redacted>") }
    #expect(configuration.kafka.values.shown("bootstrap.servers") == "broker:1")
  }

  @Test func theUserPartOfAnAddressIsMasked() {
    #expect(SecretNames.withoutUserInfo("https://user:pass@host/path") == "https://***@host/path")
    #expect(SecretNames.withoutUserInfo("https://host/a@b") == "https://host/a@b")
    #expect(SecretNames.withoutUserInfo("host:9092") == "host:9092")
  }

  @Test(arguments: [
    "kafka:\n  bootstrap.servers: h:1\n  sasl.password: hunter2\n  sasl.password: hunter2",
    "kafka: {bootstrap.servers: h, sasl.password: hunter2, group.id: x}",
    "kafka: {bootstrap.servers: h, \"sasl.password\" : [hunter2]}",
    "kafka:\n  bootstrap.servers: h\n  sasl.password: 'hunter2",
    "kafka:\n  bootstrap.servers: h\n  ssl.key.pem: |\n    line\n    hunter2\u{1}",
    "kafka:\n  bootstrap.servers: h\n  ssl.key.pem: |\n    line\nhunter2",
    "kafka:\n  bootstrap.servers: h\n  sasl.password:\n    - hunter2",
    "kafka:\n  bootstrap.servers: h\n  sasl.password: hunter2: x",
    "kafka: {bootstrap.servers: '${file:/nowhere}', sasl.password: hunter2}",
  ])
  func diagnosticsDoNotShowSecretsOfTheirLine(_ text: String) {
    let faults: String
    do {
      _ = try ConfigurationFixture.configuration(text)
      faults = ""
    } catch {
      faults = "\(error)"
    }
    #expect(!faults.isEmpty)
    #expect(!faults.contains(Self.planted))
  }
}

/// Secrets that stand outside of `kafka`.
extension ConfigurationSecretTests {
  @Test func aSecretInAnExpressionIsShownNowhere() throws {
    let environment = ["API_TOKEN": Self.plantedToken]
    let text = """
      routes: [{lane: urgent, when: 'headers["token"] == "${API_TOKEN}"'}, {lane: bulk}]
      lanes: {urgent: {model: fraud}, bulk: {model: fraud}}
      """
    let configuration = try ConfigurationFixture.configuration(
      text + "\n" + DryRunFixture.matrix("event.a, event.b, event.c"), environment: environment)
    #expect(configuration.summary().joined().contains(#"headers["token"] == "***""#))
    let dryRun = try DryRun(configuration)
    let outcome = try #require(dryRun.run(#"{"a":1,"b":1,"c":1}"#, headers: [("token", Self.plantedToken)]))
    #expect(outcome.lane == "urgent", "the value itself is used")
    #expect(!outcome.json(line: 1).contains(Self.plantedToken))
    var dumped = ""
    dump(configuration.source, to: &dumped)
    #expect(!dumped.contains(Self.plantedToken))
  }

  @Test(arguments: [
    "lanes: {bulk: {model: '${API_TOKEN}'}}", "publish: {topic: '${API_TOKEN}', zzz: 1}\ndead_letter: {topic: '${API_TOKEN}'}",
    "routes: [{lane: '${API_TOKEN}'}]", "event: {id: 'event.x == ${API_TOKEN} +'}",
  ])
  func aSecretThatIsWrongInItsPlaceIsNotQuoted(_ text: String) throws {
    var faults = ""
    do {
      let configuration = try ConfigurationFixture.configuration(
        text + "\n" + DryRunFixture.matrix("event.a, event.b, event.c"), environment: ["API_TOKEN": Self.plantedToken])
      _ = try LaneCompiler(configuration).lanes()
    } catch {
      faults = "\(error)"
    }
    #expect(!faults.isEmpty && !faults.contains(Self.plantedToken), "\(faults)")
  }

  private static let plantedToken = "hunter2-planted"
}
