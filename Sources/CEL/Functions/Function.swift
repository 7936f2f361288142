/// A function of the language; operators are not among them.
enum Function: UInt8, CaseIterable {
  // Strings and collections
  case size, contains, startsWith, endsWith, matches
  // Conversions
  case toBool, toBytes, toDouble, toDuration, toDyn, toInt, toString, toTimestamp, toUint, typeOf
  // Times
  case getDate, getDayOfMonth, getDayOfWeek, getDayOfYear, getFullYear, getHours, getMilliseconds, getMinutes, getMonth, getSeconds
  // The strings extension
  case charAt, indexOf, lastIndexOf, join, lowerAscii, upperAscii, quote, replace, reverse, split, substring, trim, format
  // The math extension
  case greatest, least, ceil, floor, round, trunc, abs, sign, sqrt, isNaN, isInf, isFinite
  case bitAnd, bitOr, bitXor, bitNot, bitShiftLeft, bitShiftRight
  // The encoders extension
  case base64Encode, base64Decode
  // Optional values
  case optionalOf, optionalNone, ofNonZeroValue, hasValue, optionalValue, optionalOr, orValue

  /// Takes a time zone as its second argument.
  var isTimePart: Bool { Self.getDate.rawValue <= rawValue && rawValue <= Self.getSeconds.rawValue }

  /// As expressions spell it.
  var name: String { Catalogue.names[self] ?? "\(self)" }
}

/// The overloads of every function and arithmetic operator.
enum Catalogue {
  /// Functions by their name, qualified if they have a namespace.
  static let functions: [String: (function: Function, overloads: [Signature])] = {
    var functions: [String: (function: Function, overloads: [Signature])] = [:]
    for (function, texts) in table {
      let overloads = texts.map(Signature.init)
      for overload in overloads { functions[overload.name, default: (function, [])].overloads.append(overload) }
    }
    return functions
  }()

  static let names: [Function: String] = Dictionary(uniqueKeysWithValues: functions.map { ($1.function, $0) })

  static let operators: [String: [Signature]] = Dictionary(grouping: operatorTable.map(Signature.init), by: \.name)

  private static let operatorTable = [
    "int + int -> int", "uint + uint -> uint", "double + double -> double", "string + string -> string", "bytes + bytes -> bytes",
    "list(A) + list(A) -> list(A)", "timestamp + duration -> timestamp", "duration + timestamp -> timestamp",
    "duration + duration -> duration",
    "int - int -> int", "uint - uint -> uint", "double - double -> double", "timestamp - timestamp -> duration",
    "timestamp - duration -> timestamp", "duration - duration -> duration",
    "int * int -> int", "uint * uint -> uint", "double * double -> double",
    "int / int -> int", "uint / uint -> uint", "double / double -> double",
    "int % int -> int", "uint % uint -> uint",
  ]

  private static let table: [(Function, [String])] = [
    (.size, ["size(string) -> int", "size(bytes) -> int", "size(list) -> int", "size(map) -> int"]),
    (.size, ["string.size() -> int", "bytes.size() -> int", "list.size() -> int", "map.size() -> int"]),
    (.contains, ["string.contains(string) -> bool"]),
    (.startsWith, ["string.startsWith(string) -> bool"]),
    (.endsWith, ["string.endsWith(string) -> bool"]),
    (.matches, ["string.matches(string) -> bool", "matches(string, string) -> bool"]),

    (.toBool, ["bool(bool) -> bool", "bool(string) -> bool"]),
    (.toBytes, ["bytes(bytes) -> bytes", "bytes(string) -> bytes"]),
    (.toDouble, ["double(double) -> double", "double(int) -> double", "double(uint) -> double", "double(string) -> double"]),
    (.toDuration, ["duration(duration) -> duration", "duration(string) -> duration"]),
    (.toDyn, ["dyn(A) -> dyn"]),
    (.toInt, ["int(int) -> int", "int(uint) -> int", "int(double) -> int", "int(string) -> int", "int(timestamp) -> int"]),
    (.toString, ["string(string) -> string", "string(bool) -> string", "string(int) -> string", "string(uint) -> string"]),
    (.toString, ["string(double) -> string", "string(bytes) -> string", "string(timestamp) -> string", "string(duration) -> string"]),
    (.toTimestamp, ["timestamp(timestamp) -> timestamp", "timestamp(string) -> timestamp", "timestamp(int) -> timestamp"]),
    (.toUint, ["uint(uint) -> uint", "uint(int) -> uint", "uint(double) -> uint", "uint(string) -> uint"]),
    (.typeOf, ["type(A) -> type"]),

    (.getDate, ["timestamp.getDate() -> int", "timestamp.getDate(string) -> int"]),
    (.getDayOfMonth, ["timestamp.getDayOfMonth() -> int", "timestamp.getDayOfMonth(string) -> int"]),
    (.getDayOfWeek, ["timestamp.getDayOfWeek() -> int", "timestamp.getDayOfWeek(string) -> int"]),
    (.getDayOfYear, ["timestamp.getDayOfYear() -> int", "timestamp.getDayOfYear(string) -> int"]),
    (.getFullYear, ["timestamp.getFullYear() -> int", "timestamp.getFullYear(string) -> int"]),
    (.getHours, ["timestamp.getHours() -> int", "timestamp.getHours(string) -> int", "duration.getHours() -> int"]),
    (.getMilliseconds, ["timestamp.getMilliseconds() -> int", "timestamp.getMilliseconds(string) -> int"]),
    (.getMilliseconds, ["duration.getMilliseconds() -> int"]),
    (.getMinutes, ["timestamp.getMinutes() -> int", "timestamp.getMinutes(string) -> int", "duration.getMinutes() -> int"]),
    (.getMonth, ["timestamp.getMonth() -> int", "timestamp.getMonth(string) -> int"]),
    (.getSeconds, ["timestamp.getSeconds() -> int", "timestamp.getSeconds(string) -> int", "duration.getSeconds() -> int"]),

    (.charAt, ["string.charAt(int) -> string"]),
    (.indexOf, ["string.indexOf(string) -> int", "string.indexOf(string, int) -> int"]),
    (.lastIndexOf, ["string.lastIndexOf(string) -> int", "string.lastIndexOf(string, int) -> int"]),
    (.join, ["list.join() -> string", "list.join(string) -> string"]),
    (.lowerAscii, ["string.lowerAscii() -> string"]),
    (.upperAscii, ["string.upperAscii() -> string"]),
    (.quote, ["strings.quote(string) -> string"]),
    (.replace, ["string.replace(string, string) -> string", "string.replace(string, string, int) -> string"]),
    (.reverse, ["string.reverse() -> string"]),
    (.split, ["string.split(string) -> list(string)", "string.split(string, int) -> list(string)"]),
    (.substring, ["string.substring(int) -> string", "string.substring(int, int) -> string"]),
    (.trim, ["string.trim() -> string"]),
    (.format, ["string.format(list) -> string"]),

    (.greatest, ["math.greatest(dyn...) -> dyn"]),
    (.least, ["math.least(dyn...) -> dyn"]),
    (.ceil, ["math.ceil(double) -> double"]),
    (.floor, ["math.floor(double) -> double"]),
    (.round, ["math.round(double) -> double"]),
    (.trunc, ["math.trunc(double) -> double"]),
    (.abs, ["math.abs(int) -> int", "math.abs(uint) -> uint", "math.abs(double) -> double"]),
    (.sign, ["math.sign(int) -> int", "math.sign(uint) -> uint", "math.sign(double) -> double"]),
    (.sqrt, ["math.sqrt(int) -> double", "math.sqrt(uint) -> double", "math.sqrt(double) -> double"]),
    (.isNaN, ["math.isNaN(double) -> bool"]),
    (.isInf, ["math.isInf(double) -> bool"]),
    (.isFinite, ["math.isFinite(double) -> bool"]),
    (.bitAnd, ["math.bitAnd(int, int) -> int", "math.bitAnd(uint, uint) -> uint"]),
    (.bitOr, ["math.bitOr(int, int) -> int", "math.bitOr(uint, uint) -> uint"]),
    (.bitXor, ["math.bitXor(int, int) -> int", "math.bitXor(uint, uint) -> uint"]),
    (.bitNot, ["math.bitNot(int) -> int", "math.bitNot(uint) -> uint"]),
    (.bitShiftLeft, ["math.bitShiftLeft(int, int) -> int", "math.bitShiftLeft(uint, int) -> uint"]),
    (.bitShiftRight, ["math.bitShiftRight(int, int) -> int", "math.bitShiftRight(uint, int) -> uint"]),

    (.base64Encode, ["base64.encode(bytes) -> string"]),
    (.base64Decode, ["base64.decode(string) -> bytes"]),

    (.optionalOf, ["optional.of(A) -> optional(A)"]),
    (.optionalNone, ["optional.none() -> optional(dyn)"]),
    (.ofNonZeroValue, ["optional.ofNonZeroValue(A) -> optional(A)"]),
    (.hasValue, ["optional(A).hasValue() -> bool"]),
    (.optionalValue, ["optional(A).value() -> A"]),
    (.optionalOr, ["optional(A).or(optional(A)) -> optional(A)"]),
    (.orValue, ["optional(A).orValue(A) -> A"]),
  ]
}
