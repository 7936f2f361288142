import CEL
import CELFields
import JSONFields

extension EventFault {
  @inline(__always) static var noPayload: EventFault { EventFault("the record has no payload, so there is no event") }
  @inline(__always) static var emptyPayload: EventFault { EventFault("the record's payload is empty, so there is no event") }
  @inline(__always) static var invalidJSON: EventFault { EventFault("the record's payload is not valid JSON") }
}

/// Payloads of JSON: one pass finds what the routes read, and another, or the same one, all the rest.
final class JSONPayload: PayloadFormatReader {
  private enum Progress {
    /// The payload has not been looked at.
    case unread
    /// It is in the document, and its fields can be extracted.
    case loaded
    /// All fields are extracted, and the payload is valid.
    case complete
    /// It is not valid, or there is none.
    case invalid
  }

  private let plan: FieldPlan
  private let reading: EventDecoder.Reading
  /// Whether features or members read the event.
  private let isDecoded: Bool
  private let document: JSONDocument
  private let routeFields: FieldExtractor
  private var allFields: FieldExtractor
  /// The same without counting references, for the hot path.
  private var hotFields: Unmanaged<FieldExtractor>
  private var requests: [FieldExtractor.VectorRequest] = []
  private var progress = Progress.unread

  init(_ program: DecodingProgram, reading: EventDecoder.Reading) throws {
    plan = program.allFields
    self.reading = reading
    isDecoded =
      program.features.contains { $0.expression.usesEvent } || program.id?.usesEvent == true
      || program.include.contains { $0.expression.usesEvent }
    document = try JSONDocument()
    routeFields = try FieldExtractor(program.routeFields, vectors: [], document: document)
    allFields = try FieldExtractor(program.allFields, vectors: [], document: document)
    hotFields = .passUnretained(allFields)
  }

  /// Any expression can read JSON.
  static func check(_ program: DecodingProgram) throws(DecodingProgramError) {}

  func bind(_ features: [FeatureDefinition], _ columns: [FeatureColumn]) throws -> [FeatureWriter] {
    var requests: [FieldExtractor.VectorRequest] = []
    var writers: [FeatureWriter] = []
    for (feature, column) in zip(features, columns) {
      let isArray = feature.vector?.encoding == .array && feature.expression.slot != nil
      let source: FeatureWriter.Source = feature.expression.slot == nil ? .expression : .field
      let writer = try feature.writer(column, source, vector: isArray ? requests.count : nil)
      writers.append(writer)
      if isArray, let slot = feature.expression.slot {
        let substitute = writer.hasSubstitute ? writer.substitute : nil
        requests.append(
          FieldExtractor.VectorRequest(slot: slot, element: mr_element(writer.type), length: feature.width, nullValue: substitute))
      }
    }
    if requests != self.requests {
      allFields = try FieldExtractor(plan, vectors: requests, document: document)
      hotFields = .passUnretained(allFields)
      self.requests = requests
      progress = .unread
    }
    return writers
  }

  // MARK: Reading

  @inline(__always)
  func forget() { progress = .unread }

  func readForRoutes(_ payload: UnsafeRawBufferPointer?, isLikelyTaken: Bool) -> ExtractedEvent {
    guard let payload, !payload.isEmpty else {
      progress = .invalid
      return ExtractedEvent(fault: payload == nil ? .noPayload : .emptyPayload)
    }
    guard document.load(payload) else {
      progress = .invalid
      return ExtractedEvent(fault: .invalidJSON)
    }
    progress = .loaded
    if readsEverything(isLikelyTaken) {
      if hotFields._withUnsafeGuaranteedRef({ $0.extractLoaded(validating: true) }) {
        progress = .complete
        return event
      }
      progress = .invalid
    }
    // What decides the route of a payload that is not valid must not depend on how much of it this lane happened to read.
    return routeFields.extractLoaded(validating: false)
      ? ExtractedEvent(fields: routeFields.fields) : ExtractedEvent(fault: .invalidJSON)
  }

  /// Everything at once if most records are taken: going over a payload twice costs more than the few that were not needed.
  @inline(__always)
  private func readsEverything(_ isLikelyTaken: Bool) -> Bool {
    switch reading {
    case .adaptive: isDecoded && isLikelyTaken
    case .routesFirst: false
    case .everything: isDecoded
    }
  }

  @inline(__always)
  func readAll(
    _ payload: UnsafeRawBufferPointer?, _ writers: UnsafeMutableBufferPointer<FeatureWriter>, row: Int
  ) -> DecodingFault? {
    isDecoded && progress != .complete ? readEverything(payload) : nil
  }

  private func readEverything(_ payload: UnsafeRawBufferPointer?) -> DecodingFault? {
    guard let payload else { return .noPayload }
    if payload.isEmpty { return .emptyPayload }
    if progress != .loaded || !hotFields._withUnsafeGuaranteedRef({ $0.extractLoaded(validating: true) }) {
      if let fault = hotFields._withUnsafeGuaranteedRef({ $0.extract(payload, validating: true) }) {
        progress = .invalid
        return fault
      }
    }
    progress = .complete
    return nil
  }

  @inline(__always)
  var event: ExtractedEvent { ExtractedEvent(fields: hotFields._withUnsafeGuaranteedRef { $0.fields }) }

  var isReadToItsEnd: Bool { progress == .complete }

  // MARK: What is not a single field

  func vector(_ number: Int) -> ExtractedVector {
    guard let read = hotFields._withUnsafeGuaranteedRef({ $0.vectors })?[number] else {
      return ExtractedVector(state: .read, elements: nil, count: 0, faultIndex: 0)
    }
    let state: ExtractedVector.State =
      switch mr_vector_state(rawValue: mr_vector_state.RawValue(read.state)) {
      case MR_VECTOR_READ: .read
      case MR_VECTOR_ELEMENT: .noNumber(kind: Int32(read.fault_kind))
      default: .outOfRange
      }
    return ExtractedVector(state: state, elements: read.elements, count: read.count, faultIndex: read.fault_index)
  }

  /// The text of the value is JSON as it stands.
  @inline(__always)
  func append(_ field: UnsafePointer<cel_field>, to json: inout ByteBuffer) {
    json.append(UnsafeRawBufferPointer(start: field.pointee.raw, count: field.pointee.raw_length))
  }

  static func containers(_ record: UnsafePointer<RecordView>) -> ContainerReader {
    ContainerReader(
      context: record,
      read: { _, field, value in
        guard let found = JSONValues.value(field.pointee) else { return false }
        value.initializeMemory(as: Value.self, to: found)
        return true
      },
      // Its first character tells.
      root: { context in
        guard let payload = context?.assumingMemoryBound(to: RecordView.self).pointee.value else { return FieldKind.null }
        for byte in payload where byte > 0x20 {
          return byte == UInt8(ascii: "{") ? FieldKind.map : byte == UInt8(ascii: "[") ? FieldKind.list : FieldKind.null
        }
        return FieldKind.null
      })
  }
}

extension mr_element {
  /// The element of vectors of this type; only numbers have one.
  init(_ type: FeatureType) {
    self =
      switch type {
      case .float32: MR_FLOAT32
      case .float64: MR_FLOAT64
      case .int32: MR_INT32
      case .int64, .bool, .string: MR_INT64
      }
  }
}
