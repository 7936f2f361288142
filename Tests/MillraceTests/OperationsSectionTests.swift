import Millrace
import Testing

@Suite struct OperationsSectionTests {
  @Test(arguments: [
    ConfigurationFault(
      "operations: {address: localhost}",
      "1:23: 'address' in operations cannot be the string 'localhost' | write HOST:PORT, for example 127.0.0.1:9464, or off"),
    ConfigurationFault(
      "operations: {address: 'localhost:70000'}",
      "1:23: 'address' in operations cannot be the string 'localhost:70000' | write HOST:PORT, for example 127.0.0.1:9464, or off"),
    ConfigurationFault(
      "operations: {token: short}",
      "1:21: 'token' in operations is not fit for a token | use 16 to 256 printable ASCII characters without spaces, from ${NAME} or "
        + "${file:PATH}"),
    ConfigurationFault(
      "logging: {level: loud}",
      "1:18: 'level' in logging cannot be the string 'loud' | allowed: trace, debug, info, notice, warning, error, critical"),
  ])
  func whatIsRefused(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults(fault.text) == [fault.expected])
  }

  @Test(arguments: [
    ("off", Configuration.ListenAddress.off), ("'off'", .off), ("0.0.0.0:80", .init(host: "0.0.0.0", port: 80)),
    ("'[::1]:9464'", .init(host: "::1", port: 9464)), ("localhost:0", .init(host: "localhost", port: 0)),
  ])
  func addressesAreRead(_ text: String, _ address: Configuration.ListenAddress) throws {
    let configuration = try ConfigurationFixture.configuration("operations: {address: \(text)}")
    #expect(configuration.operations.address?.value == address)
  }

  @Test func theTokenIsNowhereInThePrintedConfiguration() throws {
    let token = "planted-0123456789"
    let configuration = try ConfigurationFixture.configuration("operations: {token: \"${T}\"}", environment: ["T": token])
    #expect(configuration.operations.token?.value.revealed == token)
    var dumped = ""
    dump(configuration.operations, to: &dumped)
    for text in ["\(configuration)", "\(configuration.operations)", String(reflecting: configuration.operations), dumped] {
      #expect(!text.contains(token))
    }
  }

  @Test func aTokenThatIsRefusedIsNotShown() {
    do {
      _ = try ConfigurationFixture.configuration("operations: {token: planted secret with spaces}")
      Issue.record("a token with spaces was taken")
    } catch {
      #expect(!"\(error)".contains("planted"))
    }
  }
}
