import CEL
import CELFields

/// Payloads that are the features themselves: float32 values, little-endian. Nothing of them can be read by an expression.
final class TensorPayload: PayloadFormatReader {
  init(_ program: DecodingProgram, reading: EventDecoder.Reading) throws {}

  static func check(_ program: DecodingProgram) throws(DecodingProgramError) {
    for feature in program.features where feature.expression.usesEvent {
      guard isSlice(feature) else {
        throw DecodingProgramError(.feature(feature.name, .partOfTensor))
      }
      guard feature.missing == .error else {
        throw DecodingProgramError(.feature(feature.name, .missingInTensor))
      }
    }
    let readers = program.routes.routes.compactMap(\.when) + [program.id].compactMap(\.self) + program.include.map(\.expression)
    if let reader = readers.first(where: \.usesEvent) {
      throw DecodingProgramError(.noEvent(expression: reader.source))
    }
  }

  /// Whether a feature is a slice of the payload.
  private static func isSlice(_ feature: FeatureDefinition) -> Bool {
    feature.expression.path?.components.isEmpty == true && feature.vector != nil
  }

  func bind(_ features: [FeatureDefinition], _ columns: [FeatureColumn]) throws -> [FeatureWriter] {
    try zip(features, columns).map { feature, column in
      try feature.writer(column, Self.isSlice(feature) ? .payload : .expression)
    }
  }

  static func containers(_ record: UnsafePointer<RecordView>) -> ContainerReader { .none }

  func forget() {}

  func readForRoutes(_ payload: UnsafeRawBufferPointer?, isLikelyTaken: Bool) -> ExtractedEvent { event }

  /// Writes the vectors over the event, which are slices of the payload.
  func readAll(
    _ payload: UnsafeRawBufferPointer?, _ writers: UnsafeMutableBufferPointer<FeatureWriter>, row: Int
  ) -> DecodingFault? {
    let width = writers.reduce(0) { $1.source == .payload ? $0 + $1.width : $0 }
    guard width > 0 else { return nil }
    guard let payload else { return .noPayload }
    guard payload.count == 4 * width else {
      return DecodingFault(.mismatch(.init(.floats(width), found: .bytes(payload.count))))
    }
    var start = 0
    for writer in writers where writer.source == .payload {
      let end = start + 4 * writer.width
      writer.writeVector(float32: UnsafeRawBufferPointer(rebasing: payload[start..<end]), row: row)
      start = end
    }
    return nil
  }

  var event: ExtractedEvent { ExtractedEvent(fault: EventFault("a tensor has no event to read")) }

  var isReadToItsEnd: Bool { false }

  func vector(_ number: Int) -> ExtractedVector {
    ExtractedVector(state: .read, elements: nil, count: 0, faultIndex: 0)
  }

  func append(_ field: UnsafePointer<cel_field>, to json: inout ByteBuffer) {
    json.append("null")
  }
}
