import Millrace
import Testing

@Suite struct ConfigurationDiagnosticTests {
  private func rendered(_ text: String, environment: [String: String] = [:]) -> String {
    do {
      _ = try ConfigurationFixture.configuration(text, environment: environment)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func faultsRenderLikeACompilers() {
    #expect(
      rendered("lanes:\n  bulk:\n    model: fraud\n    max_bach_size: 256\nshutdown_timeout: 5") == """
        config/test.yaml:4:5: error: unknown key 'max_bach_size' in lanes.bulk
          4 |     max_bach_size: 256
            |     ^
          help: did you mean 'max_batch_size'?
        config/test.yaml:5:19: error: 'shutdown_timeout' has no unit: 5
          5 | shutdown_timeout: 5
            |                   ^
          help: write 5ms; units: us, ms, s, m, h
        """)
  }

  @Test func aLongLineIsCutAroundTheFault() throws {
    let text = rendered("topics: [\(String(repeating: "abcdefghi, ", count: 40))x y]")
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { $0.count <= 160 || $0.contains("error") })
    let caret = try #require(lines.lastIndex { $0.hasSuffix("^") })
    #expect(lines[caret - 1].hasSuffix("x y]"))
    #expect(lines[caret - 1].count - lines[caret].count == 3)
  }

  @Test func tabsKeepTheCaretUnderItsCharacter() {
    #expect(rendered("group:\ta b").contains("  1 | group:\ta b\n    |       \t^\n"))
  }

  @Test func controlSequencesOfAValueDoNotReachTheTerminal() {
    let text = rendered("group: \"a\\e[31m\\nb\"", environment: [:])
    #expect(!text.contains("\u{1B}"))
    #expect(text.contains("'group' cannot be the string"))
  }
}
