/// The strings extension of the language. Positions count code points.
enum StringExtension {
  static func apply(_ function: Function, _ value: Value, _ meter: inout Meter) throws(EvaluationFault) -> Value? {
    if function == .join { return try join(value, separator: "", &meter) }
    guard case .string(let text) = value else { return nil }
    try meter.charge(text.utf8.count / 8)
    switch function {
    case .lowerAscii: return .string(mapBytes(text) { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
    case .upperAscii: return .string(mapBytes(text) { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 })
    case .reverse: return .string(string(text.unicodeScalars.reversed()))
    case .quote: return .string(quoted(text))
    case .trim:
      let scalars = Array(text.unicodeScalars)
      guard let first = scalars.firstIndex(where: { !isBlank($0) }), let last = scalars.lastIndex(where: { !isBlank($0) }) else {
        return .string("")
      }
      return .string(string(scalars[first...last]))
    default: return nil
    }
  }

  static func apply(
    _ function: Function, _ value: Value, _ argument: Value, _ meter: inout Meter
  ) throws(EvaluationFault) -> Value? {
    switch (function, value, argument) {
    case (.join, _, .string(let separator)): return try join(value, separator: separator, &meter)
    case (.split, .string, .string): return try split(value, by: argument, limit: -1, &meter)
    case (.indexOf, .string(let text), .string(let part)): return try index(of: part, in: text, from: 0, &meter)
    case (.lastIndexOf, .string(let text), .string(let part)): return try lastIndex(of: part, in: text, from: nil, &meter)
    case (.format, .string(let format), .list(let arguments)): return .string(try Format.text(format, arguments, &meter))
    case (.charAt, .string(let text), _):
      guard let position = argument.integerArgument else { return nil }
      let scalars = try scalars(text, &meter)
      guard position >= 0, position <= scalars.count else { throw outOfRange(position) }
      return .string(position == scalars.count ? "" : String(scalars[Int(position)]))
    case (.substring, .string(let text), _):
      guard let start = argument.integerArgument else { return nil }
      return try substring(text, start, nil, &meter)
    default: return nil
    }
  }

  static func apply(_ function: Function, _ arguments: [Value], _ meter: inout Meter) throws(EvaluationFault) -> Value? {
    guard arguments.count >= 3, case .string(let text) = arguments[0] else { return nil }
    switch (function, arguments[1], arguments[2], arguments.count) {
    case (.indexOf, .string(let part), let from, 3):
      guard let from = from.integerArgument else { return nil }
      return try index(of: part, in: text, from: from, &meter)
    case (.lastIndexOf, .string(let part), let from, 3):
      guard let from = from.integerArgument else { return nil }
      return try lastIndex(of: part, in: text, from: from, &meter)
    case (.split, .string, let limit, 3):
      guard let limit = limit.integerArgument else { return nil }
      return try split(arguments[0], by: arguments[1], limit: limit, &meter)
    case (.substring, let start, let end, 3):
      guard let start = start.integerArgument, let end = end.integerArgument else { return nil }
      return try substring(text, start, end, &meter)
    case (.replace, .string(let old), .string(let new), 3): return try replace(text, old, new, limit: -1, &meter)
    case (.replace, .string(let old), .string(let new), 4):
      guard let limit = arguments[3].integerArgument else { return nil }
      return try replace(text, old, new, limit: limit, &meter)
    default: return nil
    }
  }

  // MARK: Parts

  private static func scalars(_ text: String, _ meter: inout Meter) throws(EvaluationFault) -> [Unicode.Scalar] {
    try meter.charge(text.utf8.count / 8)
    return Array(text.unicodeScalars)
  }

  private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }

  private static func mapBytes(_ text: String, _ transform: (UInt8) -> UInt8) -> String {
    String(decoding: text.utf8.map(transform), as: UTF8.self)
  }

  private static func outOfRange(_ position: Int64) -> EvaluationFault {
    EvaluationFault(.positionOutOfRange(position))
  }

  private static func substring(_ text: String, _ start: Int64, _ end: Int64?, _ meter: inout Meter) throws(EvaluationFault) -> Value {
    let scalars = try scalars(text, &meter)
    let end = end ?? Int64(scalars.count)
    guard start >= 0, start <= scalars.count else { throw outOfRange(start) }
    guard end >= start, end <= scalars.count else { throw outOfRange(end) }
    return .string(string(scalars[Int(start)..<Int(end)]))
  }

  private static func index(of part: String, in text: String, from: Int64, _ meter: inout Meter) throws(EvaluationFault) -> Value {
    let scalars = try scalars(text, &meter)
    guard from >= 0, from <= scalars.count else { throw outOfRange(from) }
    let rest = string(scalars[Int(from)...])
    let found = rest.withBytes { rest in part.withBytes { Bytes.find($0, in: rest) } }
    guard let found else { return .int(-1) }
    return .int(from + Int64(StringFunctions.codePoints(String(decoding: Array(rest.utf8)[..<found], as: UTF8.self))))
  }

  private static func lastIndex(of part: String, in text: String, from: Int64?, _ meter: inout Meter) throws(EvaluationFault) -> Value {
    let scalars = try scalars(text, &meter)
    let count = StringFunctions.codePoints(part)
    if let from, from < 0 || from > scalars.count { throw outOfRange(from) }
    let end = min(scalars.count, Int(from ?? Int64(scalars.count)) + count)
    // The first occurrence from behind: in linear time, unlike trying place after place.
    let mirrored = Array(string(scalars[..<end]).utf8.reversed())
    let wanted = Array(part.utf8.reversed())
    let found = mirrored.withUnsafeBufferPointer { mirrored in wanted.withUnsafeBufferPointer { Bytes.find($0, in: mirrored) } }
    guard let found else { return .int(-1) }
    let before = String(decoding: mirrored[(found + wanted.count)...].reversed(), as: UTF8.self)
    return .int(Int64(StringFunctions.codePoints(before)))
  }

  // MARK: Pieces

  private static func join(_ value: Value, separator: String, _ meter: inout Meter) throws(EvaluationFault) -> Value? {
    guard case .list(let elements) = value else { return nil }
    var joined = ""
    for (position, element) in elements.enumerated() {
      try element.requireReadable()
      guard case .string(let text) = element else { throw EvaluationFault(.noOverload("join", [.list])) }
      try meter.charge(1 + (text.utf8.count + separator.utf8.count) / 16)
      if position > 0 { joined += separator }
      joined += text
    }
    return .string(joined)
  }

  /// At most `limit` pieces, the last with the rest; all if it is negative.
  private static func split(_ value: Value, by separator: Value, limit: Int64, _ meter: inout Meter) throws(EvaluationFault) -> Value? {
    guard case .string(let text) = value, case .string(let separator) = separator else { return nil }
    if limit == 0 { return .list([]) }
    if limit == 1 { return .list([value]) }
    let most = limit < 0 ? Int.max : Int(limit)
    if separator.isEmpty {
      let scalars = try scalars(text, &meter)
      try meter.charge(scalars.count)
      guard scalars.count > most else { return .list(scalars.map { .string(String($0)) }) }
      return .list(scalars[..<(most - 1)].map { .string(String($0)) } + [.string(string(scalars[(most - 1)...]))])
    }
    let bytes = Array(text.utf8)
    var pieces: [Value] = []
    var start = 0
    while pieces.count + 1 < most, let end = find(separator, in: bytes, from: start) {
      try meter.charge(1 + (end - start) / 16)
      pieces.append(.string(String(decoding: bytes[start..<end], as: UTF8.self)))
      start = end + separator.utf8.count
    }
    pieces.append(.string(String(decoding: bytes[start...], as: UTF8.self)))
    return .list(pieces)
  }

  private static func find(_ part: String, in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      part.withBytes { Bytes.find($0, in: UnsafeBufferPointer(rebasing: bytes[start...])) }.map { start + $0 }
    }
  }

  /// Replaces the first `limit` occurrences; all if it is negative. The empty string occurs before every code point and at the end.
  private static func replace(
    _ text: String, _ old: String, _ new: String, limit: Int64, _ meter: inout Meter
  ) throws(EvaluationFault) -> Value {
    var missing = limit < 0 ? Int64.max : limit
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var start = 0
    if old.isEmpty {
      for scalar in text.unicodeScalars {
        if missing > 0 {
          try meter.charge(1 + new.utf8.count / 16)
          result.append(contentsOf: new.utf8)
          missing -= 1
        }
        result.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
      }
      if missing > 0 { result.append(contentsOf: new.utf8) }
      return .string(String(decoding: result, as: UTF8.self))
    }
    while missing > 0, let end = find(old, in: bytes, from: start) {
      try meter.charge(1 + (end - start + new.utf8.count) / 16)
      result.append(contentsOf: bytes[start..<end])
      result.append(contentsOf: new.utf8)
      start = end + old.utf8.count
      missing -= 1
    }
    result.append(contentsOf: bytes[start...])
    return .string(String(decoding: result, as: UTF8.self))
  }

  /// White space as Unicode has it.
  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace
  }

  /// In double quotes, with escapes for them and for control characters.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{07}": quoted += "\\a"
      case "\u{08}": quoted += "\\b"
      case "\u{0C}": quoted += "\\f"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "\u{0B}": quoted += "\\v"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
