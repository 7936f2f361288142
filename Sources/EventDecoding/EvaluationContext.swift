public import CSimdJSON

/// Why there is no event to read: expressions that read `event` fail with it, all others don't notice.
public enum EventFault: UInt8, Sendable {
  /// The payload is NULL: a tombstone.
  case noPayload
  case emptyPayload
  case invalidJSON
}

/// What an expression is evaluated against: one record and the fields extracted from its event.
public struct EvaluationContext {
  public var record: RecordView
  /// One per slot of the plan that the expression was compiled with; nil only if the expression doesn't read `event` or there is a fault.
  public var fields: UnsafePointer<mr_field>?
  public var eventFault: EventFault?

  @inlinable
  public init(record: RecordView, fields: UnsafePointer<mr_field>?, eventFault: EventFault? = nil) {
    self.record = record
    self.fields = fields
    self.eventFault = eventFault
  }
}
