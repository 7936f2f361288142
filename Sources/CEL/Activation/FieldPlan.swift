/// The fields that a set of expressions reads, each once: what one pass over an event has to extract.
public struct FieldPlan: Sendable {
  /// The paths by slot.
  public private(set) var paths: [FieldPath] = []
  private var slots: [FieldPath: Int] = [:]

  /// A plan that extracts nothing.
  public init() {}

  /// The slot of a path: the same one whenever the same path is asked for.
  public mutating func slot(for path: FieldPath) -> Int {
    if let slot = slots[path] { return slot }
    let slot = paths.count
    paths.append(path)
    slots[path] = slot
    return slot
  }

  /// How many paths it has, which is one more than the highest slot.
  public var count: Int { paths.count }
  /// Whether nothing is extracted.
  public var isEmpty: Bool { paths.isEmpty }
}
