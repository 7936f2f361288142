import Foundation

/// The hours of a day in which a lane runs: `22:00-06:00 Europe/Tallinn`. Pure: the caller says what time it is.
///
/// The hours are what a clock on the wall of that place shows. So on the nights when it is put forward or back, a window that holds the
/// change is an hour shorter or longer, an hour that is skipped opens nothing, and one that comes twice counts twice.
package struct ActiveWindow: Hashable, Sendable, CustomStringConvertible {
  /// The hours' beginning and end, in minutes of the day. The end is not included; one before the beginning is on the next day.
  let from: Int
  let to: Int
  let zone: TimeZone
  package let description: String

  enum Fault: Error {
    case form
    case unknownZone(String)
    case empty
  }

  init(_ text: String) throws(Fault) {
    guard let match = text.wholeMatch(of: /([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2}) +(\S+)/) else { throw .form }
    guard let from = Self.minutes(match.1, match.2, isEnd: false), let to = Self.minutes(match.3, match.4, isEnd: true) else { throw .form }
    // Only names of places have rules for summer time; abbreviations such as EST mean different things.
    guard match.5 == "UTC" || match.5.contains("/"), let zone = TimeZone(identifier: String(match.5)) else {
      throw .unknownZone(String(match.5))
    }
    if from == to { throw .empty }
    self.from = from
    self.to = to
    self.zone = zone
    description = text
  }

  /// Whether the lane runs at this time.
  /// - Parameter milliseconds: since 1970.
  package func isActive(atMs milliseconds: Int64) -> Bool {
    let seconds = milliseconds.flooredQuotient(1000)
    let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
    let minute = Int((seconds + Int64(offset)).flooredQuotient(60) - (seconds + Int64(offset)).flooredQuotient(86_400) * 1440)
    return from < to ? minute >= from && minute < to : minute >= from || minute < to
  }

  /// A time of the day in minutes; nil if there is no such time. `24:00` is an end only.
  private static func minutes(_ hours: Substring, _ minutes: Substring, isEnd: Bool) -> Int? {
    guard let hours = Int(hours), let minutes = Int(minutes), minutes < 60 else { return nil }
    return hours < 24 || (isEnd && hours == 24 && minutes == 0) ? hours * 60 + minutes : nil
  }
}

extension Int64 {
  fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 { (self >= 0 ? self : self - divisor + 1) / divisor }
}
