import CEL
import CELFields

/// The fields of a plan, read by way of a whole value: slow, for single evaluations. It owns what the fields point to.
final class EventFields {
  private(set) var fields: UnsafeMutablePointer<cel_field>
  private var texts: [UnsafeMutableBufferPointer<UInt8>] = []

  init(_ plan: FieldPlan, of event: Value) {
    fields = .allocate(capacity: max(1, plan.count))
    for (slot, path) in plan.paths.enumerated() {
      (fields + slot).initialize(to: Self.find(path, in: event).map { field($0) } ?? cel_field())
    }
  }

  deinit {
    for text in texts { text.deallocate() }
    fields.deallocate()
  }

  private static func find(_ path: FieldPath, in event: Value) -> Value? {
    var value = event
    for component in path.components {
      switch (component, value) {
      case (.key(let key), .map(let map)):
        guard let member = map[.string(key)] else { return nil }
        value = member
      case (.index(let index), .list(let elements)):
        guard elements.indices.contains(index) else { return nil }
        value = elements[index]
      default: return nil
      }
    }
    return value
  }

  private func field(_ value: Value) -> cel_field {
    var field = cel_field()
    let kind: cel_kind
    switch value {
    case .bool(let flag): kind = flag ? CEL_TRUE : CEL_FALSE
    case .number(.int(let integer)):
      kind = CEL_INT
      field.integer = integer
    case .number(.uint(let integer)):
      kind = CEL_UINT
      field.uinteger = integer
    case .number(.double(let real)):
      kind = CEL_DOUBLE
      field.real = real
    case .string(let text):
      kind = CEL_STRING
      let bytes = keep(Array(text.utf8))
      field.text = UnsafePointer(bytes.baseAddress)
      field.text_length = bytes.count
    case .unreadable: kind = CEL_UNREADABLE
    case .list: kind = CEL_LIST
    case .map: kind = CEL_MAP
    default: kind = CEL_NULL
    }
    field.kind = UInt8(kind.rawValue)
    let raw = keep(Array(((try? value.json(limit: Int.max)) ?? "null").utf8))
    field.raw = UnsafePointer(raw.baseAddress)
    field.raw_length = raw.count
    return field
  }

  private func keep(_ bytes: [UInt8]) -> UnsafeMutableBufferPointer<UInt8> {
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
    _ = copy.initialize(from: bytes)
    texts.append(copy)
    return UnsafeMutableBufferPointer(start: copy.baseAddress, count: bytes.count)
  }
}
