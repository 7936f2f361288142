import CELFields

@testable import CEL
@testable import EventDecoding

/// What expressions read of a record, while `body` runs.
func withActivation<Result>(
  of record: RecordView, fields: UnsafePointer<cel_field>? = nil, eventFault: EventFault? = nil, _ body: (Activation) -> Result
) -> Result {
  withUnsafePointer(to: record) { record in
    body(Activation(record: record, fields: fields, eventFault: eventFault, containers: JSONPayload.containers(record)))
  }
}

extension UnsafeRawBufferPointer {
  /// A text that lives as long as the program.
  static func literal(_ text: StaticString) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }
}
