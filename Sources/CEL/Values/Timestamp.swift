/// A point in time from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
public struct Timestamp: Hashable, Sendable, Comparable {
  /// Since 1970-01-01T00:00:00Z, rounded down.
  public let seconds: Int64
  /// 0 ... 999,999,999, counted forward from `seconds`.
  public let nanoseconds: Int32

  static let earliest: Int64 = -62_135_596_800
  static let latest: Int64 = 253_402_300_799

  /// Nil outside the range.
  public init?(seconds: Int64, nanoseconds: Int32 = 0) {
    guard (Self.earliest...Self.latest).contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else { return nil }
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Nil outside the range.
  public init?(milliseconds: Int64) {
    let (seconds, rest) = Self.split(milliseconds, by: 1000)
    self.init(seconds: seconds, nanoseconds: Int32(rest * 1_000_000))
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.seconds != right.seconds ? left.seconds < right.seconds : left.nanoseconds < right.nanoseconds
  }

  /// Nil if the sum is outside the range.
  func adding(nanoseconds span: Int64) -> Timestamp? {
    let (seconds, rest) = Self.split(span, by: 1_000_000_000)
    let sum = Int64(nanoseconds) + rest
    let carry: Int64 = sum >= 1_000_000_000 ? 1 : 0
    return Timestamp(seconds: self.seconds + seconds + carry, nanoseconds: Int32(sum - carry * 1_000_000_000))
  }

  /// The span from another timestamp to this one; nil if it doesn't fit.
  func nanoseconds(since other: Timestamp) -> Int64? {
    let (whole, overflow) = (seconds - other.seconds).multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return nil }
    let (span, beyond) = whole.addingReportingOverflow(Int64(nanoseconds) - Int64(other.nanoseconds))
    return beyond ? nil : span
  }

  /// Division rounded down, with its rest, which is never negative.
  static func split(_ value: Int64, by unit: Int64) -> (whole: Int64, rest: Int64) {
    let (whole, rest) = value.quotientAndRemainder(dividingBy: unit)
    return rest < 0 ? (whole - 1, rest + unit) : (whole, rest)
  }
}

/// A day and time of the proleptic Gregorian calendar.
struct CivilTime: Equatable {
  var year: Int64
  /// 1 ... 12
  var month: Int64
  /// 1 ... 31
  var day: Int64
  var hour: Int64
  var minute: Int64
  var second: Int64

  init(year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// Seconds since 1970-01-01T00:00:00, in whatever zone they count.
  init(seconds: Int64) {
    let (days, time) = Timestamp.split(seconds, by: 86_400)
    // Years are counted from March, so that the leap day is a year's last; eras of 400 years repeat.
    let (era, dayOfEra) = Timestamp.split(days + 719_468, by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    hour = time / 3600
    minute = time / 60 % 60
    second = time % 60
  }

  /// Since 1970-01-01.
  var days: Int64 {
    let (era, yearOfEra) = Timestamp.split(month <= 2 ? year - 1 : year, by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  var seconds: Int64 { days * 86_400 + hour * 3600 + minute * 60 + second }

  /// 0 is Sunday.
  var dayOfWeek: Int64 { Timestamp.split(days + 4, by: 7).rest }

  /// 0 is the first of January.
  var dayOfYear: Int64 { days - CivilTime(year: year, month: 1, day: 1, hour: 0, minute: 0, second: 0).days }

  static func daysInMonth(_ month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
