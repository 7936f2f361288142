/// Parts of timestamps (in a time zone, UTC by default) and of durations.
enum TimeFunctions {
  static func apply(_ function: Function, _ value: Value, zone: Zone = .utc) throws(EvaluationFault) -> Value? {
    switch value {
    case .timestamp(let time):
      let civil = CivilTime(seconds: time.seconds + zone.offset(at: time.seconds))
      return part(function, of: civil, nanoseconds: time.nanoseconds).map(Value.int)
    case .duration(let nanoseconds):
      return part(function, ofSpan: nanoseconds).map(Value.int)
    default:
      return nil
    }
  }

  private static func part(_ function: Function, of civil: CivilTime, nanoseconds: Int32) -> Int64? {
    switch function {
    case .getFullYear: civil.year
    case .getMonth: civil.month - 1
    case .getDate: civil.day
    case .getDayOfMonth: civil.day - 1
    case .getDayOfWeek: civil.dayOfWeek
    case .getDayOfYear: civil.dayOfYear
    case .getHours: civil.hour
    case .getMinutes: civil.minute
    case .getSeconds: civil.second
    case .getMilliseconds: Int64(nanoseconds / 1_000_000)
    default: nil
    }
  }

  /// The whole span in the unit, but for milliseconds, which are the part of a second.
  private static func part(_ function: Function, ofSpan nanoseconds: Int64) -> Int64? {
    switch function {
    case .getHours: nanoseconds / 3_600_000_000_000
    case .getMinutes: nanoseconds / 60_000_000_000
    case .getSeconds: nanoseconds / 1_000_000_000
    case .getMilliseconds: nanoseconds / 1_000_000 % 1000
    default: nil
    }
  }
}
