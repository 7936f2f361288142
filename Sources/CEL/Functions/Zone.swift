import Foundation

/// A time zone: a fixed offset such as `+05:30`, or a name of the tz database such as `Europe/Paris`.
enum Zone: Sendable {
  case fixed(seconds: Int64)
  case named(TimeZone)

  static let utc = Zone.fixed(seconds: 0)

  init(_ name: String) throws(EvaluationFault) {
    if name == "UTC" {
      self = .utc
    } else if let seconds = Self.offset(name) {
      self = .fixed(seconds: seconds)
    } else if !name.isEmpty, let zone = TimeZone(identifier: name) {
      self = .named(zone)
    } else {
      throw EvaluationFault(.unknownZone(name))
    }
  }

  /// Seconds east of UTC at a time given in seconds since 1970.
  func offset(at seconds: Int64) -> Int64 {
    switch self {
    case .fixed(let offset): offset
    case .named(let zone): Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }
  }

  /// `+HH:MM`, `-HH:MM` or `HH:MM`.
  private static func offset(_ name: String) -> Int64? {
    var text = Array(name.utf8)
    let west = text.first == UInt8(ascii: "-")
    if west || text.first == UInt8(ascii: "+") { text.removeFirst() }
    guard text.count == 5, text[2] == UInt8(ascii: ":") else { return nil }
    let digits = [text[0], text[1], text[3], text[4]].map { Int64($0) - 0x30 }
    guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
    let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
    guard hours < 24, minutes < 60 else { return nil }
    return (hours * 3600 + minutes * 60) * (west ? -1 : 1)
  }
}
