import CEL
import CELFields

/// Routes records and decodes them into the rows of tensors. One worker's, used by one thread; it reuses all its memory.
package final class EventDecoder {
  /// How much of a payload is read before it is known whose the record is. The lane of a record is the same either way.
  enum Reading {
    /// By the share of records that the lane takes.
    case adaptive
    /// What the routes need, and the rest when the lane takes the record.
    case routesFirst
    /// Everything at once.
    case everything
  }

  private let program: DecodingProgram
  private let lane: Int
  private let routesUseEvent: Bool
  private let members: [MemberWriter]
  /// The same without counting references, for the hot path.
  private let hotMembers: UnsafeMutableBufferPointer<Unmanaged<MemberWriter>>
  private let payload: PayloadReader
  private let payloadOwner: AnyObject
  private var columns: [FeatureColumn] = []
  private var writers = UnsafeMutableBufferPointer<FeatureWriter>(start: nil, count: 0)

  /// The record routed last, where the activation finds it.
  private let record: UnsafeMutablePointer<RecordView>
  private var context: Activation
  /// The share of records that the lane takes, of 65,536; it follows the last hundred or so.
  private var takenShare = 0

  /// - Parameter lane: the number of the lane whose features the program describes.
  package convenience init(_ program: DecodingProgram, lane: Int) throws {
    try self.init(program, lane: lane, reading: .adaptive)
  }

  init(_ program: DecodingProgram, lane: Int, reading: Reading) throws {
    (payload, payloadOwner) = try PayloadReader.make(program, reading: reading)
    self.program = program
    self.lane = lane
    routesUseEvent = program.routes.usesEvent
    var members: [MemberWriter] = []
    if let id = program.id { members.append(MemberWriter(name: "id", id, isFirst: true, isRequired: true)) }
    for member in program.include {
      members.append(MemberWriter(name: member.name, member.expression, isFirst: members.isEmpty, isRequired: false))
    }
    self.members = members
    hotMembers = .allocate(capacity: members.count)
    _ = hotMembers.initialize(from: members.map(Unmanaged.passUnretained))
    record = .allocate(capacity: 1)
    record.initialize(to: RecordView(value: nil))
    context = Activation(record: record, containers: payload.containers(record))
  }

  deinit {
    hotMembers.deallocate()
    writers.deallocate()
    record.deallocate()
  }

  /// Where features are written from now on. Cheap if only addresses change.
  /// - Parameter columns: one per feature, in their order.
  package func bind(_ columns: [FeatureColumn]) throws {
    guard columns.count == program.features.count else {
      throw DecodingProgramError(.columnCount(features: program.features.count, columns: columns.count))
    }
    let writers = try payload.bind(program.features, columns)
    self.columns = columns
    self.writers.deallocate()
    self.writers = .allocate(capacity: writers.count)
    _ = self.writers.initialize(from: writers)
  }

  /// The lane of a record: a pure function of the record, the same in the decoder of every lane. The record's payload, key and headers
  /// are borrowed until the next call, for `decode`.
  package func route(_ record: borrowing RecordView) -> Routing {
    begin(record)
    if routesUseEvent {
      let event = payload.readForRoutes(record.value, isLikelyTaken: takenShare > 49_152)
      context.fields = event.fields
      context.eventFault = event.fault
    }
    let routing = program.routes.route(context)
    takenShare += ((routing.lane == lane ? 65_536 : 0) - takenShare) / 64
    return routing
  }

  @inline(__always)
  private func begin(_ record: borrowing RecordView) {
    self.record.pointee = copy record
    context.fields = nil
    context.eventFault = nil
    payload.forget()
  }

  /// Of the record routed last: writes its features into a row, and appends its members (`"id":…,"card":…`) as JSON without braces.
  /// - Returns: what is wrong with the record; then nothing has been appended, and the row is worth nothing.
  package func decode(row: Int, members output: inout ByteBuffer) -> DecodingFault? {
    if let fault = payload.readAll(record.pointee.value, writers, row: row) { return fault }
    if payload.isReadToItsEnd {
      context.fields = payload.event.fields
      context.eventFault = nil
    }
    if let fault = writeFeatures(row: row) { return fault }
    return writeMembers(to: &output)
  }

  @inline(__always)
  private func writeFeatures(row: Int) -> DecodingFault? {
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
      if let fault = program.features[index].decode(writer, columns[index], row: row, context: context, payload: payload) { return fault }
    }
    return nil
  }

  @inline(__always)
  private func writeMembers(to output: inout ByteBuffer) -> DecodingFault? {
    let start = output.count
    let key = record.pointee.key
    for member in hotMembers {
      if let fault = member._withUnsafeGuaranteedRef({ $0.write(context, key: key, payload, to: &output) }) {
        output.truncate(to: start)
        return fault
      }
    }
    return nil
  }

  // MARK: Explaining

  /// Which rules before the one that matched failed on the record routed last, and why. For people: it evaluates them once more.
  package func failedRules(before rule: Int) -> [(rule: Int, reason: String)] {
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
  package func idOfLast() -> String? {
    guard let id = program.id, !id.usesEvent || payload.isReadToItsEnd else { return nil }
    // An id that no value can hold is copied as it stands, as it goes into a prediction.
    if let slot = id.slot, let part = context.fields.flatMap({ UnreadablePart($0 + slot) }) { return part.json }
    guard case .success(let value) = id.evaluate(context) else { return nil }
    return try? value.json()
  }
}
