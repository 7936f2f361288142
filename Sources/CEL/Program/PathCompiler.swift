/// Which parts of an expression are constant paths of the event or names in the map of texts.
extension Compiler {
  /// The path of the event that a term is, if all its parts are constant.
  static func path(_ term: Term) -> FieldPath? {
    switch term.kind {
    case .variable where term.isEvent: return FieldPath()
    case .select(let operand, _, isOptional: false), .index(let operand, _, isOptional: false):
      guard let component = component(term), let path = path(operand) else { return nil }
      return FieldPath(path.components + [component])
    default: return nil
    }
  }

  /// A path with optional selections, and how many of its components come before the first of them.
  static func optionalPath(_ term: Term) -> (path: FieldPath, certain: Int)? {
    switch term.kind {
    case .select(let operand, _, let isOptional), .index(let operand, _, let isOptional):
      guard let component = component(term) else { return nil }
      if let (path, certain) = optionalPath(operand) { return (FieldPath(path.components + [component]), certain) }
      guard isOptional, let path = path(operand) else { return nil }
      return (FieldPath(path.components + [component]), path.components.count)
    default: return nil
    }
  }

  /// What a selection or a constant index adds to a path.
  private static func component(_ term: Term) -> FieldPath.Component? {
    switch term.kind {
    case .select(_, let field, _): return .key(field)
    case .index(_, let index, _):
      switch index.kind {
      case .literal(.string(let key)): return .key(key)
      case .literal(.int(let index)) where index >= 0: return .index(Int(index))
      default: return nil
      }
    default: return nil
    }
  }

  mutating func slot(_ path: FieldPath) -> Int32 {
    let slot = Int32(fields.slot(for: path))
    parts.paths[slot] = path
    return slot
  }

  /// The slot of what holds a path's last component; -1 if that is the event.
  mutating func holder(_ path: FieldPath) -> Int32 {
    path.components.isEmpty ? -1 : slot(path)
  }

  /// The name of the entry of the map of texts that a term reads: `headers.name`, `headers["name"]`.
  static func entry(_ term: Term) -> String? {
    switch term.kind {
    case .select(let operand, let name, isOptional: false):
      if operand.isTextMap { return name }
    case .index(let operand, let index, isOptional: false):
      if operand.isTextMap, case .literal(.string(let name)) = index.kind, !name.utf8.contains(0) { return name }
    default: break
    }
    return nil
  }
}
