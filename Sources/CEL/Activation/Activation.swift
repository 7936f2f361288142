import CELFields

/// Why there is no event to read: expressions that read it fail with these words, all others don't notice.
package struct EventFault: Sendable {
  package let text: StaticString

  package init(_ text: StaticString) {
    self.text = text
  }
}

/// Where an expression finds its variables during one evaluation. Trivial: it borrows everything, and copying it counts no references.
package struct Activation {
  /// The fields of the event, one per slot of the plan that the expression was compiled with; nil only if the expression doesn't read
  /// `event` or there is a fault.
  package var fields: UnsafePointer<cel_field>?
  package var eventFault: EventFault?
  package var containers: ContainerReader
  /// The variable that is a map of texts; nil if there is none.
  package var texts: UnsafePointer<TextMap>?
  /// What the variables lie in that are read in place: who made the activation keeps it where it is.
  package var record: UnsafeRawPointer?
  /// The variables that were given as values, in the order of their declaration.
  var values: UnsafePointer<Value>?

  package init(
    fields: UnsafePointer<cel_field>? = nil, eventFault: EventFault? = nil, containers: ContainerReader = .none,
    texts: UnsafePointer<TextMap>? = nil, record: UnsafeRawPointer? = nil
  ) {
    self.fields = fields
    self.eventFault = eventFault
    self.containers = containers
    self.texts = texts
    self.record = record
    values = nil
  }

  init(values: UnsafePointer<Value>?) {
    self.init()
    self.values = values
  }
}

/// What only the reader of a payload can tell of an event. Who made it keeps `context` alive while it is used.
package struct ContainerReader {
  /// Initializes `value`, which is a `Value`, with a list or map that a field holds; false, and nothing initialized, if it can't be read.
  package typealias Read =
    @convention(c) (
      _ context: UnsafeRawPointer?, _ field: UnsafePointer<cel_field>, _ value: UnsafeMutableRawPointer
    ) -> Bool
  /// The kind of the event itself: list, map, or null for all others.
  package typealias Root = @convention(c) (_ context: UnsafeRawPointer?) -> Int32

  package var context: UnsafeRawPointer?
  package var read: Read
  package var root: Root

  package init(context: UnsafeRawPointer?, read: @escaping Read, root: @escaping Root) {
    self.context = context
    self.read = read
    self.root = root
  }

  /// Of an event that has no containers.
  package static var none: ContainerReader {
    ContainerReader(context: nil, read: { _, _, _ in false }, root: { _ in 1 })
  }
}
