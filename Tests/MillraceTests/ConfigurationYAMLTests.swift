import Foundation
import Millrace
import Testing

/// What YAML itself allows and forbids.
@Suite struct ConfigurationYAMLTests {
  @Test(arguments: ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "\u{FEFF}", "~\n", "''\n"])
  func anEmptyFileSaysHowToStart(_ text: String) {
    let faults = ConfigurationFixture.faults(ofFile: text)
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("1:") == true)
    #expect(faults.first?.contains("the file") == true)
  }

  @Test(arguments: [
    ConfigurationFault("group: 'fraud\n", "1:8: this quote is never closed | close it; in single quotes, '' stands for a quote"),
    ConfigurationFault(
      "topics: [a, b\ngroup: fraud\n",
      "2:6: invalid YAML: did not find expected ',' or ']', while parsing a flow sequence that starts at line 1 | "
        + "close the bracket, or quote a value that holds , [ ] { or }"),
    ConfigurationFault(
      "group: fraud: x\n",
      "1:13: invalid YAML: mapping values are not allowed in this context | quote a value that holds ': ', or check the "
        + "indentation"),
    ConfigurationFault(
      "group: @x\n",
      "1:8: invalid YAML: found character that cannot start any token, while scanning for the next token that starts at line 1 | "
        + "quote a value that starts with '@'"),
    ConfigurationFault("lanes:\n\tbulk: {}\n", "2:1: a tab indents this line | YAML is indented with spaces"),
    ConfigurationFault("lanes:\n  bulk:\n  \tmodel: x\n", "3:3: a tab indents this line | YAML is indented with spaces"),
    ConfigurationFault("group: *none\n", "1:8: invalid YAML: found undefined alias | define the anchor with &NAME before its first alias"),
    ConfigurationFault(
      "group: a\n---\ngroup: b\n", "2:1: a second YAML document starts here | a configuration is one document: remove the '---'"),
    ConfigurationFault(
      "group: a\u{1}b\n", "1:9: the character U+0001 is not allowed in YAML | remove it, or write it as an escape in double quotes"),
    ConfigurationFault(
      "- a\n",
      "1:1: the file must be a mapping, not a list | keys: group, topics, kafka, event, routes, lanes, models, publish, dead_letter, "
        + "shutdown_timeout, stall_timeout, operations, logging, tests"),
  ])
  func brokenYAMLIsReportedAtItsPlace(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults(ofFile: fault.text) == [fault.expected])
  }

  @Test(arguments: [
    ConfigurationFault("group: fraud\ngroup: other", "2:1: duplicate key 'group' | keep one of them: it is also at line 1, column 1"),
    ConfigurationFault("\"group\": fraud\n'group': other", "2:1: duplicate key 'group' | keep one of them: it is also at line 1, column 1"),
    ConfigurationFault(
      "lanes:\n  bulk: {model: fraud}\n  bulk: {model: fraud}",
      "3:3: duplicate key 'bulk' | keep one of them: it is also at line 2, column 3"),
    ConfigurationFault("1: x", "1:1: a key must be a string, not the integer 1 | quote it: \"1\""),
    ConfigurationFault("true: x", "1:1: a key must be a string, not the boolean true | quote it: \"true\""),
    ConfigurationFault("~: x", "1:1: a key must be a string, not nothing | write KEY: VALUE"),
    ConfigurationFault("[a, b]: x", "1:1: a key must be a string, not a list | write KEY: VALUE, or quote the key"),
    ConfigurationFault("group: !secret x", "1:8: the tag '!secret' means nothing here | remove it: values are plain YAML"),
    ConfigurationFault("<<: 5", "1:5: '<<' merges a mapping, not the integer 5 | name an anchor: <<: *defaults"),
  ])
  func keysAreUniqueStrings(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults(fault.text) == [fault.expected])
  }

  @Test func everyDuplicateIsReportedAndTheRestIsStillRead() {
    let faults = ConfigurationFixture.faults(
      """
      group: fraud
      group: fraud
      lanes:
        bulk: {model: fraud, workers: 0, workers: 1, workers: 2}
      group: fraud
      """)
    #expect(
      faults == [
        "2:1: duplicate key 'group' | keep one of them: it is also at line 1, column 1",
        "4:33: 'workers' in lanes.bulk is out of range: 0 | allowed: 1 to 256",
        "4:36: duplicate key 'workers' | keep one of them: it is also at line 4, column 24",
        "4:48: duplicate key 'workers' | keep one of them: it is also at line 4, column 24",
        "5:1: duplicate key 'group' | keep one of them: it is also at line 1, column 1",
      ])
  }

  @Test func anchorsAliasesAndMergeKeysWork() throws {
    let configuration = try ConfigurationFixture.configuration(
      """
      x-defaults: &defaults {max_batch_size: 8, workers: 3, model: fraud}
      x-slow: &slow {workers: 4, max_delay: 5ms}
      topics: &topics [a, b]
      routes: [{lane: one, when: 'true'}, {lane: two, when: 'true'}, {lane: three}]
      lanes:
        one: *defaults
        two: {<<: *defaults, workers: 1, topics: *topics}
        three:
          <<: [*slow, *defaults]
      """)
    #expect(configuration.lanes.map(\.maxBatchSize.value) == [8, 8, 8])
    #expect(configuration.lanes.map(\.workers.value) == [3, 1, 4])
    #expect(configuration.lanes.map(\.maxDelay.value) == [.zero, .zero, .milliseconds(5)])
    #expect(configuration.lanes[1].topics?.map(\.value) == ["a", "b"])
  }

  @Test func aFaultBehindAnAliasIsReportedOnceAtItsAnchor() {
    let faults = ConfigurationFixture.faults(
      """
      routes: [{lane: one, when: 'true'}, {lane: two}]
      lanes:
        one: &lane {model: fraud, workers: 0}
        two: *lane
      """)
    #expect(faults.map { $0.prefix { $0 != " " } }.allSatisfy { $0 == "3:38:" })
  }

  @Test func aliasesCannotMultiplyWithoutEnd() {
    var text = "x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      text += "x-\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
    let faults = ConfigurationFixture.faults(text + "group: fraud")
    #expect(faults.contains { $0.hasSuffix("the file grows beyond 100000 values | aliases of aliases multiply: write out what is needed") })
  }

  @Test func deepNestingIsAnErrorAndNoCrash() {
    #expect(!ConfigurationFixture.faults(ofFile: String(repeating: "[", count: 10_000)).isEmpty)
    #expect(!ConfigurationFixture.faults(ofFile: String(repeating: "{a: ", count: 10_000)).isEmpty)
    #expect(!ConfigurationFixture.faults(ofFile: String(repeating: "- ", count: 10_000)).isEmpty)
    #expect(!ConfigurationFixture.faults(ofFile: String(repeating: "[", count: 900) + String(repeating: "]", count: 900)).isEmpty)
  }

  @Test func windowsLineEndsAndAByteOrderMarkAreRead() throws {
    let text = "\u{FEFF}" + ConfigurationFixture.text("group: fraud").replacing("\n", with: "\r\n")
    #expect(try Configuration.parse(text, file: "a.yaml").group.value == "fraud")
    let broken = "\u{FEFF}" + ConfigurationFixture.text("group: fraud\nzzz: 1").replacing("\n", with: "\r\n")
    #expect(throws: ConfigurationError.self) { try Configuration.parse(broken, file: "a.yaml") }
    #expect(ConfigurationFixture.faults(ofFile: broken).first?.hasPrefix("2:1: unknown key 'zzz'") == true)
  }

  @Test func columnsCountCharactersNotBytes() {
    #expect(ConfigurationFixture.faults("x-note: {ключ: 1}\npublish: {topic: p, zzзz: 1}").first?.hasPrefix("2:21:") == true)
    #expect(ConfigurationFixture.faults("publish: {topic: 'é😀', zzz: 1}").map { $0.prefix(5) } == ["1:18:", "1:24:"])
  }

  @Test func aFileIsReadFromDisk() throws {
    let path = NSTemporaryDirectory() + "millrace-\(UUID().uuidString).yaml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try ConfigurationFixture.text("group: fraud").write(toFile: path, atomically: true, encoding: .utf8)
    #expect(try Configuration.load(path, environment: [:]).group.value == "fraud")

    try Data([0x67, 0x3A, 0x0A, 0x61, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: path))
    do {
      _ = try Configuration.load(path)
      Issue.record("a text that is no UTF-8 was read")
    } catch {
      #expect(error.description == "\(path):2:2: error: the file is not UTF-8 from here on\n  help: save it as UTF-8")
    }
  }

  @Test func aFileThatCannotBeReadIsNamed() {
    for (path, message) in [("/nowhere/a.yaml", "there is no such file"), ("/tmp", "this is a folder")] {
      do {
        _ = try Configuration.load(path)
        Issue.record("\(path) was read")
      } catch {
        #expect(error.description.hasPrefix("\(path): error: \(message)\n  help: "))
      }
    }
  }
}
