/// A map of the expression language: entries in the order they were written, found by key. Immutable and shared.
public struct ValueMap: Sendable {
  private final class Storage: Sendable {
    let keys: [Value]
    let values: [Value]
    /// Only for maps that are too large to scan.
    let index: [MapKey: Int]

    init(keys: [Value], values: [Value], index: [MapKey: Int]) {
      self.keys = keys
      self.values = values
      self.index = index
    }
  }

  private static let scanned = 8
  private let storage: Storage

  /// Entries with distinct keys of an allowed type; nil if a key occurs twice.
  public init?(distinct entries: [(key: Value, value: Value)]) {
    var index: [MapKey: Int] = [:]
    index.reserveCapacity(entries.count)
    for (position, entry) in entries.enumerated() {
      guard let key = MapKey(entry.key), index.updateValue(position, forKey: key) == nil else { return nil }
    }
    let large = entries.count > Self.scanned
    storage = Storage(keys: entries.map(\.key), values: entries.map(\.value), index: large ? index : [:])
  }

  /// The members of a JSON object; of a name that occurs twice the last value counts.
  public init(members: [(key: String, value: Value)]) {
    if members.count <= Self.scanned {
      var keys: [Value] = []
      var values: [Value] = []
      keys.reserveCapacity(members.count)
      values.reserveCapacity(members.count)
      for (key, value) in members {
        if let position = Self.scan(keys, for: .string(key)) {
          values[position] = value
        } else {
          keys.append(.string(key))
          values.append(value)
        }
      }
      storage = Storage(keys: keys, values: values, index: [:])
      return
    }
    var index: [MapKey: Int] = [:]
    var keys: [Value] = []
    var values: [Value] = []
    for (key, value) in members {
      if let position = index[.string(key)] {
        values[position] = value
      } else {
        index[.string(key)] = keys.count
        keys.append(.string(key))
        values.append(value)
      }
    }
    storage = Storage(keys: keys, values: values, index: keys.count > Self.scanned ? index : [:])
  }

  /// The same with entries whose keys are parts of an event that can't be read: no key finds them. Of equal ones the last value counts.
  package func adding(unreadable entries: [(key: UnreadablePart, value: Value)]) -> ValueMap {
    var keys = storage.keys
    var values = storage.values
    var positions: [UnreadablePart: Int] = [:]
    for (key, value) in entries {
      if let position = positions[key] {
        values[position] = value
      } else {
        positions[key] = keys.count
        keys.append(.unreadable(key))
        values.append(value)
      }
    }
    // What was small enough to scan may have grown beyond it.
    var index = storage.index
    if index.isEmpty { for (position, key) in storage.keys.enumerated() { MapKey(key).map { index[$0] = position } } }
    return ValueMap(Storage(keys: keys, values: values, index: keys.count > Self.scanned ? index : [:]))
  }

  private init(_ storage: Storage) {
    self.storage = storage
  }

  /// How many entries it has.
  public var count: Int { storage.keys.count }
  /// The keys, in the entries' order.
  public var keys: [Value] { storage.keys }
  /// The values, in the entries' order.
  public var values: [Value] { storage.values }

  /// The value of a key, or nil. Numbers of different types that are equal are the same key.
  public subscript(_ key: Value) -> Value? {
    MapKey(key).flatMap { self[key: $0] }
  }

  subscript(key key: MapKey) -> Value? {
    if storage.keys.count > Self.scanned { return storage.index[key].map { storage.values[$0] } }
    return Self.scan(storage.keys, for: key).map { storage.values[$0] }
  }

  private static func scan(_ keys: [Value], for wanted: MapKey) -> Int? {
    for position in keys.indices where wanted.isKey(keys[position]) { return position }
    return nil
  }
}

/// What finds an entry: the key without its number type.
enum MapKey: Hashable {
  case bool(Bool)
  case int(Int64)
  /// Beyond `Int64.max`.
  case uint(UInt64)
  case string(String)

  /// Nil if no map can hold the value as a key, as a fraction or a list.
  init?(_ value: Value) {
    switch value.strict {
    case .bool(let flag): self = .bool(flag)
    case .int(let integer): self = .int(integer)
    case .uint(let integer): self = Int64(exactly: integer).map(MapKey.int) ?? .uint(integer)
    case .double(let real):
      if let integer = Int64(exactly: real) {
        self = .int(integer)
      } else if let integer = UInt64(exactly: real) {
        self = .uint(integer)
      } else {
        return nil
      }
    case .string(let text): self = .string(text)
    default: return nil
    }
  }

  func isKey(_ value: Value) -> Bool {
    switch (self, value) {
    case (.string(let wanted), .string(let key)): ValueComparison.equal(wanted, key)
    case (.string, _), (_, .string): false
    default: MapKey(value) == self
    }
  }

  static func == (left: MapKey, right: MapKey) -> Bool {
    switch (left, right) {
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.uint(let left), .uint(let right)): left == right
    case (.string(let left), .string(let right)): ValueComparison.equal(left, right)
    default: false
    }
  }

  func hash(into hasher: inout Hasher) {
    switch self {
    case .bool(let flag): hasher.combine(flag)
    case .int(let integer): hasher.combine(integer)
    case .uint(let integer): hasher.combine(integer)
    case .string(let text): text.withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }
}
