/// Timestamps and durations as text: RFC 3339, and `1h30m`, `2.5s`.
enum TimeText {
  /// Nil if the text is not RFC 3339 or outside the range.
  static func timestamp(_ text: String) -> Timestamp? {
    var reader = Reader(bytes: Array(text.utf8))
    guard let year = reader.number(digits: 4), reader.take("-"), let month = reader.number(digits: 2), reader.take("-"),
      let day = reader.number(digits: 2), reader.take("T") || reader.take("t") || reader.take(" "),
      let hour = reader.number(digits: 2), reader.take(":"), let minute = reader.number(digits: 2), reader.take(":"),
      let second = reader.number(digits: 2)
    else { return nil }
    guard (1...12).contains(month), day >= 1, day <= CivilTime.daysInMonth(month, of: year), hour < 24, minute < 60, second < 60
    else { return nil }

    var nanoseconds: Int64 = 0
    if reader.take(".") {
      guard let fraction = reader.fraction(digits: 9) else { return nil }
      nanoseconds = fraction
    }
    var offset: Int64 = 0
    if !(reader.take("Z") || reader.take("z")) {
      let west = reader.take("-")
      guard west || reader.take("+"), let hours = reader.number(digits: 2), reader.take(":"), let minutes = reader.number(digits: 2),
        hours < 24, minutes < 60
      else { return nil }
      offset = (hours * 3600 + minutes * 60) * (west ? -1 : 1)
    }
    guard reader.isAtEnd else { return nil }
    let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    return Timestamp(seconds: civil.seconds - offset, nanoseconds: Int32(nanoseconds))
  }

  static func text(_ timestamp: Timestamp) -> String {
    let civil = CivilTime(seconds: timestamp.seconds)
    let date = "\(padded(civil.year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2))"
    let time = "\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2))"
    return "\(date)T\(time)\(fraction(UInt64(timestamp.nanoseconds)))Z"
  }

  /// A sign, then numbers with units, as in `-1h30m`, `1.5ms`; or `0`. Nil if it is not that, or too long for 64 bits of nanoseconds.
  static func duration(_ text: String) -> Int64? {
    var reader = Reader(bytes: Array(text.utf8))
    let negative = reader.take("-")
    if !negative { _ = reader.take("+") }
    if reader.rest == Array("0".utf8) { return 0 }
    guard !reader.isAtEnd else { return nil }
    var total: UInt64 = 0
    while !reader.isAtEnd {
      guard let part = component(&reader) else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow else { return nil }
      total = sum
    }
    if negative { return total == 1 << 63 ? Int64.min : Int64(exactly: total).map { -$0 } }
    return Int64(exactly: total)
  }

  private static func component(_ reader: inout Reader) -> UInt64? {
    let whole = reader.digits()
    let fraction = reader.take(".") ? reader.digits() : []
    guard !whole.isEmpty || !fraction.isEmpty, let unit = unit(&reader) else { return nil }
    var total: UInt64 = 0
    for digit in whole {
      let (tens, overflow) = total.multipliedReportingOverflow(by: 10)
      let (sum, beyond) = tens.addingReportingOverflow(UInt64(digit))
      guard !overflow, !beyond else { return nil }
      total = sum
    }
    let (nanoseconds, overflow) = total.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    // Digits finer than a nanosecond are dropped. 3.6e12 x 10^-13 is below one.
    var part: UInt64 = 0
    var scale: UInt64 = 1
    for digit in fraction.prefix(6) {
      part = part * 10 + UInt64(digit)
      scale *= 10
    }
    var rest: UInt64 = 0
    var restScale: UInt64 = 1
    for digit in fraction.dropFirst(6).prefix(6) {
      rest = rest * 10 + UInt64(digit)
      restScale *= 10
    }
    let exact = part * unit
    let finer = rest * unit / restScale
    let (sum, beyond) = nanoseconds.addingReportingOverflow((exact + finer) / scale)
    return beyond ? nil : sum
  }

  private static func unit(_ reader: inout Reader) -> UInt64? {
    if reader.take("ns") { return 1 }
    if reader.take("us") || reader.take("µs") || reader.take("μs") { return 1000 }
    if reader.take("ms") { return 1_000_000 }
    if reader.take("s") { return 1_000_000_000 }
    if reader.take("m") { return 60_000_000_000 }
    if reader.take("h") { return 3_600_000_000_000 }
    return nil
  }

  /// In seconds, as `3.5s`.
  static func text(nanoseconds: Int64) -> String {
    let (seconds, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
    return "\(nanoseconds < 0 ? "-" : "")\(seconds)\(fraction(rest))s"
  }

  /// The shortest of 0, 3, 6 and 9 digits that is exact would be protobuf's choice; here trailing zeros go one by one.
  private static func fraction(_ nanoseconds: UInt64) -> String {
    guard nanoseconds > 0 else { return "" }
    var digits = Array(padded(Int64(nanoseconds), 9).utf8)
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return "." + String(decoding: digits, as: UTF8.self)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }
    var rest: [UInt8] { Array(bytes[position...]) }

    mutating func take(_ text: StaticString) -> Bool {
      let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
      guard bytes[position...].starts(with: wanted) else { return false }
      position += wanted.count
      return true
    }

    mutating func digits() -> [UInt8] {
      let start = position
      while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
      return bytes[start..<position].map { $0 - 0x30 }
    }

    /// Exactly so many digits.
    mutating func number(digits count: Int) -> Int64? {
      guard position + count <= bytes.count else { return nil }
      var number: Int64 = 0
      for _ in 0..<count {
        let digit = Int64(bytes[position]) - 0x30
        guard (0...9).contains(digit) else { return nil }
        number = number * 10 + digit
        position += 1
      }
      return number
    }

    /// One to so many digits after the point, filled up with zeros; further ones are dropped.
    mutating func fraction(digits count: Int) -> Int64? {
      let found = digits()
      guard !found.isEmpty else { return nil }
      return (0..<count).reduce(0) { $0 * 10 + ($1 < found.count ? Int64(found[$1]) : 0) }
    }
  }
}
