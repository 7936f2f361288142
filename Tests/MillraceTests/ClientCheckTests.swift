import EventDecoding
import Logging
import Testing

@testable import Millrace

/// What librdkafka says of properties only when a client is made.
@Suite struct ClientCheckTests {
  private static func faults(_ text: String) throws -> [String] {
    let whole = text + "\nlanes: {bulk: {model: fraud}}\n" + DryRunFixture.matrix("event.a, event.b, event.c")
    return try faults(ofWhole: ConfigurationFixture.configuration(whole))
  }

  private static func faults(ofWhole configuration: Configuration) throws -> [String] {
    let lanes = try LaneCompiler(configuration).lanes()
    do {
      try configuration.checkClients(of: lanes)
      return []
    } catch {
      return error.diagnostics.map { "\($0.location.line):\($0.location.column): \($0.message)" }
    }
  }

  @Test(arguments: [
    ConfigurationFault(
      "security.protocol: SASL_PLAINTEXT, sasl.mechanisms: PLAIN, sasl.username: me",
      "1:90: kafka is refused: sasl.username and sasl.password must be set"),
    ConfigurationFault(
      "security.protocol: SASL_PLAINTEXT, sasl.mechanisms: PLAIN, sasl.username: me, sasl.password: ''",
      "1:109: kafka is refused: sasl.username and sasl.password must be set"),
    ConfigurationFault(
      "security.protocol: SASL_PLAINTEXT, sasl.mechanisms: SCRAM-SHA-1024, sasl.username: me, sasl.password: planted",
      "1:66: kafka is refused: Unsupported hash function: SCRAM-SHA-1024 (try SCRAM-SHA-512)"),
    ConfigurationFault("security.protocol: SASL_PLAINTEXT", "1:31: kafka is refused: Invalid sasl.kerberos.kinit.cmd value"),
    ConfigurationFault("security.protocol: SSL, ssl.ca.location: /nowhere/ca.pem", "1:55: kafka is refused: ssl.ca.location failed"),
  ])
  func aFaultIsToldAtItsProperty(_ fault: ConfigurationFault) throws {
    let faults = try Self.faults("kafka: {bootstrap.servers: h, \(fault.text)}")
    #expect(faults.count == 1 && faults.first?.hasPrefix(fault.expected) == true, "\(faults)")
  }

  @Test func propertiesThatAreFineGiveClients() throws {
    let fine = "security.protocol: SASL_PLAINTEXT, sasl.mechanisms: SCRAM-SHA-512, sasl.username: me, sasl.password: x"
    #expect(try Self.faults("kafka: {bootstrap.servers: 'h:1', \(fine)}").isEmpty)
  }

  @Test func eachLaneIsTriedWithItsOwnPropertiesAndTheSameOnesOnce() throws {
    let text = { (shared: String, urgent: String) in
      """
      routes: [{lane: urgent, when: 'event.a > 1'}, {lane: night, when: 'event.a > 0'}, {lane: bulk}]
      kafka: {bootstrap.servers: h, security.protocol: SASL_PLAINTEXT, sasl.mechanisms: PLAIN\(shared)}
      lanes: {bulk: {model: fraud}, night: {model: fraud}, urgent: {model: fraud, kafka: {\(urgent)}}}

      """ + DryRunFixture.matrix("event.a, event.b, event.c")
    }
    let ofLane = try Self.faults(
      ofWhole: ConfigurationFixture.configuration(text(", sasl.username: me, sasl.password: x", "sasl.password: ''")))
    #expect(ofLane == ["3:85: lanes.urgent.kafka is refused: sasl.username and sasl.password must be set"])
    // The lanes that have the file's properties are told of once.
    let ofFile = try Self.faults(ofWhole: ConfigurationFixture.configuration(text("", "sasl.username: me, sasl.password: x")))
    #expect(ofFile.count == 1 && ofFile.first?.hasPrefix("2:") == true, "\(ofFile)")
  }
}
