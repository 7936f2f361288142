import ArgumentParser
import Foundation
import Testing

@testable import Millrace
@testable import MillraceCLI

/// The reference pages say what the program does.
@Suite struct ReferencePageTests {
  private func page(_ name: String) throws -> String {
    try String(contentsOf: ChildProcess.root.appendingPathComponent("docs/reference/\(name).md"), encoding: .utf8)
  }

  @Test func thePageOfTheCommandsIsCurrent() throws {
    let generated = try CommandReference.markdown()
    let isCurrent = try page("cli") == generated
    #expect(isCurrent, "docs/reference/cli.md differs from the declarations: run `millrace schema --cli > docs/reference/cli.md`")
    #expect(generated.contains("| `--until-drained` | off |") && generated.contains("## `millrace redrive`"))
    #expect(!generated.contains("--cli` |"), "hidden options stay hidden")
  }

  @Test func everyHeaderOfADeadLetterIsNamedAndNoOther() throws {
    let named = try page("headers").matches(of: #/\| `([a-z_.-]+)` \|/#).map { String($0.1) }
    let written = [
      DeadLetter.topic, DeadLetter.partition, DeadLetter.offset, DeadLetter.timestamp, DeadLetter.group, DeadLetter.stage,
      DeadLetter.message, DeadLetter.deliveryCount, DeadLetter.omittedValueBytes, DeadLetter.omittedKeyBytes,
      DeadLetter.omittedHeaderBytes,
    ]
    #expect(named == ["millrace-source", "traceparent", "tracestate", "millrace-replay"] + written)
    // The source that declares them declares no more.
    let source = try String(
      contentsOf: ChildProcess.root.appendingPathComponent("Sources/Millrace/Publishing/DeadLetter.swift"), encoding: .utf8)
    #expect(Set(source.matches(of: #/"(__dlq\.errors\.[a-z.]+[a-z])"/#).map { String($0.1) }) == Set(written))
    for stage in FailureStage.allCases { #expect(try page("headers").contains("`\(stage.rawValue)`")) }
  }

  @Test func theExitCodesAreThoseOfThePage() throws {
    let codes = try page("errors").matches(of: #/(?m)^\| ([0-9]+) \|/#).compactMap { Int32($0.1) }
    #expect(codes == [0, 1, 64, 70, 78])
    #expect(ExitCode.runtimeFault.rawValue == 70 && ExitCode.configurationFault.rawValue == 78)
    #expect(ExitCode.validationFailure.rawValue == 64 && ExitCode.failure.rawValue == 1)
  }

  @Test func theFaultsOfThePageAreThoseOfTheSources() throws {
    let root = ChildProcess.root.appendingPathComponent("Sources")
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
    let sources = try files.filter { $0.pathExtension == "swift" }.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    let chapter = try #require(try page("errors").firstMatch(of: #/(?s)\n## Faults at run time.*?(?=\n## )/#)?.0)
    let cells = chapter.matches(of: #/(?m)^\| (`.+?) \|/#).flatMap { $0.1.matches(of: #/`([^`]+)`/#).map(\.1) }
    #expect(cells.count > 20)
    // Names of things stand where the page has an ellipsis.
    for words in cells.flatMap({ $0.split(separator: "…") }).map({ $0.trimmingCharacters(in: .whitespaces) }) where words.count > 3 {
      let literal = words.replacing("lane NAME: ", with: "")
      #expect(sources.contains(literal), "no error says '\(literal)'")
    }
  }
}
