import Testing

@testable import CEL
@testable import EventDecoding

/// What is chosen by a payload's format, and where.
@Suite struct PayloadFormatTests {
  private func program(_ format: PayloadFormat) throws -> DecodingProgram {
    try DecodingProgram(
      format: format, routes: RouteTable(laneNames: ["only"], routes: [Route(lane: 0)]), features: [], routeFields: FieldPlan(),
      allFields: FieldPlan())
  }

  @Test(arguments: PayloadFormat.allCases)
  func everyFormatHasAReaderOfItsOwn(_ format: PayloadFormat) throws {
    let (reader, owner) = try PayloadReader.make(try program(format), reading: .adaptive)
    defer { withExtendedLifetime(owner) {} }
    let kind =
      switch reader {
      case .json: PayloadFormat.json
      case .tensor: PayloadFormat.tensor
      }
    #expect(kind == format)
    let readers = try PayloadFormat.allCases.map { format in
      ObjectIdentifier(type(of: try PayloadReader.make(program(format), reading: .adaptive).owner))
    }
    #expect(Set(readers).count == PayloadFormat.allCases.count)
  }

  /// The same four bytes.
  @Test(arguments: PayloadFormat.allCases)
  func aPayloadMeansWhatItsFormatSays(_ format: PayloadFormat) throws {
    let rig = try DecoderRig(features: [DecoderRig.Feature("event", vector: FeatureVector(length: 1))], format: format)
    let found = rig.decode(Array("[65]".utf8))
    #expect(found == [format == .json ? "65.0" : "\(Float(bitPattern: 0x5D35_365B))"])
  }
}
