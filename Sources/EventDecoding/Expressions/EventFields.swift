import CSimdJSON

/// The fields of a plan, read by way of a whole value: slow, for single evaluations. It owns what the fields point to.
final class EventFields {
  private(set) var fields: UnsafeMutablePointer<mr_field>
  private var texts: [UnsafeMutableBufferPointer<UInt8>] = []

  init(_ plan: FieldPlan, of event: Value) {
    fields = .allocate(capacity: max(1, plan.count))
    for (slot, path) in plan.paths.enumerated() {
      (fields + slot).initialize(to: Self.find(path, in: event).map { field($0) } ?? mr_field())
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

  private func field(_ value: Value) -> mr_field {
    var field = mr_field()
    let kind: mr_kind
    switch value {
    case .bool(let flag): kind = flag ? MR_TRUE : MR_FALSE
    case .number(.int(let integer)):
      kind = MR_INT
      field.integer = integer
    case .number(.uint(let integer)):
      kind = MR_UINT
      field.uinteger = integer
    case .number(.double(let real)):
      kind = MR_DOUBLE
      field.real = real
    case .string(let text):
      kind = MR_STRING
      let bytes = keep(Array(text.utf8))
      field.text = UnsafePointer(bytes.baseAddress)
      field.text_length = bytes.count
    case .list: kind = MR_ARRAY
    case .map: kind = MR_OBJECT
    default: kind = MR_NULL
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
