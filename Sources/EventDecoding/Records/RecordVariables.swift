public import CEL
import CELFields

extension Variables {
  private enum Place {
    static let key = 0
    static let topic = 1
    static let partition = 2
    static let offset = 3
    static let timestamp = 4
  }

  /// What expressions read of a record. Later namespaces (tables, windows) become further roots here.
  public static let record = Variables(read: [
    ("event", .dyn, .event),
    ("headers", .map, .texts),
    // A string, bytes if it is not UTF-8, null if the record has none.
    ("key", .dyn, .inPlace(Place.key)),
    ("topic", .string, .inPlace(Place.topic)),
    ("partition", .int, .inPlace(Place.partition)),
    ("offset", .int, .inPlace(Place.offset)),
    ("timestamp", .timestamp, .inPlace(Place.timestamp)),
  ])

  /// Reads a variable of the `RecordView` that the context points to.
  fileprivate static let read: VariableReader.Read = { context, index, field in
    guard let record = context?.assumingMemoryBound(to: RecordView.self) else { return }
    switch index {
    case Place.key: fill(field, record.pointee.key)
    case Place.topic:
      field.pointee.kind = UInt8(FieldKind.string)
      fill(field, text: record.pointee.topic)
    case Place.partition:
      field.pointee.kind = UInt8(FieldKind.int)
      field.pointee.integer = Int64(record.pointee.partition)
    case Place.offset:
      field.pointee.kind = UInt8(FieldKind.int)
      field.pointee.integer = record.pointee.offset
    case Place.timestamp:
      guard record.pointee.timestampMs >= 0 else { return }
      field.pointee.kind = UInt8(FieldKind.timestamp)
      field.pointee.integer = record.pointee.timestampMs
    default: return
    }
  }

  private static func fill(_ field: UnsafeMutablePointer<cel_field>, _ bytes: UnsafeRawBufferPointer?) {
    guard let bytes else {
      field.pointee.kind = UInt8(FieldKind.null)
      return
    }
    let isText = Bytes.isUTF8(bytes.bindMemory(to: UInt8.self))
    field.pointee.kind = UInt8(isText ? FieldKind.string : FieldKind.bytes)
    fill(field, text: bytes)
  }

  private static func fill(_ field: UnsafeMutablePointer<cel_field>, text: UnsafeRawBufferPointer) {
    field.pointee.text = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
    field.pointee.text_length = text.count
  }
}

extension Activation {
  /// A record and the fields that were extracted from its event.
  /// - Parameter record: stays where it is while the activation is used.
  package init(
    record: UnsafePointer<RecordView>, fields: UnsafePointer<cel_field>? = nil, eventFault: EventFault? = nil,
    containers: ContainerReader = .none
  ) {
    self.init(
      fields: fields, eventFault: eventFault, containers: containers, texts: record.pointee.headers,
      variables: VariableReader(context: record, read: Variables.read))
  }
}

extension Expression {
  /// Compiles an expression over a record, and adds the paths of the event that it reads to the plan.
  /// - Parameter expecting: a type that the value must have, where it is known.
  public convenience init(
    _ source: String, fields: inout FieldPlan, expecting: ExpressionType? = nil, limits: ExpressionLimits = ExpressionLimits()
  ) throws(ExpressionError) {
    try self.init(source, variables: .record, fields: &fields, expecting: expecting, limits: limits)
  }
}
