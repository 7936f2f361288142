/// A compiled expression: nodes in one block of memory, and the tables they point into. Immutable.
final class Program: @unchecked Sendable {
  // Safe to share: everything is written in init and only read until deinit.
  let nodes: UnsafeMutablePointer<Node>
  let children: UnsafeMutablePointer<Int32>
  /// Text of literals, in place.
  let texts: UnsafeMutablePointer<UnsafeMutableBufferPointer<UInt8>>
  /// Names in the map of texts, ending in zero.
  let names: UnsafeMutablePointer<UnsafeMutableBufferPointer<CChar>>
  let patternHandles: UnsafeMutablePointer<Unmanaged<Pattern>>
  let constants: [Value]
  let zones: [Zone]
  let iterations: [Iteration]
  /// By slot of the plan, for messages.
  let paths: [Int32: FieldPath]
  /// For messages.
  let variables: Variables
  let localCount: Int
  /// The node that gives the value.
  let value: Int32
  /// The node that gives the truth.
  let truth: Int32

  /// Whether the truth is found in another way than through the value.
  var hasTruth: Bool {
    let operation = nodes[Int(truth)].operation
    return operation != .general && operation != .slotIsTrue
  }

  private let counts: (nodes: Int, children: Int, texts: Int, names: Int, patterns: Int)

  init(_ parts: ProgramParts, value: Int32, truth: Int32) {
    nodes = Self.copy(parts.nodes)
    children = Self.copy(parts.children)
    texts = Self.copy(parts.texts.map(Self.buffer))
    names = Self.copy(parts.names.map { Self.buffer($0.utf8CString) })
    patternHandles = Self.copy(parts.patterns.map { Unmanaged.passRetained($0) })
    constants = parts.constants
    zones = parts.zones
    iterations = parts.iterations
    paths = parts.paths
    variables = parts.variables
    localCount = parts.localCount
    self.value = value
    self.truth = truth
    counts = (parts.nodes.count, parts.children.count, parts.texts.count, parts.names.count, parts.patterns.count)
  }

  deinit {
    for index in 0..<counts.texts { texts[index].deallocate() }
    for index in 0..<counts.names { names[index].deallocate() }
    for index in 0..<counts.patterns { patternHandles[index].release() }
    nodes.deallocate()
    children.deallocate()
    texts.deallocate()
    names.deallocate()
    patternHandles.deallocate()
  }

  private static func copy<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
    memory.initialize(from: elements, count: elements.count)
    return memory
  }

  private static func buffer<Element>(_ elements: some Collection<Element>) -> UnsafeMutableBufferPointer<Element> {
    let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(1, elements.count))
    _ = memory.initialize(from: elements)
    return UnsafeMutableBufferPointer(start: memory.baseAddress, count: elements.count)
  }
}

/// A program while it is being put together.
struct ProgramParts {
  var nodes: [Node] = []
  var children: [Int32] = []
  var texts: [[UInt8]] = []
  var names: [String] = []
  var patterns: [Pattern] = []
  var constants: [Value] = []
  var zones: [Zone] = []
  var iterations: [Iteration] = []
  var paths: [Int32: FieldPath] = [:]
  var variables = Variables()
  var localCount = 0

  mutating func add(_ node: Node) -> Int32 {
    nodes.append(node)
    return Int32(nodes.count - 1)
  }

  mutating func add(children list: [Int32]) -> Int32 {
    children.append(contentsOf: list)
    return Int32(children.count - list.count)
  }

  mutating func add(constant: Value) -> Int32 {
    constants.append(constant)
    return Int32(constants.count - 1)
  }

  mutating func add(text: String) -> Int32 {
    texts.append(Array(text.utf8))
    return Int32(texts.count - 1)
  }

  mutating func add(name: String) -> Int32 {
    names.append(name)
    return Int32(names.count - 1)
  }

  mutating func add(pattern: Pattern) -> Int32 {
    patterns.append(pattern)
    return Int32(patterns.count - 1)
  }
}

/// What one evaluation changes.
struct Frame {
  var locals: [Value]
  var meter: Meter

  init(localCount: Int, steps: Int) {
    locals = localCount == 0 ? [] : Array(repeating: .null, count: localCount)
    meter = Meter(steps)
  }
}
