import Foundation
import Millrace
import Testing

@Suite struct ConfigurationInterpolationTests {
  private let environment = ["GROUP": "fraud", "WORKERS": "3", "EMPTY": "", "DIGITS": "42", "API_TOKEN": "tok-1"]

  private func faults(_ text: String) -> [String] { ConfigurationFixture.faults(text, environment: environment) }

  private func group(_ value: String) throws -> String {
    try ConfigurationFixture.configuration("group: \(value)", environment: environment).group.value
  }

  @Test func variablesAndDefaultsAreFilledIn() throws {
    #expect(try group("${GROUP}") == "fraud")
    #expect(try group("a-${GROUP}-${WORKERS}.b") == "a-fraud-3.b")
    #expect(try group("${NONE:-other}") == "other")
    #expect(try group("${EMPTY:-other}") == "other")
    #expect(try group("${NONE:-${GROUP}-x}") == "fraud-x")
    #expect(try group("'${GROUP}'") == "fraud")
    #expect(try group("\"${GROUP}\"") == "fraud")
  }

  @Test func aVariableIsWhatItsPlaceAsksFor() throws {
    #expect(try group("${DIGITS}") == "42")
    let configuration = try ConfigurationFixture.configuration(
      "lanes: {bulk: {model: fraud, workers: \"${WORKERS}\", max_delay: '${DELAY:-20ms}'}}", environment: environment)
    #expect(configuration.lanes[0].workers.value == 3)
    #expect(configuration.lanes[0].maxDelay.value == .milliseconds(20))
  }

  @Test func dollarsThatOpenNothingStay() throws {
    let configuration = try ConfigurationFixture.configuration(
      "event: {id: 'event.a.matches(\"^x$\") ? \"$5\" : \"$${GROUP}\"'}", environment: environment)
    #expect(configuration.event.id?.value == "event.a.matches(\"^x$\") ? \"$5\" : \"${GROUP}\"")
  }

  @Test(arguments: [
    ConfigurationFault("group: a${NONE}", "1:9: environment variable 'NONE' is not set | set it, or write a default: ${NONE:-value}"),
    ConfigurationFault(
      "group: ${GROPU}",
      "1:8: environment variable 'GROPU' is not set | did you mean 'GROUP'? otherwise set it, or write a default: ${GROPU:-value}"),
    ConfigurationFault(
      "group: \"a\\u0041${NONE}\"", "1:16: environment variable 'NONE' is not set | set it, or write a default: ${NONE:-value}"),
    ConfigurationFault(
      "group: ${NONE:-${ALSO}}", "1:16: environment variable 'ALSO' is not set | set it, or write a default: ${ALSO:-value}"),
    ConfigurationFault(
      "group: ab${GROUP", "1:10: '${' is never closed | write ${NAME}, ${NAME:-default} or ${file:/path}; $${ stands for the two characters"
    ),
    ConfigurationFault(
      "group: ${}",
      "1:8: '' is no environment variable | write ${NAME}, ${NAME:-default} or ${file:/path}; $${ stands for the two characters"),
    ConfigurationFault(
      "group: ${A-b}",
      "1:8: 'A-b' is no environment variable | write ${NAME}, ${NAME:-default} or ${file:/path}; $${ stands for the two characters"),
    ConfigurationFault(
      "group: ${1A}",
      "1:8: '1A' is no environment variable | write ${NAME}, ${NAME:-default} or ${file:/path}; $${ stands for the two characters"),
    ConfigurationFault(
      "group: ${file:/nowhere/x}",
      "1:8: cannot read '/nowhere/x': there is no such file | correct the path or the file; "
        + "a relative path counts from this file's folder"),
    ConfigurationFault(
      "group: ${file:/tmp}",
      "1:8: cannot read '/tmp': it is not a regular file | correct the path or the file; a relative path counts from this file's folder"),
    ConfigurationFault(
      "lanes: {bulk: {model: fraud, workers: \"${GROUP}\"}}",
      "1:39: 'workers' in lanes.bulk must be an integer, not the string 'fraud' | allowed: 1 to 256"),
    ConfigurationFault(
      "lanes: {bulk: {model: fraud, workers: \"${API_TOKEN}\"}}",
      "1:39: 'workers' in lanes.bulk must be an integer, not a secret | allowed: 1 to 256"),
    ConfigurationFault(
      "lanes: {bulk: {model: fraud, max_delay: \"${API_TOKEN}\"}}",
      "1:41: 'max_delay' in lanes.bulk must be a duration, not a secret | write a number "
        + "and a unit: us, ms, s, m, h"),
    ConfigurationFault("group: ${EMPTY}", "1:8: 'group' cannot be the string '' | write 1 to 200 of the characters A-Z a-z 0-9 . _ -"),
  ])
  func whatCannotBeFilledInIsReportedAtItsPlace(_ fault: ConfigurationFault) {
    #expect(faults(fault.text) == [fault.expected])
  }

  @Test func filesAreReadWithoutTheirLastLineFeed() throws {
    let folder = NSTemporaryDirectory() + "millrace-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "s3cret\n".write(toFile: folder + "/password", atomically: true, encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/password")
    let text = ConfigurationFixture.text(
      "kafka: {bootstrap.servers: 'h:1', sasl.password: '${file:password}', client.id: '${file:\(folder)/link}'}")
    let configuration = try Configuration.parse(text, file: folder + "/a.yaml")
    #expect(configuration.kafka["sasl.password"] == "s3cret")
    #expect(configuration.kafka["client.id"] == "s3cret")
  }

  @Test func keysAndCommentsAreLeftAlone() throws {
    #expect(try ConfigurationFixture.configuration("group: fraud # ${NONE}").group.value == "fraud")
    #expect(
      faults("'${GROUP}': x") == [
        "1:1: unknown key '${GROUP}' at the top level | keys: group, topics, kafka, event, routes, lanes, models, "
          + "publish, dead_letter, shutdown_timeout, stall_timeout, operations, logging, tests"
      ])
  }
}
