import CEL
import CELFields

extension Variables {
  /// What expressions read of a record. Later namespaces (tables, windows) become further roots here.
  package static let record = Variables(read: [
    ("event", .dyn, .event),
    ("headers", .map, .texts),
    // A string, bytes if it is not UTF-8, null if the record has none.
    ("key", .dyn, place(\.key, .optionalBytes)),
    ("topic", .string, place(\.topic, .text)),
    ("partition", .int, place(\.partition, .int32)),
    ("offset", .int, place(\.offset, .int64)),
    ("timestamp", .timestamp, place(\.timestampMs, .milliseconds)),
  ])

  private static func place(_ path: PartialKeyPath<RecordView>, _ layout: VariablePlace.Layout) -> Access {
    .inPlace(VariablePlace(layout, offset: RecordView.offset(of: path)))
  }
}

extension RecordView {
  fileprivate static func offset(of path: PartialKeyPath<RecordView>) -> Int {
    guard let offset = MemoryLayout<RecordView>.offset(of: path) else { preconditionFailure("only what is stored has a place") }
    return offset
  }
}

extension Activation {
  /// A record and the fields that were extracted from its event.
  /// - Parameter record: stays where it is while the activation is used.
  package init(
    record: UnsafePointer<RecordView>, fields: UnsafePointer<cel_field>? = nil, eventFault: EventFault? = nil,
    containers: ContainerReader = .none
  ) {
    let headers = UnsafeRawPointer(record) + RecordView.offset(of: \.headers)
    self.init(
      fields: fields, eventFault: eventFault, containers: containers, texts: headers.assumingMemoryBound(to: TextMap.self), record: record)
  }
}

extension Expression {
  /// Compiles an expression over a record, and adds the paths of the event that it reads to the plan.
  /// - Parameter expecting: a type that the value must have, where it is known.
  package convenience init(
    _ source: String, fields: inout FieldPlan, expecting: ExpressionType? = nil, limits: ExpressionLimits = ExpressionLimits()
  ) throws(ExpressionError) {
    try self.init(source, variables: .record, fields: &fields, expecting: expecting, limits: limits)
  }
}
