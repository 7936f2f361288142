import EventDecoding
import Testing

@testable import Millrace

/// Each value of `event.format` is a format of payloads, and none stands for another.
@Suite struct EventFormatTests {
  @Test(arguments: Configuration.Event.Format.allCases)
  func everyFormatIsReadAsItself(_ format: Configuration.Event.Format) throws {
    #expect(PayloadFormat(format).rawValue == format.rawValue)
    let inputs = format == .json ? "inputs: [{name: input, features: [event.a, event.b, event.c]}], " : ""
    let configuration = try ConfigurationFixture.configuration(
      """
      event: {format: \(format.rawValue), id: 'headers["id"]'}
      models: {fraud: {path: \(DryRunFixture.path("matrix")), \(inputs)outputs: {sum: sum, twice: doubled}}}
      """)
    let lanes = try LaneCompiler(configuration).lanes()
    #expect(!lanes.isEmpty && lanes.allSatisfy { $0.programs.allSatisfy { $0.format.rawValue == format.rawValue } })
  }

  @Test func everyFormatOfPayloadsCanBeConfigured() {
    #expect(Set(Configuration.Event.Format.allCases.map(\.rawValue)) == Set(PayloadFormat.allCases.map(\.rawValue)))
  }
}
