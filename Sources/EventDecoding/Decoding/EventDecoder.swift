import CSimdJSON

/// Routes records and decodes them into the rows of tensors. One worker's, used by one thread; it reuses all its memory.
public final class EventDecoder {
  /// How much of a payload is read before it is known whose the record is. The lane of a record is the same either way.
  enum Reading {
    /// By the share of records that the lane takes.
    case adaptive
    /// What the routes need, and the rest when the lane takes the record.
    case routesFirst
    /// Everything at once.
    case everything
  }

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

  private let program: DecodingProgram
  private let lane: Int
  private let reading: Reading
  private let routesUseEvent: Bool
  private let decodingUsesEvent: Bool
  private let members: [MemberWriter]
  /// The same without counting references, for the hot path.
  private let hotMembers: UnsafeMutableBufferPointer<Unmanaged<MemberWriter>>

  private let document: JSONDocument
  private let routeFields: FieldExtractor
  private var allFields: FieldExtractor
  private var hotFields: Unmanaged<FieldExtractor>
  private var requests: [FieldExtractor.VectorRequest] = []
  private var columns: [FeatureColumn] = []
  private var writers = UnsafeMutableBufferPointer<FeatureWriter>(start: nil, count: 0)

  private var context = EvaluationContext(record: RecordView(value: nil), fields: nil)
  private var progress = Progress.unread
  /// The share of records that the lane takes, of 65,536; it follows the last hundred or so.
  private var takenShare = 0

  /// - Parameter lane: the number of the lane whose features the program describes.
  public convenience init(_ program: DecodingProgram, lane: Int) throws {
    try self.init(program, lane: lane, reading: .adaptive)
  }

  init(_ program: DecodingProgram, lane: Int, reading: Reading) throws {
    self.program = program
    self.lane = lane
    self.reading = reading
    document = try JSONDocument()
    routeFields = try FieldExtractor(program.routeFields, vectors: [], document: document)
    allFields = try FieldExtractor(program.allFields, vectors: [], document: document)
    hotFields = .passUnretained(allFields)
    var members: [MemberWriter] = []
    if let id = program.id { members.append(MemberWriter(name: "id", id, isFirst: true, isRequired: true)) }
    for member in program.include {
      members.append(MemberWriter(name: member.name, member.expression, isFirst: members.isEmpty, isRequired: false))
    }
    self.members = members
    hotMembers = .allocate(capacity: members.count)
    _ = hotMembers.initialize(from: members.map(Unmanaged.passUnretained))
    routesUseEvent = program.routes.usesEvent
    decodingUsesEvent =
      program.format == .json
      && (program.features.contains { $0.expression.usesEvent } || program.id?.usesEvent == true
        || program.include.contains { $0.expression.usesEvent })
  }

  deinit {
    hotMembers.deallocate()
    writers.deallocate()
  }

  /// Where features are written from now on. Cheap if only addresses change.
  /// - Parameter columns: one per feature, in their order.
  public func bind(_ columns: [FeatureColumn]) throws {
    guard columns.count == program.features.count else {
      throw DecodingProgramError("there are \(program.features.count) features, and \(columns.count) columns for them")
    }
    var requests: [FieldExtractor.VectorRequest] = []
    var writers: [FeatureWriter] = []
    for (feature, column) in zip(program.features, columns) {
      let isArray = program.format == .json && feature.vector?.encoding == .array && feature.expression.slot != nil
      let writer = try feature.writer(column, vector: isArray ? requests.count : nil, format: program.format)
      writers.append(writer)
      if isArray, let slot = feature.expression.slot {
        let request = FieldExtractor.VectorRequest(
          slot: slot, element: writer.mrElement, length: feature.width, nullValue: writer.hasSubstitute ? writer.substitute : nil)
        requests.append(request)
      }
    }
    if requests != self.requests {
      allFields = try FieldExtractor(program.allFields, vectors: requests, document: document)
      hotFields = .passUnretained(allFields)
      self.requests = requests
      progress = .unread
    }
    self.columns = columns
    self.writers.deallocate()
    self.writers = .allocate(capacity: writers.count)
    _ = self.writers.initialize(from: writers)
  }

  /// The lane of a record: a pure function of the record, the same in the decoder of every lane. The record's payload, key and headers
  /// are borrowed until the next call, for `decode`.
  public func route(_ record: borrowing RecordView) -> Routing {
    context.record = copy record
    context.fields = nil
    context.eventFault = nil
    progress = .unread
    if routesUseEvent { readForRoutes() }
    let routing = program.routes.route(context)
    takenShare += ((routing.lane == lane ? 65_536 : 0) - takenShare) / 64
    return routing
  }

  /// Of the record routed last: writes its features into a row, and appends its members (`"id":…,"card":…`) as JSON without braces.
  /// - Returns: what is wrong with the record; then nothing has been appended, and the row is worth nothing.
  public func decode(row: Int, members output: inout ByteBuffer) -> DecodingFault? {
    if decodingUsesEvent, progress != .complete, let fault = readEverything() { return fault }
    if program.format == .tensor, let fault = writePayload(row: row) { return fault }
    let writers = writers
    let fields = context.fields
    for index in writers.indices {
      let writer = writers[index]
      switch writer.source {
      case .payload: continue
      case .field:
        guard !writer.isVector, let fields else { break }
        let field = fields + Int(writer.slot)
        if writer.type == .string, Int32(field.pointee.kind) == FieldKind.string {
          columns[index].store?(row, UnsafeRawBufferPointer(start: field.pointee.text, count: field.pointee.text_length))
          continue
        }
        if writer.write(field, row: row) { continue }
      case .expression: break
      }
      let fault = program.features[index].decode(writer, columns[index], row: row, context: context, vectors: allFields.vectors)
      if let fault { return fault }
    }
    let start = output.count
    for member in hotMembers {
      if let fault = member._withUnsafeGuaranteedRef({ $0.write(context, to: &output) }) {
        output.truncate(to: start)
        return fault
      }
    }
    return nil
  }

  // MARK: Explaining

  /// Which rules before the one that matched failed on the record routed last, and why. For people: it evaluates them once more.
  public func failedRules(before rule: Int) -> [(rule: Int, reason: String)] {
    program.routes.routes.prefix(rule).enumerated().compactMap { index, route in
      guard let when = route.when else { return nil }
      switch when.evaluate(context) {
      case .success(.bool): return nil
      case .success(let value): return (index, "the value is \(value.type.rawValue), not bool")
      case .failure(let reason): return (index, when.describe(reason))
      }
    }
  }

  /// The id of the record decoded last as JSON text, also if decoding failed; nil if it has none, or its event could not be read.
  public func idOfLast() -> String? {
    guard let id = program.id, !id.usesEvent || progress == .complete, case .success(let value) = id.evaluate(context) else { return nil }
    return try? value.json()
  }

  // MARK: Reading

  /// Reads everything at once if most records are taken: going over a payload twice costs more than the few that were not needed.
  private var readsEverything: Bool {
    switch reading {
    case .adaptive: decodingUsesEvent && takenShare > 49_152
    case .routesFirst: false
    case .everything: decodingUsesEvent
    }
  }

  private func readForRoutes() {
    guard let payload = context.record.value, !payload.isEmpty, program.format == .json else {
      context.eventFault = context.record.value == nil ? .noPayload : context.record.value?.isEmpty == true ? .emptyPayload : .invalidJSON
      progress = .invalid
      return
    }
    guard document.load(payload) else {
      context.eventFault = .invalidJSON
      progress = .invalid
      return
    }
    progress = .loaded
    if readsEverything {
      if hotFields._withUnsafeGuaranteedRef({ $0.extractLoaded(validating: true) }) {
        progress = .complete
        context.fields = hotFields._withUnsafeGuaranteedRef { $0.fields }
        return
      }
      progress = .invalid
    }
    // What decides the route of a payload that is not valid must not depend on how much of it this lane happened to read.
    if routeFields.extractLoaded(validating: false) {
      context.fields = routeFields.fields
    } else {
      context.eventFault = .invalidJSON
    }
  }

  private func readEverything() -> DecodingFault? {
    guard let payload = context.record.value else { return DecodingFault(.payload, "the record has no payload: it is a tombstone") }
    if payload.isEmpty { return DecodingFault(.payload, "the record's payload is empty") }
    if progress != .loaded || !hotFields._withUnsafeGuaranteedRef({ $0.extractLoaded(validating: true) }) {
      if let fault = hotFields._withUnsafeGuaranteedRef({ $0.extract(payload, validating: true) }) {
        progress = .invalid
        return fault
      }
    }
    progress = .complete
    context.fields = hotFields._withUnsafeGuaranteedRef { $0.fields }
    context.eventFault = nil
    return nil
  }

  /// The format tensor: the vectors over the event are slices of the payload.
  private func writePayload(row: Int) -> DecodingFault? {
    let width = writers.reduce(0) { $1.source == .payload ? $0 + $1.width : $0 }
    guard width > 0 else { return nil }
    guard let payload = context.record.value else { return DecodingFault(.payload, "the record has no payload: it is a tombstone") }
    guard payload.count == 4 * width else {
      return DecodingFault(.payload, "the payload: " + FeatureWriter.byteMismatch(expected: width, found: payload.count))
    }
    var start = 0
    for writer in writers where writer.source == .payload {
      let end = start + 4 * writer.width
      writer.writeVector(float32: UnsafeRawBufferPointer(rebasing: payload[start..<end]), row: row)
      start = end
    }
    return nil
  }
}
