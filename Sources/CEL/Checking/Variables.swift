/// The variables that expressions may read.
public struct Variables: Sendable {
  /// How a variable is read.
  package enum Access: Hashable, Sendable {
    /// It is given as a value, the one at this index.
    case value(Int)
    /// The event: constant paths through it are fields that were extracted before.
    case event
    /// The map of texts.
    case texts
    /// A single value in memory.
    case inPlace(VariablePlace)
  }

  struct Variable: Hashable, Sendable {
    let name: String
    let type: StaticType
    let access: Access

    /// Whether a value has the type. A number from JSON passes for a number of any type.
    func accepts(_ value: Value) -> Bool {
      if type == .dyn { return true }
      if case .number = value { return type.isNumber }
      switch (type, StaticType.of(value)) {
      case (.list, .list), (.map, .map), (.optional, .optional): return true
      case (_, let given): return type == given
      }
    }
  }

  private(set) var all: [Variable] = []
  private var indices: [String: Int] = [:]

  /// Variables that are given as values, with their types: `dyn` where only the value tells.
  public init(_ types: [String: ExpressionType] = [:]) {
    for (index, (name, type)) in types.sorted(by: { $0.key < $1.key }).enumerated() {
      add(Variable(name: name, type: StaticType(type), access: .value(index)))
    }
  }

  /// Variables that are read where they lie. One may be the event, and one the map of texts.
  package init(read variables: [(name: String, type: ExpressionType, access: Access)]) {
    for (name, type, access) in variables {
      let type = access == .texts ? StaticType.map(.string, .string) : StaticType(type)
      add(Variable(name: name, type: type, access: access))
    }
  }

  private mutating func add(_ variable: Variable) {
    indices[variable.name] = all.count
    all.append(variable)
  }

  subscript(_ name: String) -> Variable? { indices[name].map { all[$0] } }

  /// Their names, in the order of their declaration.
  package var names: [String] { all.map(\.name) }
}
