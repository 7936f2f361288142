import EventDecoding
import Testing

@testable import Millrace

/// Each value of `event.format` is a format of payloads, and none stands for another.
@Suite struct EventFormatTests {
  @Test(arguments: PayloadFormat.allCases)
  func everyFormatIsReadAsItself(_ format: PayloadFormat) throws {
    let inputs = !format.isModelInput ? "inputs: [{name: input, features: [event.a, event.b, event.c]}], " : ""
    let configuration = try ConfigurationFixture.configuration(
      """
      event: {format: \(format.rawValue), id: 'headers["id"]'}
      models: {fraud: {path: \(DryRunFixture.path("matrix")), \(inputs)outputs: {sum: sum, twice: doubled}}}
      """)
    let lanes = try LaneCompiler(configuration).lanes()
    #expect(!lanes.isEmpty && lanes.allSatisfy { $0.decoding.programs.allSatisfy { $0.format == format } })
  }
}
