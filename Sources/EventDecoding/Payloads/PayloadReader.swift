import CEL
import CELFields

/// What an expression may read of an event, or why it can't.
struct ExtractedEvent {
  var fields: UnsafePointer<cel_field>?
  var fault: EventFault?
}

/// What each format has to be able to do. One worker's, used by one thread; a record's payload is lent until `forget`.
protocol PayloadFormatReader: AnyObject {
  /// Refuses a program that asks for what the format can't give, before any record is seen.
  static func check(_ program: DecodingProgram) throws(DecodingProgramError)

  init(_ program: DecodingProgram, reading: EventDecoder.Reading) throws
  /// The features bound to their columns. Called again whenever the columns move.
  func bind(_ features: [FeatureDefinition], _ columns: [FeatureColumn]) throws -> [FeatureWriter]

  /// What reads an event's lists and maps, with the record that is being read as its context.
  static func containers(_ record: UnsafePointer<RecordView>) -> ContainerReader
  /// The next record comes.
  func forget()
  /// What the routes read of an event.
  /// - Parameter isLikelyTaken: the lane takes most records, so that the rest of the payload is likely to be wanted, too.
  func readForRoutes(_ payload: UnsafeRawBufferPointer?, isLikelyTaken: Bool) -> ExtractedEvent
  /// All that features and members read. The payload has to be valid, wherever the format can tell.
  func readAll(_ payload: UnsafeRawBufferPointer?, _ writers: UnsafeMutableBufferPointer<FeatureWriter>, row: Int) -> DecodingFault?
  /// What the last reading left: the fields of all expressions after `readAll`.
  var event: ExtractedEvent { get }
  /// Whether the last record's event, if anybody asks for it, was read to its end.
  var isReadToItsEnd: Bool { get }
  /// The array of numbers that was asked for under a number, as the last reading found it.
  func vector(_ number: Int) -> ExtractedVector
  /// Appends a field that is neither absent nor null as JSON.
  func append(_ field: UnsafePointer<cel_field>, to json: inout ByteBuffer)
}

/// The reader of a lane's payloads. Trivial, so that asking it counts no references: whoever made it keeps `owner` alive.
enum PayloadReader {
  case json(Unmanaged<JSONPayload>)
  case tensor(Unmanaged<TensorPayload>)

  /// The only place that chooses a reader.
  static func make(_ program: DecodingProgram, reading: EventDecoder.Reading) throws -> (reader: PayloadReader, owner: AnyObject) {
    switch program.format {
    case .json:
      let payload = try JSONPayload(program, reading: reading)
      return (.json(.passUnretained(payload)), payload)
    case .tensor:
      let payload = try TensorPayload(program, reading: reading)
      return (.tensor(.passUnretained(payload)), payload)
    }
  }

  static func check(_ program: DecodingProgram) throws(DecodingProgramError) {
    switch program.format {
    case .json: try JSONPayload.check(program)
    case .tensor: try TensorPayload.check(program)
    }
  }

  func bind(_ features: [FeatureDefinition], _ columns: [FeatureColumn]) throws -> [FeatureWriter] {
    switch self {
    case .json(let payload): try payload._withUnsafeGuaranteedRef { try $0.bind(features, columns) }
    case .tensor(let payload): try payload._withUnsafeGuaranteedRef { try $0.bind(features, columns) }
    }
  }

  func containers(_ record: UnsafePointer<RecordView>) -> ContainerReader {
    switch self {
    case .json: JSONPayload.containers(record)
    case .tensor: TensorPayload.containers(record)
    }
  }

  @inline(__always)
  func forget() {
    switch self {
    case .json(let payload): payload._withUnsafeGuaranteedRef { $0.forget() }
    case .tensor(let payload): payload._withUnsafeGuaranteedRef { $0.forget() }
    }
  }

  @inline(__always)
  func readForRoutes(_ bytes: UnsafeRawBufferPointer?, isLikelyTaken: Bool) -> ExtractedEvent {
    switch self {
    case .json(let payload): payload._withUnsafeGuaranteedRef { $0.readForRoutes(bytes, isLikelyTaken: isLikelyTaken) }
    case .tensor(let payload): payload._withUnsafeGuaranteedRef { $0.readForRoutes(bytes, isLikelyTaken: isLikelyTaken) }
    }
  }

  @inline(__always)
  func readAll(
    _ bytes: UnsafeRawBufferPointer?, _ writers: UnsafeMutableBufferPointer<FeatureWriter>, row: Int
  ) -> DecodingFault? {
    switch self {
    case .json(let payload): payload._withUnsafeGuaranteedRef { $0.readAll(bytes, writers, row: row) }
    case .tensor(let payload): payload._withUnsafeGuaranteedRef { $0.readAll(bytes, writers, row: row) }
    }
  }

  @inline(__always)
  var event: ExtractedEvent {
    switch self {
    case .json(let payload): payload._withUnsafeGuaranteedRef { $0.event }
    case .tensor(let payload): payload._withUnsafeGuaranteedRef { $0.event }
    }
  }

  var isReadToItsEnd: Bool {
    switch self {
    case .json(let payload): payload._withUnsafeGuaranteedRef { $0.isReadToItsEnd }
    case .tensor(let payload): payload._withUnsafeGuaranteedRef { $0.isReadToItsEnd }
    }
  }

  func vector(_ number: Int) -> ExtractedVector {
    switch self {
    case .json(let payload): payload._withUnsafeGuaranteedRef { $0.vector(number) }
    case .tensor(let payload): payload._withUnsafeGuaranteedRef { $0.vector(number) }
    }
  }

  @inline(__always)
  func append(_ field: UnsafePointer<cel_field>, to json: inout ByteBuffer) {
    switch self {
    case .json(let payload): payload._withUnsafeGuaranteedRef { $0.append(field, to: &json) }
    case .tensor(let payload): payload._withUnsafeGuaranteedRef { $0.append(field, to: &json) }
    }
  }
}
