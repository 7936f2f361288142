/// One overload of a function or operator, as the catalogue writes it: `size(string) -> int`, `string.contains(string) -> bool`,
/// `int + int -> int`, `math.least(dyn...) -> dyn`, `optional(A).orValue(A) -> A`.
struct Signature {
  /// Qualified by its namespace, if it has one.
  let name: String
  /// Called on its first argument.
  let isMember: Bool
  let parameters: [StaticType]
  /// The last parameter may be repeated.
  let isVariadic: Bool
  let result: StaticType

  init(_ text: String) {
    var reader = Reader(text: Array(text))
    let operands = text.split(separator: " ")
    if operands.count == 5, operands[1].utf8.first?.isLetter == false {
      self.name = String(operands[1])
      self.isMember = false
      self.parameters = [Reader.type(operands[0]), Reader.type(operands[2])]
      self.isVariadic = false
      self.result = Reader.type(operands[4])
      return
    }
    var name = reader.word()
    var parameters: [StaticType] = []
    var isMember = false
    if name == "optional", reader.next == "(" {
      parameters.append(reader.arguments(of: name))
      isMember = true
      reader.skip()
      name = reader.word()
    } else if let receiver = Reader.simple(name), reader.next == "." {
      parameters.append(receiver)
      isMember = true
      reader.skip()
      name = reader.word()
    } else if reader.next == "." {
      reader.skip()
      name += "." + reader.word()
    }
    reader.skip()
    while reader.next != ")" { parameters.append(reader.type()) }
    reader.skip()
    self.name = name
    self.isMember = isMember
    self.parameters = parameters
    isVariadic = text.contains("...")
    result = reader.type()
  }

  /// The type of a call with such arguments; nil if they don't fit.
  func result(of arguments: [StaticType]) -> StaticType? {
    guard arguments.count == parameters.count || (isVariadic && arguments.count > parameters.count) else { return nil }
    var bound: [String: StaticType] = [:]
    for (index, argument) in arguments.enumerated() {
      guard parameters[min(index, parameters.count - 1)].accepts(argument, &bound) else { return nil }
    }
    return result.substituting(bound)
  }

  /// How a call with arguments of such types is shown.
  static func call(_ name: String, _ types: [String], isMember: Bool = false) -> String {
    if name == "_[_]", types.count == 2 { return "\(types[0])[\(types[1])]" }
    let isOperator = name.first.map { !$0.isLetter } ?? false || name == "in"
    switch types.count {
    case 1 where isOperator: return "\(name)\(types[0])"
    case 2 where isOperator: return "\(types[0]) \(name) \(types[1])"
    default: break
    }
    if isMember, let receiver = types.first { return "\(receiver).\(name)(\(types.dropFirst().joined(separator: ", ")))" }
    return "\(name)(\(types.joined(separator: ", ")))"
  }

  /// Reads types out of a signature. The catalogue is ours, so a mistake in it ends the program.
  private struct Reader {
    let text: [Character]
    var position = 0

    var next: Character? { position < text.count ? text[position] : nil }

    mutating func skip() {
      position += 1
    }

    mutating func word() -> String {
      while let next, !next.isLetter, next != ")" { skip() }
      let start = position
      while let next, next.isLetter || next.isNumber || next == "_" { skip() }
      return String(text[start..<position])
    }

    mutating func type() -> StaticType {
      let type = arguments(of: word())
      while let next, next == "." || next == "," || next == " " { skip() }
      return type
    }

    mutating func arguments(of name: String) -> StaticType {
      if let simple = Self.simple(name), simple != .list(.dyn), simple != .map(.dyn, .dyn) || next != "(" { return simple }
      guard next == "(" else { return Self.simple(name) ?? .parameter(name) }
      skip()
      let first = type()
      let type: StaticType = name == "map" ? .map(first, self.type()) : name == "list" ? .list(first) : .optional(first)
      skip()
      return type
    }

    static func type(_ text: Substring) -> StaticType {
      var reader = Reader(text: Array(text))
      return reader.type()
    }

    static func simple(_ name: String) -> StaticType? {
      switch name {
      case "dyn": .dyn
      case "null": .null
      case "bool": .bool
      case "int": .int
      case "uint": .uint
      case "double": .double
      case "string": .string
      case "bytes": .bytes
      case "timestamp": .timestamp
      case "duration": .duration
      case "type": .type
      case "list": .list(.dyn)
      case "map": .map(.dyn, .dyn)
      default: nil
      }
    }
  }
}
