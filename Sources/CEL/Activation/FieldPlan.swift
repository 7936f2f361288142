/// The fields that a set of expressions reads, each once: what one pass over an event has to extract.
public struct FieldPlan: Sendable {
  /// The paths by slot.
  public private(set) var paths: [FieldPath] = []
  private var slots: [FieldPath: Int] = [:]

  public init() {}

  /// The slot of a path: the same one whenever the same path is asked for.
  public mutating func slot(for path: FieldPath) -> Int {
    if let slot = slots[path] { return slot }
    let slot = paths.count
    paths.append(path)
    slots[path] = slot
    return slot
  }

  public var count: Int { paths.count }
  public var isEmpty: Bool { paths.isEmpty }
}
