import ArgumentParser
import Foundation
import Millrace

struct TestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Hold a configuration against the cases under its key tests. Needs no Kafka.",
    discussion: "Exit codes: 0 every case holds, 1 some don't, 78 the configuration is faulty or has no cases.")

  @Argument(help: "The configuration file.") var config: String

  func run() async throws {
    try await reportingFaults {
      let configuration = try Configuration.load(config)
      guard !configuration.tests.isEmpty else {
        let place = SourceLocation(file: configuration.file, line: 0, column: 0)
        let help = "add some, for example: tests: [{name: large payments are urgent, event: {amount: 900.0}, lane: urgent}]"
        throw ConfigurationError([Diagnostic("the file has no tests", at: place, help: help)])
      }
      let dryRun = try DryRun(configuration)
      let verdicts = configuration.tests.map { dryRun.run($0, of: configuration) }
      for line in verdicts.flatMap(\.lines) { print(line) }
      let failed = verdicts.count { !$0.holds }
      print("\n\(verdicts.count) \(verdicts.count == 1 ? "test" : "tests"), \(failed == 0 ? "all hold" : "\(failed) failed")")
      fflush(nil)
      if failed > 0 { throw ExitCode.failure }
    }
  }
}

extension TestVerdict {
  /// The case on one line; if it doesn't hold, its place and each failure below.
  var lines: [String] {
    if holds { return ["ok    \(name): \(summary)"] }
    return ["FAIL  \(name) (\(location))"] + failures.map { "      \($0.location): \($0.message)" }
  }
}
