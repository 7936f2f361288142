import ArgumentParser
import Foundation
import Millrace
import Testing

@testable import MillraceCLI

/// The commands that try events without Kafka, on the configuration that the project shows to its users.
@Suite struct DryRunTableTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private static let config = root.appendingPathComponent("config/fraud.yaml").path

  private static func golden() throws -> String {
    let text = try String(contentsOf: root.appendingPathComponent("config/models/fraud/golden.ndjson"), encoding: .utf8)
    return try #require(text.split(separator: "\n").first.map(String.init))
  }

  private func rows(_ event: String, showsFeatures: Bool = false) throws -> [String] {
    let configuration = try Configuration.load(Self.config, environment: [:])
    let outcome = try #require(try DryRun(configuration).run(DryRunRecord(payload: Array(event.utf8))))
    return DryRunTable(configuration, showsFeatures: showsFeatures).rows(outcome, line: 12)
  }

  @Test func theHeadNamesTheRulesByNumber() throws {
    let head = DryRunTable(try Configuration.load(Self.config, environment: [:]), showsFeatures: false).head
    #expect(head[1].hasPrefix("  1  urgent  event.amount >= 500.0"))
    #expect(head[2] == "  2  bulk    everything else")
  }

  @Test func aRowHasIdLaneRuleAndPrediction() throws {
    let rows = try rows(Self.golden())
    #expect(rows.count == 1)
    #expect(rows.first?.hasPrefix("  12  t00320001                 urgent  1     score 0.00066") == true, "\(rows)")
    #expect(rows.first?.hasSuffix(#", card "c10247""#) == true)
  }

  @Test func thirtyFeaturesAreReadableOnAHundredColumns() throws {
    let rows = try rows(Self.golden(), showsFeatures: true)
    #expect(rows.count == 11)
    #expect(rows.allSatisfy { $0.count <= DryRunTable.width })
    #expect(rows.joined().contains("event.amount    619.83"))
  }

  @Test func aDeadLetterShowsItsReasonWrappedAndTheRulesThatFailed() throws {
    let rows = try rows(#"{"id":"\#(String(repeating: "long-", count: 20))","amount":"\#(String(repeating: "9", count: 60))"}"#)
    #expect(rows.allSatisfy { $0.count <= DryRunTable.width })
    #expect(rows.first?.contains("DEAD LETTER: feature event.amount") == true, "\(rows)")
    #expect(rows.last?.contains("rule 1 failed: ") == true)
  }

  @Test func theTestsOfTheFraudConfigurationHold() async throws {
    try await TestCommand.parse([Self.config]).run()
  }

  @Test func aTestThatFailsEndsWithOneAndAFileWithoutTestsWith78() async throws {
    let text = try String(contentsOfFile: Self.config, encoding: .utf8)
    let failing = text.replacing("amount: 500.0}", with: "amount: 499.0}")
    #expect(failing != text)
    try await expectExit(1, of: failing)
    let untested = try #require(text.range(of: "\ntests:")).lowerBound
    try await expectExit(78, of: String(text[..<untested]))
  }

  private func expectExit(_ code: Int32, of text: String) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("config.yaml")
    let models = Self.root.appendingPathComponent("config/models").path
    try text.replacing("path: models/", with: "path: \(models)/").write(to: file, atomically: true, encoding: .utf8)
    let error = await #expect(throws: ExitCode.self) { try await TestCommand.parse([file.path]).run() }
    #expect(error?.rawValue == code)
  }

  @Test(arguments: [["--topic", "unread"], ["--timestamp", "yesterday"], ["--header", "priority"], ["--format", "xml"]])
  func whatADryRunCannotUseIsAFaultOfUsage(_ arguments: [String]) async {
    let error = await #expect(throws: (any Error).self) {
      try await DryRunCommand.parse([Self.config, "/dev/null"] + arguments).run()
    }
    if let error { #expect(DryRunCommand.exitCode(for: error).rawValue == 64) }
  }

  @Test func linesAreReadAsBytesAndBlankOnesPassedOver() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-\(UUID().uuidString).ndjson")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data([0x7B, 0xFF, 0x0A, 0x0A, 0x20, 0x0D, 0x0A, 0x7D]).write(to: file)
    let lines = try EventLines(path: file.path)
    let first = try #require(lines.next())
    #expect(first.number == 1 && first.bytes == [0x7B, 0xFF])
    let second = try #require(lines.next())
    #expect(second.number == 4 && second.bytes == [0x7D])
    #expect(lines.next() == nil)
    #expect(throws: ValidationError.self) { try EventLines(path: "/nowhere/events.ndjson") }
  }
}
