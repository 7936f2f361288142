import Foundation

/// `string.format(list)`: `%s`, `%d`, `%f`, `%e`, `%x`, `%X`, `%o`, `%b` and `%%`, with a precision as in `%.2f`.
enum Format {
  private static let mostDigits = 100

  static func text(_ format: String, _ arguments: [Value], _ meter: inout Meter) throws(EvaluationFault) -> String {
    var result = ""
    var scalars = format.unicodeScalars[...]
    var next = arguments.startIndex
    while let scalar = scalars.popFirst() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      try meter.charge(1)
      if scalars.first == "%" {
        scalars.removeFirst()
        result += "%"
        continue
      }
      let precision = try precision(&scalars)
      guard let verb = scalars.popFirst() else { throw EvaluationFault(.invalid("the format ends within a '%' clause")) }
      guard "sdfexXob".unicodeScalars.contains(verb) else { throw EvaluationFault(.unknownClause(verb)) }
      guard next < arguments.endIndex else { throw EvaluationFault(.invalid("the format has more clauses than there are arguments")) }
      let text = try self.text(verb, precision, arguments[next], &meter)
      try meter.charge(text.utf8.count / 16)
      result += text
      next += 1
    }
    return result
  }

  private static func precision(_ scalars: inout Substring.UnicodeScalarView) throws(EvaluationFault) -> Int? {
    guard scalars.first == "." else { return nil }
    scalars.removeFirst()
    let digits = scalars.prefix { ("0"..."9").contains($0) }
    scalars.removeFirst(digits.count)
    guard let precision = Int(String(digits)), precision <= mostDigits else {
      throw EvaluationFault(.invalid("a precision is a number up to \(mostDigits)"))
    }
    return precision
  }

  private static func text(
    _ verb: Unicode.Scalar, _ precision: Int?, _ value: Value, _ meter: inout Meter
  ) throws(EvaluationFault) -> String {
    try value.requireReadable()
    switch (verb, value.strict) {
    case ("s", _): return try plain(value, &meter)
    case ("d", .int(let integer)): return String(integer)
    case ("d", .uint(let integer)): return String(integer)
    case ("d", .double(let real)): return Conversion.text(real)
    case ("f", let number), ("e", let number):
      guard let real = number.doubleValue else { break }
      guard real.isFinite else { return Conversion.text(real) }
      return String(format: "%.\(precision ?? 6)\(verb)", real)
    case ("x", .string(let text)): return hexadecimal(Array(text.utf8), uppercase: false)
    case ("X", .string(let text)): return hexadecimal(Array(text.utf8), uppercase: true)
    case ("x", .bytes(let bytes)): return hexadecimal(bytes, uppercase: false)
    case ("X", .bytes(let bytes)): return hexadecimal(bytes, uppercase: true)
    case ("b", .bool(let flag)): return flag ? "1" : "0"
    case ("x", .int(let integer)): return String(integer, radix: 16)
    case ("X", .int(let integer)): return String(integer, radix: 16, uppercase: true)
    case ("o", .int(let integer)): return String(integer, radix: 8)
    case ("b", .int(let integer)): return String(integer, radix: 2)
    case ("x", .uint(let integer)): return String(integer, radix: 16)
    case ("X", .uint(let integer)): return String(integer, radix: 16, uppercase: true)
    case ("o", .uint(let integer)): return String(integer, radix: 8)
    case ("b", .uint(let integer)): return String(integer, radix: 2)
    default: break
    }
    throw EvaluationFault(.unshowable(verb, value.type))
  }

  /// `%s`: a string as it is, anything else as the language writes it; the parts of lists and maps in the same way.
  private static func plain(_ value: Value, _ meter: inout Meter) throws(EvaluationFault) -> String {
    try meter.charge(1)
    try value.requireReadable()
    switch value.strict {
    case .null: return "null"
    case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
    case .list(let elements):
      var texts: [String] = []
      for element in elements { texts.append(try plain(element, &meter)) }
      return "[" + texts.joined(separator: ", ") + "]"
    case .map(let map):
      var entries: [(key: String, value: String)] = []
      for (key, value) in zip(map.keys, map.values) { entries.append((try plain(key, &meter), try plain(value, &meter))) }
      entries.sort { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
      return "{" + entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    default:
      guard case .string(let text) = try Conversion.apply(.toString, value) else { return "" }
      try meter.charge(text.utf8.count / 16)
      return text
    }
  }

  private static func hexadecimal(_ bytes: [UInt8], uppercase: Bool) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: uppercase) }.joined()
  }
}
